//! Where the shop is, and opening it. Making a shop is in `shop`.

use ledger::{Clock, Options, StorageCode, StorageError, Store, SystemClock};
use loyalty::op::By;
use loyalty::{Role, UtcMs};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::{Failure, Result};

/// How long work in the background waits for the file.
const PATIENCE: Duration = Duration::from_secs(120);

/// The shop's folder, as the arguments, the environment or the system say.
pub struct Place(Option<PathBuf>);

impl Place {
    /// The folder that was named, if one was.
    pub fn new(named: Option<PathBuf>) -> Self {
        let usual = || dirs::data_dir().map(|dir| dir.join("Regulars"));
        Self(named.filter(|dir| !dir.as_os_str().is_empty()).or_else(usual))
    }

    /// The folder.
    pub fn dir(&self) -> Result<&Path> {
        let nowhere =
            || Failure::usage("This user has no folder for apps' data. Name one with --data DIR or REGULARS_DATA.");
        self.0.as_deref().ok_or_else(nowhere)
    }

    /// The shop in it.
    pub fn open(&self) -> Result<Store> {
        self.open_as(Options::default())
    }

    /// The shop in it, for work in the background: it waits longer for others than a person would.
    pub fn open_patiently(&self) -> Result<Store> {
        self.open_as(Options {
            busy: PATIENCE,
            ..Options::default()
        })
    }

    fn open_as(&self, options: Options) -> Result<Store> {
        let dir = self.dir()?;
        Store::open(dir, options).map_err(|e| match e {
            ledger::Error::Refused(_) => {
                loyalty::Refusal::of(loyalty::Code::NotInitialised, "data", &dir.display().to_string()).into()
            }
            e => e.into(),
        })
    }
}

/// On whose word this program acts.
pub fn by() -> By {
    By::Job("ctl".into())
}

/// Whoever can run this program on the shop's files may do everything.
pub fn actor() -> ledger::Actor {
    ledger::Actor {
        by: by(),
        role: Role::Owner,
    }
}

/// Now, where there is no store to ask.
pub fn now() -> UtcMs {
    SystemClock.now()
}

/// A file system's error about `path`, with the way on that its kind has.
pub fn io(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("There is no file {}.", path.display())),
        std::io::ErrorKind::IsADirectory => Failure::usage(format!("{} is a folder, not a file.", path.display())),
        _ => Failure::from(StorageError::of_io(&e, path)),
    }
}

/// A file that could not be written: its folder may be missing, or full.
pub fn unwritten(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure::usage(format!("There is no folder for {}.", path.display())),
        _ => Failure::from(StorageError::of_io(&e, path)),
    }
}

/// Refuses to write over the shop itself.
pub fn not_the_shop(place: &Place, file: &Path) -> Result<()> {
    let shop = ledger::file(place.dir()?);
    let real = |p: &Path| p.canonicalize().ok();
    let is_side =
        |tail: &str| real(file).is_some_and(|f| Some(f) == real(Path::new(&format!("{}{tail}", shop.display()))));
    if ["", "-wal", "-shm"].iter().any(|tail| is_side(tail)) {
        return Err(Failure::usage(format!(
            "{} is the shop itself. Name another file.",
            file.display()
        )));
    }
    Ok(())
}

/// Whether the store says that its file is damaged.
pub fn is_damaged(e: &ledger::Error) -> bool {
    matches!(e, ledger::Error::Storage(s) if s.code == StorageCode::Damaged)
}
