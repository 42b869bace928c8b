//! Many rows in few statements: a page of a thousand operations is not a thousand trips to the database.

use super::db::{Arg, Result, Row, Tx};

/// Values in one statement. PostgreSQL takes 65,535, SQLite half of that.
const VALUES_MAX: usize = 16_000;

/// Inserts rows. `into` is all before VALUES, `then` all after.
///
/// # Errors
/// Where the database is away or refuses.
pub async fn insert<'a, const N: usize>(
    tx: &mut Tx,
    into: &str,
    rows: impl Iterator<Item = [Arg<'a>; N]>,
    then: &str,
) -> Result<()> {
    let args: Vec<Arg<'a>> = rows.flatten().collect();
    for some in args.chunks(VALUES_MAX / N * N) {
        let rows: Vec<String> = (0..some.len() / N)
            .map(|row| format!("({})", places(row * N + 1, N)))
            .collect();
        tx.run(&format!("{into} VALUES {} {then}", rows.join(", ")), some)
            .await?;
    }
    Ok(())
}

/// The rows of `select` (which has `$1` and ends before the list) whose column is one of `keys`.
///
/// # Errors
/// Where the database is away.
pub async fn select(tx: &mut Tx, select: &str, shop: Arg<'_>, keys: &[Arg<'_>]) -> Result<Vec<Row>> {
    let mut found = Vec::new();
    for some in keys.chunks(VALUES_MAX) {
        let args: Vec<Arg<'_>> = std::iter::once(shop).chain(some.iter().copied()).collect();
        found.extend(tx.all(&format!("{select} ({})", places(2, some.len())), &args).await?);
    }
    Ok(found)
}

/// `$3, $4, $5` for 3 and 3.
fn places(from: usize, count: usize) -> String {
    let places: Vec<String> = (from..from + count).map(|at| format!("${at}")).collect();
    places.join(", ")
}
