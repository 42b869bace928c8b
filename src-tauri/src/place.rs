//! Where the shop's data is: `--data DIR`, else `REGULARS_DATA`, else the system's place for an app's data. Making and
//! opening the store, and the lock on the folder, are in `ledger`.

use std::ffi::OsString;
use std::path::{Path, PathBuf, absolute};

/// The environment variable that names the data folder.
const DATA: &str = "REGULARS_DATA";

/// The data folder.
#[derive(Clone, Debug)]
pub struct Place {
    folder: PathBuf,
}

/// Why there is no data folder to use.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// `--data` without a folder behind it.
    #[error("--data needs a folder: regulars --data DIR")]
    DataAlone,
    /// The system has no folder for apps' data.
    #[error("this user has no folder for apps' data: name one with --data DIR or {DATA}")]
    Nowhere,
    /// The folder's name can't be made absolute.
    #[error("the data folder can't be found: {0}")]
    NotFound(std::io::Error),
}

impl Place {
    /// The folder as this process was told by its arguments (without its own name), its environment or the system.
    ///
    /// # Errors
    /// See [`PlaceError`].
    pub fn from_machine(args: impl Iterator<Item = OsString>) -> Result<Self, PlaceError> {
        let named = std::env::var_os(DATA).filter(|dir| !dir.is_empty());
        let usual = dirs::data_dir().map(|dir| dir.join("Regulars"));
        let folder = data_argument(args)?
            .or(named.map(PathBuf::from))
            .or(usual)
            .ok_or(PlaceError::Nowhere)?;
        absolute(folder)
            .map(|folder| Self { folder })
            .map_err(PlaceError::NotFound)
    }

    /// This folder.
    #[cfg(test)]
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The shop's database, as tauri-plugin-sql and sqlx name it: percent-encoded, read-only.
    pub fn reports_url(&self) -> String {
        let path = ledger::file(&self.folder);
        let mut encoded = String::new();
        for c in path.to_string_lossy().chars() {
            match c {
                '%' => encoded.push_str("%25"),
                '?' => encoded.push_str("%3F"),
                '#' => encoded.push_str("%23"),
                c => encoded.push(c),
            }
        }
        format!("sqlite:{encoded}?mode=ro")
    }
}

/// The folder behind `--data`. Everything else is left to others: the web view has arguments of its own.
fn data_argument(mut args: impl Iterator<Item = OsString>) -> Result<Option<PathBuf>, PlaceError> {
    while let Some(arg) = args.next() {
        let folder = if arg == "--data" {
            args.next().ok_or(PlaceError::DataAlone)?
        } else if let Some(folder) = arg.to_str().and_then(|a| a.strip_prefix("--data=")) {
            folder.into()
        } else {
            continue;
        };
        return if folder.is_empty() {
            Err(PlaceError::DataAlone)
        } else {
            Ok(Some(folder.into()))
        };
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(args: &[&str]) -> Result<Option<PathBuf>, PlaceError> {
        data_argument(args.iter().map(OsString::from))
    }

    #[test]
    fn the_argument() {
        assert_eq!(data(&[]).unwrap(), None);
        assert_eq!(data(&["--other", "--data", "a b"]).unwrap(), Some("a b".into()));
        assert_eq!(data(&["--data=/x"]).unwrap(), Some("/x".into()));
        assert!(data(&["--data"]).is_err() && data(&["--data="]).is_err() && data(&["--data", ""]).is_err());
    }

    #[test]
    fn odd_characters_in_the_path_reach_sqlite() {
        let url = Place::at(Path::new("/a 100%/b?/#c")).reports_url();
        assert!(
            url.starts_with("sqlite:/a 100%25/b%3F/%23c/") && url.ends_with("?mode=ro"),
            "{url}"
        );
    }
}
