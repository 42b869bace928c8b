//! The two databases: a copy of each into a file of its own kind, and back from it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use url::Url;

use super::run::BackupError;
use crate::store::Db;

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A server, as its own programs hear of it: by their environment, where no list of processes shows the password.
    Server(Vec<(&'static str, String)>),
}

impl Place {
    /// Reads a database's address.
    ///
    /// # Errors
    /// `Address`.
    pub fn read(url: &str) -> Result<Self, BackupError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.trim_start_matches("//");
            let path = path.split('?').next().unwrap_or(path);
            return if path.is_empty() || path == ":memory:" {
                Err(BackupError::Address)
            } else {
                Ok(Self::File(path.into()))
            };
        }
        server(url).map(Self::Server).ok_or(BackupError::Address)
    }

    /// What a copy is called.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::File(_) => "sqlite",
            Self::Server(_) => "pgdump",
        }
    }

    /// Copies the database into a file that is not there yet.
    ///
    /// # Errors
    /// Where the database is away or the program is not there.
    pub async fn copy(&self, db: &Db, to: &Path) -> Result<(), BackupError> {
        match self {
            Self::File(_) => {
                let name = to.to_str().ok_or(BackupError::Address)?;
                db.run("VACUUM INTO $1", crate::args![name]).await?;
                Ok(())
            }
            Self::Server(server) => {
                let mut dump = Command::new("pg_dump");
                dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"])
                    .arg(to);
                does("pg_dump", dump, server).await
            }
        }
    }

    /// Whether a copy is whole: every page of the file, every table of the dump.
    ///
    /// # Errors
    /// `NotWhole`; where the program is not there.
    pub async fn check(&self, copy: &Path) -> Result<(), BackupError> {
        match self {
            Self::File(_) => {
                let url = format!("sqlite:{}", copy.display());
                let db = Db::connect(&url, 1).await?;
                let said = db.first("PRAGMA integrity_check", &[]).await?;
                let shops = db.first("SELECT count(*) FROM shops", &[]).await;
                db.close().await;
                shops?;
                let whole = said.map(|row| row.text(0)).transpose()?.as_deref() == Some("ok");
                if whole { Ok(()) } else { Err(BackupError::NotWhole) }
            }
            Self::Server(server) => {
                let mut list = Command::new("pg_restore");
                // Reads all of it and makes SQL of it, for nobody.
                list.args(["--file", "/dev/null"]).arg(copy);
                does("pg_restore", list, server).await
            }
        }
    }

    /// Puts a copy in the place of a database that is not there, or is empty.
    ///
    /// # Errors
    /// `Occupied` where it is not; where the program is not there or the server refuses.
    pub async fn put_back(&self, copy: &Path) -> Result<(), BackupError> {
        match self {
            Self::File(path) => {
                if path.exists() {
                    return Err(BackupError::Occupied(path.display().to_string()));
                }
                std::fs::copy(copy, path).map_err(|error| BackupError::File(path.clone(), error))?;
                let file = std::fs::File::open(path).and_then(|file| file.sync_all());
                file.map_err(|error| BackupError::File(path.clone(), error))
            }
            Self::Server(server) => {
                let mut restore = Command::new("pg_restore");
                restore.args([
                    "--no-owner",
                    "--no-privileges",
                    "--exit-on-error",
                    "--single-transaction",
                ]);
                restore.arg("--dbname").arg(name_of(server)).arg(copy);
                does("pg_restore", restore, server).await
            }
        }
    }
}

fn name_of<'a>(server: &'a [(&'static str, String)]) -> &'a str {
    let name = server.iter().find(|(name, _)| *name == "PGDATABASE");
    name.map_or("postgres", |(_, value)| value)
}

/// An address as PostgreSQL's programs read it from their environment.
fn server(url: &str) -> Option<Vec<(&'static str, String)>> {
    let url = Url::parse(url).ok()?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return None;
    }
    let plain = |text: &str| {
        let decoded: Vec<u8> = url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
            .next()
            .map(|(_, value)| value.into_owned().into_bytes())
            .unwrap_or_default();
        String::from_utf8_lossy(&decoded).into_owned()
    };
    let mut all = Vec::new();
    let mut add = |name, value: String| {
        if !value.is_empty() {
            all.push((name, value));
        }
    };
    add("PGHOST", plain(url.host_str().unwrap_or_default()));
    add("PGPORT", url.port().map(|port| port.to_string()).unwrap_or_default());
    add("PGUSER", plain(url.username()));
    add("PGPASSWORD", plain(url.password().unwrap_or_default()));
    add("PGDATABASE", plain(url.path().trim_start_matches('/')));
    for (name, value) in url.query_pairs() {
        let known = match name.as_ref() {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" => "PGSSLMODE",
            "sslrootcert" => "PGSSLROOTCERT",
            _ => continue,
        };
        all.retain(|(before, _)| *before != known);
        all.push((known, value.into_owned()));
    }
    Some(all)
}

async fn does(
    program: &'static str,
    mut command: Command,
    server: &[(&'static str, String)],
) -> Result<(), BackupError> {
    command.envs(server.iter().map(|(name, value)| (*name, value)));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let done = tokio::task::spawn_blocking(move || command.output()).await;
    let output = done
        .map_err(|stopped| BackupError::Program(program, stopped.to_string()))?
        .map_err(|error| BackupError::NoProgram(program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().next().unwrap_or_default().to_owned();
    Err(BackupError::Program(program, said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_programs_want_them() {
        assert_eq!(Place::read("sqlite:relay.db").unwrap(), Place::File("relay.db".into()));
        assert_eq!(
            Place::read("sqlite:///var/relay.db?x=1").unwrap(),
            Place::File("/var/relay.db".into())
        );
        let Place::Server(all) =
            Place::read("postgres://eva:s%40e%2Bc+ret@db.example:5433/shops?sslmode=require").unwrap()
        else {
            panic!()
        };
        let said: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            said,
            [
                "PGHOST=db.example",
                "PGPORT=5433",
                "PGUSER=eva",
                "PGPASSWORD=s@e+c+ret",
                "PGDATABASE=shops",
                "PGSSLMODE=require"
            ]
        );
        let Place::Server(all) = Place::read("postgres:///x?host=%2Frun&password=p").unwrap() else {
            panic!()
        };
        assert_eq!(
            all,
            [
                ("PGDATABASE", "x".into()),
                ("PGHOST", "/run".into()),
                ("PGPASSWORD", "p".into())
            ]
        );
        for wrong in ["mysql://x", "sqlite:", "sqlite::memory:", "x"] {
            assert!(Place::read(wrong).is_err(), "{wrong}");
        }
    }
}
