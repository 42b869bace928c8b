//! What is stored of documents elsewhere and of the keys for Google Docs. When a row changes is decided in `look` and
//! `desk`.

use loyalty::{ShopId, UtcMs};
use sha2::{Digest, Sha256};
use sync::documents::DocumentProblem;

use super::What;
use super::fetch::Marks;
use super::service_account::{BadKey, ServiceAccount};
use super::source::Source;
use crate::args;
use crate::mail::seal::Key;
use crate::store::db::{Db, DbError, Result, Row, Tx};

/// Between two looks at a document.
pub const EVERY_MS: i64 = 15 * 60_000;
/// What the keys are sealed for.
const PURPOSE: &str = "regulars-document-key-1";

/// A document elsewhere.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose.
    pub shop: ShopId,
    /// Which.
    pub what: What,
    /// Where it is.
    pub source: Source,
    /// Since when.
    pub set_at: UtcMs,
    /// How many looks have begun.
    pub looks: i64,
    /// The next one.
    pub due_at: UtcMs,
    /// The last one that ended.
    pub looked_at: Option<UtcMs>,
    /// The text that was last taken over.
    pub hash: Option<[u8; 32]>,
    /// What its server called it.
    pub marks: Marks,
    /// When it was put in force.
    pub published_at: Option<UtcMs>,
    /// As which version.
    pub version: Option<i64>,
    /// Why what is there now was not taken over.
    pub problem: Option<DocumentProblem>,
}

const COLUMNS: &str =
    "shop_id, what, source, place, set_at, looks, due_at, looked_at, hash, etag, modified, published_at,
                       version, problem_said";

fn broken(what: &str) -> DbError {
    DbError::Broken(format!("a document's {what} can't be read"))
}

impl Kept {
    fn of(row: &Row) -> Result<Self> {
        let problem = row.opt_text(13)?.map(|said| serde_json::from_str(&said)).transpose();
        Ok(Self {
            shop: ShopId(row.id(0)?),
            what: What::named(&row.text(1)?).ok_or_else(|| broken("name"))?,
            source: Source::stored(&row.text(2)?, &row.text(3)?).ok_or_else(|| broken("place"))?,
            set_at: UtcMs(row.int(4)?),
            looks: row.int(5)?,
            due_at: UtcMs(row.int(6)?),
            looked_at: row.opt_int(7)?.map(UtcMs),
            hash: row.opt_bytes(8)?.is_some().then(|| row.array(8)).transpose()?,
            marks: Marks {
                etag: row.opt_text(9)?,
                modified: row.opt_text(10)?,
            },
            published_at: row.opt_int(11)?.map(UtcMs),
            version: row.opt_int(12)?,
            problem: problem.map_err(|_| broken("problem"))?,
        })
    }

    /// Stores it, over what was there.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn write(&self, tx: &mut Tx) -> Result<()> {
        let sql = "INSERT INTO documents (shop_id, what, source, place, set_at, looks, due_at, looked_at, hash, etag,
                                          modified, published_at, version, problem_said, problem, problem_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                   ON CONFLICT (shop_id, what) DO UPDATE SET source = excluded.source, place = excluded.place,
                       set_at = excluded.set_at, looks = excluded.looks, due_at = excluded.due_at,
                       looked_at = excluded.looked_at, hash = excluded.hash, etag = excluded.etag,
                       modified = excluded.modified, published_at = excluded.published_at, version = excluded.version,
                       problem_said = excluded.problem_said, problem = excluded.problem,
                       problem_at = excluded.problem_at";
        let (sort, place) = self.source.parts();
        let problem = self.problem.as_ref();
        let said = problem.map(serde_json::to_string).transpose();
        let said = said.map_err(|error| DbError::Broken(error.to_string()))?;
        let args = args![
            &self.shop.0,
            self.what.key(),
            sort,
            place,
            self.set_at.0,
            self.looks,
            self.due_at.0,
            self.looked_at.map(|at| at.0),
            self.hash.as_ref(),
            self.marks.etag.as_deref(),
            self.marks.modified.as_deref(),
            self.published_at.map(|at| at.0),
            self.version,
            said.as_deref(),
            problem.map(|problem| problem.code.as_str()),
            problem.map(|problem| problem.since.0),
        ];
        tx.run(sql, args).await.map(drop)
    }
}

/// The first moment after `now` at which a document is looked at: each document's own within the quarter of an hour, so
/// that not all are looked at in the same minute.
#[must_use]
pub fn next_look(shop: ShopId, what: What, now: UtcMs) -> UtcMs {
    let mut digest = Sha256::new();
    digest.update(shop.0.as_bytes());
    digest.update(what.key());
    let [a, b, c, d, ..] = <[u8; 32]>::from(digest.finalize());
    let offset = i64::from(u32::from_be_bytes([a, b, c, d])) % EVERY_MS;
    UtcMs((now.0 - offset).div_euclid(EVERY_MS) * EVERY_MS + offset + EVERY_MS)
}

/// A shop's documents elsewhere.
///
/// # Errors
/// Where the database is away.
pub async fn all(db: &Db, shop: ShopId) -> Result<Vec<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE shop_id = $1 ORDER BY what");
    db.all(&sql, args![&shop.0]).await?.iter().map(Kept::of).collect()
}

/// One of them.
///
/// # Errors
/// Where the database is away.
pub async fn within(tx: &mut Tx, shop: ShopId, what: What) -> Result<Option<Kept>> {
    let sql = format!("SELECT {COLUMNS} FROM documents WHERE shop_id = $1 AND what = $2");
    tx.first(&sql, args![&shop.0, what.key()])
        .await?
        .as_ref()
        .map(Kept::of)
        .transpose()
}

/// Begins the look that is due and has waited longest, of shops that are served: nobody else begins it.
///
/// # Errors
/// Where the database is away.
pub async fn claim_due(db: &Db, now: UtcMs) -> Result<Option<Kept>> {
    // Mostly there is nothing to do: that is seen without a lock.
    let due = "FROM documents d JOIN shops s ON s.shop_id = d.shop_id AND s.status = 'active' WHERE d.due_at <= $1";
    let any = format!("SELECT 1 {due} LIMIT 1");
    if db.first(&any, args![now.0]).await?.is_none() {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let skip = match tx {
        Tx::Sqlite(..) => "",
        Tx::Postgres(_) => " FOR UPDATE OF d SKIP LOCKED",
    };
    let first = format!("SELECT d.shop_id, d.what {due} ORDER BY d.due_at LIMIT 1{skip}");
    let Some(row) = tx.first(&first, args![now.0]).await? else {
        return Ok(None);
    };
    let what = What::named(&row.text(1)?).ok_or_else(|| broken("name"))?;
    let claimed = begin(&mut tx, ShopId(row.id(0)?), what, now).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Begins a look at one document, whether it is due or not.
///
/// # Errors
/// Where the database is away.
pub async fn claim(db: &Db, shop: ShopId, what: What, now: UtcMs) -> Result<Option<Kept>> {
    let mut tx = db.begin().await?;
    let claimed = begin(&mut tx, shop, what, now).await?;
    tx.commit().await?;
    Ok(claimed)
}

async fn begin(tx: &mut Tx, shop: ShopId, what: What, now: UtcMs) -> Result<Option<Kept>> {
    let sql = "UPDATE documents SET looks = looks + 1, due_at = $3 WHERE shop_id = $1 AND what = $2";
    let next = next_look(shop, what, now);
    tx.run(sql, args![&shop.0, what.key(), next.0]).await?;
    within(tx, shop, what).await
}

/// The document is none of the relay's any more. Answers whether there was one.
///
/// # Errors
/// Where the database is away.
pub async fn forget(db: &Db, shop: ShopId, what: What) -> Result<bool> {
    let sql = "DELETE FROM documents WHERE shop_id = $1 AND what = $2";
    Ok(db.run(sql, args![&shop.0, what.key()]).await? == 1)
}

/// The address of a shop's service account.
///
/// # Errors
/// Where the database is away.
pub async fn account_address(db: &Db, shop: ShopId) -> Result<Option<String>> {
    let sql = "SELECT address FROM document_keys WHERE shop_id = $1";
    db.first(sql, args![&shop.0]).await?.map(|row| row.text(0)).transpose()
}

/// A shop's service account, opened with the relay's key; none where there is none or it can't be.
///
/// # Errors
/// Where the database is away.
pub async fn account(db: &Db, key: Option<&Key>, shop: ShopId) -> Result<Option<ServiceAccount>> {
    let sql = "SELECT key FROM document_keys WHERE shop_id = $1";
    let Some(row) = db.first(sql, args![&shop.0]).await? else {
        return Ok(None);
    };
    let sealed = row.bytes(0)?;
    let text = key.and_then(|key| key.open_for(PURPOSE, shop, &sealed).ok());
    Ok(text.and_then(|text| ServiceAccount::read(&text).ok()))
}

/// Why a key was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// It is none.
    #[error(transparent)]
    Bad(#[from] BadKey),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Keeps a service account's key, sealed; answers its address.
///
/// # Errors
/// [`NotKept`].
pub async fn set_account(db: &Db, key: &Key, shop: ShopId, text: &str, now: UtcMs) -> Result<String, NotKept> {
    let account = ServiceAccount::read(text)?;
    let sealed = key.seal_for(PURPOSE, shop, text).map_err(|_| BadKey)?;
    let sql = "INSERT INTO document_keys (shop_id, address, key, set_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (shop_id) DO UPDATE SET address = excluded.address, key = excluded.key,
                   set_at = excluded.set_at";
    db.run(sql, args![&shop.0, &account.address, &sealed[..], now.0])
        .await?;
    Ok(account.address)
}

/// Forgets it.
///
/// # Errors
/// Where the database is away.
pub async fn forget_account(db: &Db, shop: ShopId) -> Result<()> {
    let sql = "DELETE FROM document_keys WHERE shop_id = $1";
    db.run(sql, args![&shop.0]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn looks_are_a_quarter_of_an_hour_apart(shop in any::<u128>(), now in 0..4_000_000_000_000_i64) {
            let (shop, what) = (ShopId(Uuid::from_u128(shop)), What::Rules);
            let next = next_look(shop, what, UtcMs(now));
            prop_assert!(next.0 > now && next.0 - now <= EVERY_MS);
            prop_assert_eq!(next_look(shop, what, next).0, next.0 + EVERY_MS);
            prop_assert_eq!(next_look(shop, what, UtcMs(next.0 - 1)), next);
        }
    }
}
