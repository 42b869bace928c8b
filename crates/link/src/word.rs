//! The relay's word: what is done once in the whole shop is free at the till that made the thing, and at any other only
//! while the relay can be asked. Who is first all the same is settled by the relay.

use ledger::Store;
use loyalty::{Code, EntryId};

use crate::once::{Report, round};
use crate::{Client, Result};

/// Before a line is taken back: for a redemption of another till, what the shop knows of it comes first.
///
/// # Errors
/// `needs_relay` where that can't be had now; a storage error.
pub fn word_on_line(store: &Store, entry: EntryId, hurried: impl FnOnce() -> Result<Client>) -> ledger::Result<()> {
    if store.is_anothers_redemption(entry)? {
        return word(store, hurried);
    }
    Ok(())
}

/// Before a held sale is decided that another till recorded.
///
/// # Errors
/// As [`word_on_line`].
pub fn word_on_sale(
    store: &Store,
    source: &str,
    sale_id: &str,
    hurried: impl FnOnce() -> Result<Client>,
) -> ledger::Result<()> {
    if store.is_anothers_sale(source, sale_id)? {
        return word(store, hurried);
    }
    Ok(())
}

fn word(store: &Store, hurried: impl FnOnce() -> Result<Client>) -> ledger::Result<()> {
    let asked = hurried().and_then(|line| round(store, &line, &mut Report::default(), |_| {}));
    asked.map(drop).map_err(|_| Code::NeedsRelay.into())
}
