//! The till's own backups: what is set, how they went, and the closed codes of what kept one from being made.

use serde::{Deserialize, Serialize};
use specta::Type;

/// All that the settings show of them.
#[derive(Serialize, Type, Debug)]
pub struct Backups {
    /// The folder they go to; empty where they go to none.
    pub folder: String,
    /// The storage they go to instead. Where there is neither, none are made.
    pub storage: Option<BackupStorage>,
    /// It is on the disk that the shop itself is on.
    pub same_disk: bool,
    /// When one is made each day, `HH:MM` by the shop's clock.
    pub at: String,
    /// There is a passphrase to seal them with.
    pub passphrase: bool,
    /// How far the one under way is, in percent; None while there is none.
    pub running: Option<i32>,
    /// When the last good one was made.
    pub last: Option<String>,
    /// When the next one is due; None where none will be made.
    pub next: Option<String>,
    /// What keeps them from being made.
    pub trouble: Option<BackupTrouble>,
    /// The last twenty, newest first.
    pub runs: Vec<BackupRun>,
}

/// S3-compatible storage, without the key's secret.
#[derive(Serialize, Deserialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct BackupStorage {
    /// `https://s3.eu-central-1.amazonaws.com`
    pub endpoint: String,
    /// Its region, such as `eu-central-1`.
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What names begin with; may be empty.
    pub prefix: String,
    /// The id of the key.
    pub key_id: String,
    /// The bucket stands in the path, not in the host's name.
    pub path_style: bool,
    /// A file with certificates to trust; empty: the system's.
    pub ca_file: String,
}

/// What keeps backups from being made.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct BackupTrouble {
    /// The closed code.
    pub code: BackupCode,
    /// The folder or storage it is about.
    pub place: String,
    /// What the system said, for whoever helps.
    pub detail: String,
}

/// Closed codes of what keeps a backup from being made; the window has a sentence for each.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum BackupCode {
    /// There is no such folder, or the disk it is on is not plugged in.
    Missing,
    /// It can't be written.
    NotAllowed,
    /// No room there, or beside the shop's own file.
    Full,
    /// A backup that was there is gone.
    Gone,
    /// What was read back is not what was written.
    Changed,
    /// What was sealed does not open again.
    NotWhole,
    /// There is no passphrase on this machine, or one that is too short.
    Passphrase,
    /// The keyring that has the passphrase does not answer.
    Secrets,
    /// The shop's own file does not verify: nothing was made of it.
    Damaged,
    /// What was said of the storage can't be right.
    BadAddress,
    /// The storage can't be reached, or the line broke.
    Unreachable,
    /// Nobody vouches for the storage's certificate.
    Certificate,
    /// The storage does not know the key, or its secret is another one.
    WrongKey,
    /// This computer's clock is off.
    Clock,
    /// There is no such bucket.
    NoBucket,
    /// The bucket is in another region.
    Region,
    /// More than 5 GiB.
    TooBig,
    /// The storage has trouble of its own.
    Busy,
    /// Anything else the machine said.
    Io,
}

/// One that was made, or not.
#[derive(Serialize, Type, Clone, Debug)]
pub struct BackupRun {
    /// When.
    pub at: String,
    /// Whether.
    pub made: bool,
    /// Somebody asked for it, not the clock.
    pub by_hand: bool,
    /// Its file's name; empty where it was not made.
    pub file: String,
    /// The folder or storage.
    pub place: String,
    /// How big, in thousands of bytes.
    pub kb: i32,
    /// Why it was not made; of one that was: why older ones could not be taken away.
    pub code: Option<BackupCode>,
    /// What the system said.
    pub why: String,
}
