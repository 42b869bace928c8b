//! A row of a file of sales: credited once by its number, its customer enrolled if unknown.

use ledger::Tx;
use pos::file::SaleRow;

use crate::run::{Tally, by};

/// Records a row.
pub fn apply(tx: &Tx<'_>, row: &SaleRow, source: &str, tally: &mut Tally) -> ledger::Result<()> {
    let done = tx.credit(tx.new_op(), &by(), &row.clone().into_sale(source))?;
    if done.before.is_some() {
        tally.duplicates += 1;
        return Ok(());
    }
    tally.recorded += 1;
    tally.members_created += u64::from(done.enrolled);
    if done.entry.is_some() {
        tally.points += done.points;
    }
    Ok(())
}
