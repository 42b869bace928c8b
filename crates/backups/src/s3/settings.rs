//! Where in S3-compatible storage backups lie, as an owner or an operator says it, and what can't be right of that.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::path::PathBuf;

use crate::shelf::{ShelfCode, ShelfError};

/// The region of services that have none.
const REGION: &str = "us-east-1";

fn region() -> String {
    REGION.to_owned()
}

fn yes() -> bool {
    true
}

/// A place in S3-compatible storage; without the secret, so that it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Where the service is: `https://s3.eu-central-1.amazonaws.com`. Plain `http` only on this machine or a private
    /// network.
    pub endpoint: String,
    /// Its region.
    #[serde(default = "region")]
    pub region: String,
    /// The bucket.
    pub bucket: String,
    /// What the names begin with: `shops/harbour`; may be empty.
    #[serde(default)]
    pub prefix: String,
    /// The id of the key.
    pub key_id: String,
    /// The bucket stands in the path (`https://host/bucket/…`), which most services other than Amazon's want; otherwise
    /// in the host's name.
    #[serde(default = "yes")]
    pub path_style: bool,
    /// A file with the certificates (PEM) of whoever signed the service's, where the system does not know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// A place, and the key's secret.
#[derive(Clone)]
pub struct Account {
    /// The place.
    pub place: Place,
    /// The key's secret.
    pub secret: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.place)
    }
}

impl Account {
    /// Reads a file of settings: TOML, a line each, as [`Place`]'s fields are called, and `secret`.
    ///
    /// # Errors
    /// `BadAddress`, with the line and what is wrong there.
    pub fn read(text: &str) -> Result<Self, ShelfError> {
        let mut all: toml::Table =
            toml::from_str(text).map_err(|error| ShelfError::new(ShelfCode::BadAddress, "S3", error.message()))?;
        let secret = match all.remove("secret") {
            Some(toml::Value::String(secret)) if !secret.is_empty() => secret,
            _ => {
                return Err(ShelfError::new(
                    ShelfCode::BadAddress,
                    "S3",
                    "write the key's secret as secret = \"…\"",
                ));
            }
        };
        let place: Place = all
            .try_into()
            .map_err(|error: toml::de::Error| ShelfError::new(ShelfCode::BadAddress, "S3", error.message()))?;
        place.check()?;
        Ok(Self { place, secret })
    }
}

impl Place {
    /// What the names of all files begin with: empty, or with a slash at its end.
    #[must_use]
    pub fn folder(&self) -> String {
        let prefix = self.prefix.trim_matches('/');
        if prefix.is_empty() {
            String::new()
        } else {
            format!("{prefix}/")
        }
    }

    /// The service's address, where all of it can be right.
    ///
    /// # Errors
    /// `BadAddress`, with the field's name at the head of the detail.
    pub fn check(&self) -> Result<Url, ShelfError> {
        let wrong = |field: &str, words: &str| {
            let place = format!("s3://{}", self.bucket);
            ShelfError::new(ShelfCode::BadAddress, place, format!("{field}: {words}"))
        };
        let url: Url = self
            .endpoint
            .trim()
            .parse()
            .map_err(|_| wrong("endpoint", "write it like https://s3.example.com"))?;
        let plain = url.scheme() == "http" && is_near(&url);
        if url.host_str().is_none() || !(url.scheme() == "https" || plain) || !url.username().is_empty() {
            return Err(wrong(
                "endpoint",
                "https://, or http:// on this machine or a private network",
            ));
        }
        if url.query().is_some() || url.path() != "/" {
            return Err(wrong("endpoint", "the service alone, without bucket or folder"));
        }
        let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.chars().all(small) || self.bucket.contains("..") {
            return Err(wrong("bucket", "3 to 63 small letters, digits, dots and dashes"));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let climbs = self.prefix.split('/').any(|part| part == "." || part == "..");
        if self.prefix.len() > 200 || !self.prefix.chars().all(word) || self.prefix.contains("//") || climbs {
            return Err(wrong(
                "prefix",
                "letters, digits, dashes and slashes, like shops/harbour",
            ));
        }
        let token = |text: &str| !text.is_empty() && text.len() <= 128 && text.chars().all(|c| c.is_ascii_graphic());
        if !token(&self.region) {
            return Err(wrong("region", "one word, like eu-central-1"));
        }
        if !token(&self.key_id) {
            return Err(wrong("key_id", "the id of the key, without spaces"));
        }
        Ok(url)
    }
}

/// On this machine or in a private network.
fn is_near(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => host == "localhost" || host.ends_with(".local"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    const GOOD: &str =
        "endpoint = \"https://s3.example.com\"\nbucket = \"harbour\"\nkey_id = \"AK1\"\nsecret = \"s\"\n";

    #[test]
    fn a_file_of_settings_says_what_is_wrong_with_it() {
        let account = Account::read(GOOD).unwrap();
        assert_eq!(
            (account.place.region.as_str(), account.place.path_style),
            (REGION, true)
        );
        assert_eq!(account.place.folder(), "");
        assert!(!format!("{account:?}").contains("\"s\""));
        let with = |line: &str| {
            let field = line.split(' ').next().unwrap();
            let kept: String = GOOD
                .lines()
                .filter(|l| !l.starts_with(field))
                .flat_map(|l| [l, "\n"])
                .collect();
            Account::read(&format!("{kept}{line}\n"))
        };
        assert_eq!(
            with("prefix = \"/shops/harbour/\"").unwrap().place.folder(),
            "shops/harbour/"
        );
        assert!(with("endpoint = \"http://127.0.0.1:9000\"").is_ok());
        for (line, field) in [
            ("endpoint = \"http://s3.example.com\"", "endpoint"),
            ("endpoint = \"ftp://x\"", "endpoint"),
            ("endpoint = \"https://s3.example.com/harbour\"", "endpoint"),
            ("endpoint = \"https://me:pw@s3.example.com\"", "endpoint"),
            ("bucket = \"Harbour Coffee\"", "bucket"),
            ("prefix = \"a/../b\"", "prefix"),
            ("region = \"\"", "region"),
            ("key_id = \"a b\"", "key_id"),
            ("buckets = \"harbour\"", "buckets"),
            ("secret = \"\"", "secret"),
        ] {
            let error = with(line).unwrap_err();
            assert_eq!(error.code, ShelfCode::BadAddress, "{line}");
            assert!(error.detail.contains(field), "{line}: {error}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,80}") {
            prop_assert!(Account::read(&text).is_err());
        }
    }
}
