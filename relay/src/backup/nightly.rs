//! The daily backup of a relay that has a place for it: once a day at its minute, at the next look where the relay was
//! off then, and again after a quarter of an hour where it failed. What was done is noted beside the backups.

use backups::{Note, Notes, Shelf};
use chrono::{Days, NaiveTime};
use loyalty::UtcMs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use super::run::{BackupError, Backups, Made, blocking};
use super::told;
use crate::clock;
use crate::serve::app::App;
use crate::store::Db;

/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// The notes, beside the backups of a folder.
const NOTES: &str = "relay-backups.jsonl";
/// Notes that are shown.
const SHOWN: usize = 50;

/// Whether one is due: the last one is from before the last moment of `at` (by UTC), and nothing was tried just now.
#[must_use]
pub fn is_due(at: NaiveTime, now: UtcMs, last: Option<UtcMs>, tried: Option<UtcMs>) -> bool {
    let today = now.utc().date_naive().and_time(at).and_utc();
    let planned = if today <= now.utc() {
        today
    } else {
        today.checked_sub_days(Days::new(1)).unwrap_or(today)
    };
    backups::is_due(
        planned.timestamp_millis(),
        now.0,
        last.map(|at| at.0),
        tried.map(|at| at.0),
    )
}

/// Makes a backup and notes how that went.
///
/// # Errors
/// See [`BackupError`]; that is noted, too, where notes can be written.
pub async fn make(backups: &Backups, db: &Db, url: &str, now: UtcMs) -> Result<Made, BackupError> {
    let made = backups.make(db, url, now).await;
    let mut note = Note {
        at: now.rfc3339(),
        made: made.is_ok(),
        place: backups.shelf.to_string(),
        ..Note::default()
    };
    match &made {
        Ok(made) => {
            note.file = made.file.rsplit('/').next().unwrap_or_default().to_owned();
            note.bytes = made.bytes;
        }
        Err(error) => (note.code, note.why) = (error.code().to_owned(), error.to_string()),
    }
    if let Some(notes) = file_of(backups) {
        notes.add(&note);
    }
    // Owners hear of it; a database that is away is said by all else.
    let _ = told::note(db, now, &note.code).await;
    made
}

/// The file of the notes; none for storage that has no folder.
fn file_of(backups: &Backups) -> Option<Notes> {
    match &backups.shelf {
        Shelf::Folder(folder) => Some(Notes::at(&folder.path.join(NOTES))),
        Shelf::S3(_) => None,
    }
}

/// What was noted, the newest first.
#[must_use]
pub fn notes(backups: &Backups) -> Vec<Note> {
    file_of(backups).map_or_else(Vec::new, |notes| notes.newest(SHOWN))
}

/// When the newest one was made, as their names tell.
async fn newest(backups: &Backups) -> Option<UtcMs> {
    let looks = backups.clone();
    let all = blocking(move || looks.list()).await.ok()?;
    all.last().map(|(name, _)| UtcMs(name.at.timestamp_millis()))
}

/// Does it until the relay stops.
pub async fn keep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Some((backups, at)) = app.settings.backups() else {
        return;
    };
    let backups = match backups {
        Ok(backups) => backups,
        Err(error) => {
            tracing::error!(%error, "backups_can_not_be_made");
            return;
        }
    };
    let (mut tried, mut last, mut heard) = (None, newest(&backups).await, clock::now());
    let mut every = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        let now = clock::now();
        if let Some(last) = last {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("regulars_relay_backup_age_seconds").set(((now.0 - last.0) / 1000) as f64);
        }
        let asked = told::is_asked(&app.db, heard).await.unwrap_or(false);
        if !asked && !is_due(at, now, last, tried) {
            continue;
        }
        (tried, heard) = (Some(now), now);
        // Somebody may have made one by hand.
        last = newest(&backups).await.or(last);
        if !asked && !is_due(at, now, last, None) {
            continue;
        }
        match make(&backups, &app.db, &app.settings.database, now).await {
            Ok(made) => {
                last = Some(now);
                tracing::info!(bytes = made.bytes, removed = made.removed, "backup_made");
            }
            Err(error) => tracing::error!(%error, code = error.code(), "backup_not_made"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_day_also_after_a_night_without_power() {
        let three = NaiveTime::from_hms_opt(3, 0, 0).unwrap();
        let at = |text: &str| UtcMs(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        let now = at("2026-11-21T03:00:10Z");
        assert!(is_due(three, now, None, None));
        assert!(is_due(three, now, Some(at("2026-11-20T03:00:05Z")), None));
        assert!(!is_due(three, now, Some(at("2026-11-21T03:00:05Z")), None));
        assert!(!is_due(
            three,
            at("2026-11-21T02:59:00Z"),
            Some(at("2026-11-20T03:00:05Z")),
            None
        ));
        assert!(is_due(
            three,
            at("2026-11-21T14:00:00Z"),
            Some(at("2026-11-19T03:00:00Z")),
            None
        ));
        // It failed: not every minute.
        assert!(!is_due(three, now, None, Some(at("2026-11-21T02:50:00Z"))));
        assert!(is_due(three, now, None, Some(at("2026-11-21T02:45:00Z"))));
    }
}
