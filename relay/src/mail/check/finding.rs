//! What a check found, in words: of what, whether it is as it should be, and the record to enter. Every finding has a code
//! and values, so that other programs can say it in other languages.

use serde::{Serialize, Serializer};
use std::fmt;

/// A record to enter in the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Under which name.
    pub name: String,
    /// Of which kind.
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

impl Record {
    /// One of text.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: "TXT",
            text: text.to_owned(),
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, text } = self;
        match *kind {
            "TXT" => write!(f, "{name} TXT \"{text}\""),
            _ => write!(f, "{name} {kind} {text}"),
        }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Every finding: its code, which begins with what it is about, whether it is as it should be, and its words with places
/// for its values.
pub const ALL: [(&str, bool, &str); 32] = [
    ("server_good", true, "{0} lets the shop in and takes {1}."),
    ("server_address", false, "The sender's or the owner's address is none."),
    ("server_no", false, "{0}"),
    ("spf_good", true, "The domain lets {0} send its mail."),
    ("spf_none", false, "The domain does not say who may send its mail."),
    (
        "spf_many",
        false,
        "The domain has more than one SPF record, so none of them counts. Leave one.",
    ),
    (
        "spf_everybody",
        false,
        "The record lets everybody send the domain's mail.",
    ),
    ("spf_not_named", false, "The record does not name {0}."),
    (
        "spf_too_many",
        false,
        "The record takes more than ten look-ups, so receivers give up on it. Take out what you don't need.",
    ),
    (
        "spf_void",
        false,
        "More than two names in the record lead nowhere, so receivers give up on it. Take them out.",
    ),
    (
        "spf_word",
        false,
        "Receivers can't read {1} in the record of {0}. Mend it or take it out.",
    ),
    (
        "spf_no_record",
        false,
        "The record includes {0}, which has none, so receivers give up on it. Take it out.",
    ),
    (
        "spf_several",
        false,
        "The record includes {0}, which has more than one, so receivers give up on it. Take it out.",
    ),
    ("spf_away", false, AWAY),
    ("dkim_good", true, "Mail is signed, and the key at {0} fits."),
    (
        "dkim_unused",
        false,
        "The key's record is there. Sign with it: `mail dkim SHOP --use`.",
    ),
    ("dkim_other", false, "The record at {0} is of another key."),
    (
        "dkim_missing",
        false,
        "There is no key at {0}, so signatures count for nothing.",
    ),
    (
        "dkim_service",
        true,
        "There is a key at {0}. `mail test` shows whether it signs.",
    ),
    ("dkim_not_there", false, "There is no key at {0}."),
    (
        "dkim_unknown",
        false,
        "No key for signing mail was found under the usual names. Say your mail service's with --selector, or make one: \
         `mail dkim SHOP --new`.",
    ),
    ("dkim_away", false, AWAY),
    ("dmarc_good", true, "{0} has a policy."),
    (
        "dmarc_none",
        false,
        "The domain has no DMARC record. Large mailboxes want one from whoever writes to many.",
    ),
    ("dmarc_no_policy", false, "The record at {0} has no policy (p=)."),
    (
        "dmarc_many",
        false,
        "{0} has more than one DMARC record, so none counts. Leave one.",
    ),
    ("dmarc_away", false, AWAY),
    ("mx_good", true, "{0} takes mail for {1}."),
    ("mx_own", true, "{0} takes mail at its own address."),
    (
        "mx_refuses",
        false,
        "{0} says that it takes no mail, so answers and bounces are lost.",
    ),
    (
        "mx_none",
        false,
        "Nothing takes mail for {0}, so answers and bounces are lost.",
    ),
    ("mx_away", false, AWAY),
];

const AWAY: &str = "The name server did not answer. Try again in a few minutes.";

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `server`, `spf`, `dkim`, `dmarc`, `mx`.
    pub what: &'static str,
    /// One of [`ALL`].
    pub code: &'static str,
    /// What its words name.
    pub values: Vec<String>,
    /// Whether it is as it should be.
    pub good: bool,
    /// In plain words.
    pub said: String,
    /// The record to enter.
    pub fix: Option<Record>,
}

impl Finding {
    /// The one with this code.
    #[must_use]
    pub fn of(code: &'static str, values: &[&str]) -> Self {
        let found = ALL.iter().find(|(known, ..)| *known == code);
        let (code, good, words) = found.copied().unwrap_or((code, false, code));
        let said = values.iter().enumerate().fold(words.to_owned(), |said, (at, value)| {
            said.replace(&format!("{{{at}}}"), value)
        });
        Self {
            what: code.split_once('_').map_or(code, |(what, _)| what),
            code,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            good,
            said,
            fix: None,
        }
    }

    /// With the record that would be right.
    #[must_use]
    pub fn mended_by(mut self, record: Record) -> Self {
        self.fix = Some(record);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_its_values() {
        let found = Finding::of("mx_good", &["mx.example", "corner.example"]);
        assert_eq!(found.said, "mx.example takes mail for corner.example.");
        assert_eq!((found.what, found.good), ("mx", true));
        let record = Record::text("corner.example", "v=spf1 -all");
        assert_eq!(record.to_string(), "corner.example TXT \"v=spf1 -all\"");
    }
}
