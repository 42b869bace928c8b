//! Many rows in few statements: a page of a thousand operations is not a thousand trips to the database.

use uuid::Uuid;

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
            .map(|row| format!("({})", places(tx, row * N + 1, N)))
            .collect();
        tx.run(&format!("{into} VALUES {} {then}", rows.join(", ")), some)
            .await?;
    }
    Ok(())
}

/// The rows of `select` (whose only value is `$1`, and which ends before the list) whose column is one of `keys`.
///
/// # Errors
/// Where the database is away.
pub async fn select(tx: &mut Tx, select: &str, shop: Arg<'_>, keys: &[Arg<'_>]) -> Result<Vec<Row>> {
    let select = select.replace("$1", &places(tx, 1, 1));
    let mut found = Vec::new();
    for some in keys.chunks(VALUES_MAX) {
        let args: Vec<Arg<'_>> = std::iter::once(shop).chain(some.iter().copied()).collect();
        let list = places(tx, 2, some.len());
        found.extend(tx.all(&format!("{select} ({list})"), &args).await?);
    }
    Ok(found)
}

/// Does `sql`, which ends before a list, to the rows that have one of these ids. Answers how many it changed.
///
/// # Errors
/// Where the database is away or refuses.
pub async fn run(tx: &mut Tx, sql: &str, args: &[Arg<'_>], ids: &[Uuid]) -> Result<u64> {
    let mut changed = 0;
    for some in ids.chunks(VALUES_MAX) {
        let list: Vec<String> = (args.len() + 1..=args.len() + some.len())
            .map(|place| format!("${place}"))
            .collect();
        let all: Vec<Arg<'_>> = args.iter().copied().chain(some.iter().map(Arg::from)).collect();
        changed += tx.run(&format!("{sql} ({})", list.join(", ")), &all).await?;
    }
    Ok(changed)
}

/// `$3, $4, $5` for 3 and 3; on SQLite `?, ?, ?`, because it looks through all names before it for each one with a name.
fn places(tx: &Tx, from: usize, count: usize) -> String {
    let place = |at| match tx {
        Tx::Sqlite(..) => "?".to_owned(),
        Tx::Postgres(_) => format!("${at}"),
    };
    (from..from + count).map(place).collect::<Vec<_>>().join(", ")
}
