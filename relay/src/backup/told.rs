//! What owners hear of the relay's backups, whichever relay makes them: when they were made, and that one may be asked
//! for, once an hour by all shops together. Nothing of what is in them, nor how large they are.

use loyalty::UtcMs;
use sync::mail::MailRun;

use crate::args;
use crate::store::Db;
use crate::store::db::Result;

/// The job's name, beside those of the mail.
pub const JOB: &str = "backup";
const ASKED: &str = "asked";
/// How often one may be asked for.
const HOUR_MS: i64 = 3_600_000;
/// How long they are kept.
const KEPT_MS: i64 = 90 * 86_400_000;
/// How many are shown.
const SHOWN: i64 = 20;

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// One will be made within a minute or two.
    Yes,
    /// There was one within the hour, or it was asked for.
    Soon,
    /// No relay on this database makes any.
    Nobody,
}

/// Notes how one went; an empty code: it was made.
///
/// # Errors
/// Where the database is away.
pub async fn note(db: &Db, now: UtcMs, code: &str) -> Result<()> {
    let before = now.0 - KEPT_MS;
    db.run("DELETE FROM backups_made WHERE at < $1", args![before]).await?;
    let sql = "INSERT INTO backups_made (at, code) VALUES ($1, $2) ON CONFLICT (at) DO UPDATE SET code = excluded.code";
    db.run(sql, args![now.0, code]).await.map(drop)
}

/// Asks for one: by one statement, so that two owners at once ask once.
///
/// # Errors
/// Where the database is away.
pub async fn ask(db: &Db, now: UtcMs) -> Result<Asked> {
    let made = "SELECT at FROM backups_made WHERE code <> $1 LIMIT 1";
    if db.first(made, args![ASKED]).await?.is_none() {
        return Ok(Asked::Nobody);
    }
    let sql = "INSERT INTO backups_made (at, code) SELECT $1, $2
               WHERE NOT EXISTS (SELECT 1 FROM backups_made WHERE at > $3 AND at <= $1 AND code IN ('', $2))
               ON CONFLICT (at) DO NOTHING";
    let asked = db.run(sql, args![now.0, ASKED, now.0 - HOUR_MS]).await?;
    Ok(if asked == 0 { Asked::Soon } else { Asked::Yes })
}

/// Whether somebody asked since.
///
/// # Errors
/// Where the database is away.
pub async fn is_asked(db: &Db, since: UtcMs) -> Result<bool> {
    let sql = "SELECT at FROM backups_made WHERE code = $1 AND at > $2 LIMIT 1";
    Ok(db.first(sql, args![ASKED, since.0]).await?.is_some())
}

/// The last ones, the newest first, as runs of a job: `done`, `asked`, or why it was not made.
///
/// # Errors
/// Where the database is away.
pub async fn runs(db: &Db) -> Result<Vec<MailRun>> {
    let sql = "SELECT at, code FROM backups_made ORDER BY at DESC LIMIT $1";
    let mut all = Vec::new();
    for row in db.all(sql, args![SHOWN]).await? {
        let (at, code) = (UtcMs(row.int(0)?), row.text(1)?);
        all.push(MailRun {
            job: JOB.to_owned(),
            planned_at: at,
            ran_at: at,
            outcome: if code.is_empty() { "done".to_owned() } else { code },
            made: 0,
        });
    }
    Ok(all)
}
