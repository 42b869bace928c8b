//! The relay's settings: from flags, then the environment, then a file, then what is usual. Here they are put together
//! and checked; nothing is opened or listened on.

use chrono::NaiveTime;
use clap::Args;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use crate::backup::daily::{DailyBackup, Wanted};
use crate::backup::run::{BackupError, Backups};

/// Where shops are kept where nothing else is said.
pub const DATABASE: &str = "sqlite:relay.db";

/// What can be said about the database, by every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Where {
    /// Where shops are kept: sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME [default: sqlite:relay.db]
    #[arg(
        long,
        global = true,
        env = "REGULARS_RELAY_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// A TOML file with any of these settings; a flag or the environment goes before it
    #[arg(long, global = true, env = "REGULARS_RELAY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The file with the relay's key, with which the passwords of mail servers are sealed; made where there is none
    #[arg(long, global = true, env = "REGULARS_RELAY_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// What can be said about serving. Every one may be missing: the file or what is usual fills it.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Given {
    #[arg(skip)]
    database: Option<String>,
    #[arg(skip)]
    key_file: Option<PathBuf>,
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "REGULARS_RELAY_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// How tills and browsers reach the relay from outside, such as https://relay.example.com
    #[arg(long, env = "REGULARS_RELAY_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, with commas
    #[arg(
        long,
        env = "REGULARS_RELAY_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ','
    )]
    trusted_proxies: Option<Vec<IpNet>>,
    /// Connections at the same time; more wait [default: 4096]
    #[arg(long, env = "REGULARS_RELAY_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<NonZeroU32>,
    /// Connections to the database [default: 10]
    #[arg(long, env = "REGULARS_RELAY_DATABASE_CONNECTIONS", value_name = "N")]
    database_connections: Option<NonZeroU32>,
    /// Requests a minute from one address [default: 6000]
    #[arg(long, env = "REGULARS_RELAY_ADDRESS_RATE", value_name = "N")]
    address_rate: Option<NonZeroU32>,
    /// Requests a minute from one till [default: 600]
    #[arg(long, env = "REGULARS_RELAY_DEVICE_RATE", value_name = "N")]
    device_rate: Option<NonZeroU32>,
    /// Attempts a minute from one address to use a code [default: 10]
    #[arg(long, env = "REGULARS_RELAY_CODE_RATE", value_name = "N")]
    code_rate: Option<NonZeroU32>,
    /// Clicks on links a minute from one address [default: 600000]
    #[arg(long, env = "REGULARS_RELAY_CLICK_RATE", value_name = "N")]
    click_rate: Option<NonZeroU32>,
    /// The header in which a trusted proxy names the visitor's country, such as CF-IPCountry
    #[arg(long, env = "REGULARS_RELAY_COUNTRY_HEADER", value_name = "NAME")]
    country_header: Option<String>,
    /// Seconds a request may take [default: 30]
    #[arg(long, env = "REGULARS_RELAY_REQUEST_SECONDS", value_name = "N")]
    request_seconds: Option<NonZeroU32>,
    /// Whether owners may name machines of this relay's own network, such as a mail server on it: true or false
    /// [default: false]
    #[arg(long, env = "REGULARS_RELAY_ALLOW_PRIVATE_ADDRESSES", value_name = "BOOL")]
    allow_private_addresses: Option<bool>,
    /// The name server that is asked whether a shop's mail can arrive [default: the system's]
    #[arg(long, env = "REGULARS_RELAY_NAME_SERVER", value_name = "ADDRESS:PORT")]
    name_server: Option<SocketAddr>,
    /// A folder for a backup a day, sealed with the passphrase [default: no backups]
    #[arg(long, env = "REGULARS_RELAY_BACKUP_FOLDER", value_name = "FOLDER")]
    backup_folder: Option<PathBuf>,
    /// A file that says where in S3-compatible storage a backup a day goes, and with which key [default: no backups]
    #[arg(
        long,
        env = "REGULARS_RELAY_BACKUP_S3",
        value_name = "FILE",
        conflicts_with = "backup_folder"
    )]
    backup_s3: Option<PathBuf>,
    /// A file with the passphrase of the backups
    #[arg(long, env = "REGULARS_RELAY_BACKUP_PASSPHRASE_FILE", value_name = "FILE")]
    backup_passphrase_file: Option<PathBuf>,
    /// When the backup is made, by UTC [default: 03:00]
    #[arg(long, env = "REGULARS_RELAY_BACKUP_AT", value_name = "HH:MM")]
    backup_at: Option<String>,
    /// How many backups are kept, as days, weeks and months [default: 7,4,6]
    #[arg(long, env = "REGULARS_RELAY_BACKUP_KEEP", value_name = "N,N,N")]
    backup_keep: Option<String>,
    /// What is logged: error, warn, info or debug [default: info]
    #[arg(long, env = "REGULARS_RELAY_LOG", value_name = "LEVEL")]
    log: Option<Level>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What went wrong here.
    Error,
    /// And what somebody should look at.
    Warn,
    /// And every request.
    Info,
    /// And more than anybody wants.
    Debug,
}

impl Level {
    /// As a filter of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// The settings in force.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    /// The database; its password is not shown.
    #[serde(serialize_with = "without_password")]
    pub database: String,
    /// The file with the relay's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The relay's address for others, without a slash at its end.
    pub public_url: String,
    /// Whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections at the same time.
    pub max_connections: NonZeroU32,
    /// Connections to the database.
    pub database_connections: NonZeroU32,
    /// Requests a minute from one address.
    pub address_rate: NonZeroU32,
    /// Requests a minute from one till.
    pub device_rate: NonZeroU32,
    /// Attempts a minute at a code from one address.
    pub code_rate: NonZeroU32,
    /// Clicks on links a minute from one address.
    pub click_rate: NonZeroU32,
    /// The header in which a trusted proxy names the visitor's country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_header: Option<String>,
    /// Seconds a request may take.
    pub request_seconds: NonZeroU32,
    /// Whether owners may name machines of this relay's own network.
    pub allow_private_addresses: bool,
    /// The name server that is asked whether mail can arrive; none: the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_server: Option<SocketAddr>,
    /// The daily backup; none where there is no place for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<DailyBackup>,
    /// What is logged.
    pub log: Level,
}

impl Settings {
    /// Where the daily backup goes, and when it is made; its passphrase or its key may not be readable.
    #[must_use]
    pub fn backups(&self) -> Option<(Result<Backups, BackupError>, NaiveTime)> {
        self.backup.as_ref().map(DailyBackup::opened)
    }
}

/// What is wrong with the settings: which, and what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// The file can't be read.
    #[error("{0} can't be read: {1}. Check its name and who may read it.")]
    Unreadable(PathBuf, String),
    /// The file is not what it should be.
    #[error("{0} has an error: {1}")]
    File(PathBuf, String),
    /// No such kind of database.
    #[error("The database must begin with sqlite: or postgres://.")]
    Database,
    /// Backups without a passphrase.
    #[error("Name the file with the backups' passphrase: --backup-passphrase-file FILE.")]
    Passphrase,
    /// Two places.
    #[error("Name one place for the backups: a folder, or S3-compatible storage.")]
    BackupTwice,
    /// No time of the day.
    #[error("{0:?} is no time of the day. Write it like 03:00.")]
    BackupAt(String),
    /// Not how many.
    #[error("{0}")]
    BackupKeep(String),
    /// The public address is no address.
    #[error("{0:?} is no address for others. Write it like https://relay.example.com.")]
    PublicUrl(String),
}

fn usual(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

/// The database alone, for commands that don't serve.
///
/// # Errors
/// See [`SettingsError`].
pub fn database(place: &Where) -> Result<String, SettingsError> {
    let given = match &place.config {
        Some(path) if place.database.is_none() => read(path)?,
        _ => Given::default(),
    };
    checked_database(place.database.clone().or(given.database))
}

/// The key's file alone, for commands that don't serve.
///
/// # Errors
/// See [`SettingsError`].
pub fn key_file(place: &Where) -> Result<Option<PathBuf>, SettingsError> {
    let given = match &place.config {
        Some(path) if place.key_file.is_none() => read(path)?,
        _ => Given::default(),
    };
    Ok(place.key_file.clone().or(given.key_file))
}

fn checked_database(url: Option<String>) -> Result<String, SettingsError> {
    let url = url.unwrap_or_else(|| DATABASE.to_owned());
    let known = ["sqlite:", "postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme));
    if known { Ok(url) } else { Err(SettingsError::Database) }
}

fn read(path: &Path) -> Result<Given, SettingsError> {
    let text = std::fs::read_to_string(path).map_err(|e| SettingsError::Unreadable(path.to_owned(), e.to_string()))?;
    toml::from_str(&text).map_err(|e| SettingsError::File(path.to_owned(), e.to_string()))
}

/// All of them, checked.
///
/// # Errors
/// See [`SettingsError`].
pub fn settle(place: &Where, given: Given) -> Result<Settings, SettingsError> {
    let file = match &place.config {
        Some(path) => read(path)?,
        None => Given::default(),
    };
    let backup = DailyBackup::settle(Wanted {
        folder: given.backup_folder.clone().or(file.backup_folder.clone()),
        s3: given.backup_s3.clone().or(file.backup_s3.clone()),
        passphrase_file: given
            .backup_passphrase_file
            .clone()
            .or(file.backup_passphrase_file.clone()),
        at: given.backup_at.clone().or(file.backup_at.clone()),
        keep: given.backup_keep.clone().or(file.backup_keep.clone()),
    })?;
    let listen = given
        .listen
        .or(file.listen)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
    let public_url = given
        .public_url
        .or(file.public_url)
        .unwrap_or_else(|| format!("http://{listen}"));
    Ok(Settings {
        database: checked_database(place.database.clone().or(file.database))?,
        key_file: place.key_file.clone().or(file.key_file),
        listen,
        public_url: checked_url(&public_url)?,
        trusted_proxies: given.trusted_proxies.or(file.trusted_proxies).unwrap_or_default(),
        max_connections: given.max_connections.or(file.max_connections).unwrap_or(usual(4096)),
        database_connections: given
            .database_connections
            .or(file.database_connections)
            .unwrap_or(usual(10)),
        address_rate: given.address_rate.or(file.address_rate).unwrap_or(usual(6000)),
        device_rate: given.device_rate.or(file.device_rate).unwrap_or(usual(600)),
        code_rate: given.code_rate.or(file.code_rate).unwrap_or(usual(10)),
        click_rate: given.click_rate.or(file.click_rate).unwrap_or(usual(600_000)),
        country_header: given.country_header.or(file.country_header),
        request_seconds: given.request_seconds.or(file.request_seconds).unwrap_or(usual(30)),
        allow_private_addresses: given
            .allow_private_addresses
            .or(file.allow_private_addresses)
            .unwrap_or_default(),
        name_server: given.name_server.or(file.name_server),
        backup,
        log: given.log.or(file.log).unwrap_or(Level::Info),
    })
}

fn checked_url(text: &str) -> Result<String, SettingsError> {
    let wrong = || SettingsError::PublicUrl(text.to_owned());
    let trimmed = text.trim_end_matches('/');
    let uri: axum::http::Uri = trimmed.parse().map_err(|_| wrong())?;
    let web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    if web && uri.query().is_none() {
        Ok(trimmed.to_owned())
    } else {
        Err(wrong())
    }
}

/// The host of a checked address, with the port where that is not the scheme's usual one.
#[must_use]
pub fn authority(url: &str) -> String {
    let page = crate::web::landing::Page::read(url);
    page.map(|page| page.host()).unwrap_or_default()
}

fn without_password<S: serde::Serializer>(url: &str, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&hidden(url))
}

/// The address without what stands between the user's name and the `@`, and without a password among its parameters.
fn hidden(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let rest = match rest.rsplit_once('@') {
        Some((user, host)) => format!("{}@{host}", user.split(':').next().unwrap_or_default()),
        None => rest.to_owned(),
    };
    let kept: Vec<&str> = parameters
        .split('&')
        .filter(|p| !p.is_empty() && !p.starts_with("password="))
        .collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{scheme}://{rest}{mark}{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_what_is_usual() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("relay.toml");
        std::fs::write(
            &config,
            "listen = \"127.0.0.1:9\"\ndevice-rate = 7\ndatabase = \"postgres://db/x\"\n",
        )
        .unwrap();
        let place = Where {
            database: None,
            config: Some(config),
            ..Where::default()
        };
        let given = Given {
            device_rate: NonZeroU32::new(8),
            ..Given::default()
        };
        let settings = settle(&place, given).unwrap();
        assert_eq!(settings.listen.port(), 9);
        assert_eq!(settings.device_rate.get(), 8);
        assert_eq!(settings.code_rate.get(), 10);
        assert_eq!(settings.public_url, "http://127.0.0.1:9");
        assert_eq!(database(&place).unwrap(), "postgres://db/x");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("relay.toml");
        std::fs::write(&config, "listne = \"127.0.0.1:9\"\n").unwrap();
        let place = Where {
            database: None,
            config: Some(config),
            ..Where::default()
        };
        assert!(
            settle(&place, Given::default())
                .unwrap_err()
                .to_string()
                .contains("listne")
        );
        let place = Where {
            database: Some("mysql://x".into()),
            config: None,
            ..Where::default()
        };
        assert_eq!(settle(&place, Given::default()).unwrap_err(), SettingsError::Database);
        for url in ["relay.example.com", "ftp://x", "http://", "https://x/?a=b"] {
            assert_eq!(checked_url(url), Err(SettingsError::PublicUrl(url.into())), "{url}");
        }
        assert_eq!(checked_url("https://x.example/").unwrap(), "https://x.example");
    }

    #[test]
    fn passwords_are_not_shown() {
        let with_at = "postgres://eva:se:cr@et@db.example/x";
        assert_eq!(hidden(with_at), "postgres://eva@db.example/x");
        let among_others = "postgres:///x?host=%2Frun&password=secret";
        assert_eq!(hidden(among_others), "postgres:///x?host=%2Frun");
        assert_eq!(hidden("sqlite:relay.db"), "sqlite:relay.db");
    }
}
