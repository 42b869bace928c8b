//! The daily backup of a relay that has a folder for it: once a day at its minute, at the next look where the relay was
//! off then, and again after a quarter of an hour where it failed. What was done is noted beside the backups.

use chrono::{Days, NaiveTime};
use loyalty::UtcMs;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use super::run::{BackupError, Folder, Made};
use crate::clock;
use crate::serve::app::App;
use crate::store::Db;

/// How often it is looked whether one is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// After one that failed.
const AGAIN_MS: i64 = 15 * 60_000;
/// The notes, beside the backups.
const NOTES: &str = "relay-backups.jsonl";
/// Notes that are shown.
const SHOWN: usize = 50;

/// That one was made, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: String,
    /// Whether it was made.
    pub made: bool,
    /// Its file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Its bytes.
    #[serde(default)]
    pub bytes: u64,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Whether one is due: the last one is from before the last moment of `at` (by UTC), and nothing was tried just now.
#[must_use]
pub fn is_due(at: NaiveTime, now: UtcMs, last: Option<UtcMs>, tried: Option<UtcMs>) -> bool {
    let today = now.utc().date_naive().and_time(at).and_utc();
    let planned = if today <= now.utc() {
        today
    } else {
        today.checked_sub_days(Days::new(1)).unwrap_or(today)
    };
    let missing = last.is_none_or(|last| last.0 < planned.timestamp_millis());
    missing && tried.is_none_or(|tried| now.0 - tried.0 >= AGAIN_MS)
}

/// Makes a backup and notes how that went.
///
/// # Errors
/// See [`BackupError`]; that is noted, too, where notes can be written.
pub async fn make(folder: &Folder, db: &Db, url: &str, now: UtcMs) -> Result<Made, BackupError> {
    let made = folder.make(db, url, now).await;
    let mut note = Note {
        at: now.rfc3339(),
        made: made.is_ok(),
        file: String::new(),
        bytes: 0,
        why: String::new(),
    };
    match &made {
        Ok(made) => {
            note.file = made.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            note.bytes = made.bytes;
        }
        Err(error) => note.why = error.to_string(),
    }
    // A disk that takes no note takes no backup either, and that was said.
    if let Ok(mut line) = serde_json::to_string(&note) {
        line.push('\n');
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.path.join(NOTES));
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
    made
}

/// What was noted, the newest first.
#[must_use]
pub fn notes(folder: &Folder) -> Vec<Note> {
    let text = std::fs::read_to_string(folder.path.join(NOTES)).unwrap_or_default();
    let all = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
    all.take(SHOWN).collect()
}

/// Does it until the relay stops.
pub async fn keep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Some((folder, at)) = app.settings.backup_folder() else {
        return;
    };
    let mut tried = None;
    let mut every = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        let folder = match &folder {
            Ok(folder) => folder,
            Err(error) => {
                tracing::error!(%error, "backup_not_made");
                continue;
            }
        };
        let last = folder
            .list()
            .ok()
            .and_then(|all| all.last().map(|(name, _)| UtcMs(name.at.timestamp_millis())));
        let now = clock::now();
        if let Some(last) = last {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            metrics::gauge!("regulars_relay_backup_age_seconds").set(((now.0 - last.0) / 1000) as f64);
        }
        if !is_due(at, now, last, tried) {
            continue;
        }
        tried = Some(now);
        match make(folder, &app.db, &app.settings.database, now).await {
            Ok(made) => tracing::info!(bytes = made.bytes, removed = made.removed, "backup_made"),
            Err(error) => tracing::error!(%error, "backup_not_made"),
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
