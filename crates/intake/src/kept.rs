//! Secrets of our own as text: in a file that somebody wrote, and as a till keeps those it made. Not here: where they
//! are kept, and making randomness.

use loyalty::UtcMs;
use pos::signature::standard::Secret;

use crate::config::OwnSecret;

/// The name a till's own secrets are kept under.
pub const KEPT_AS: &str = "webhook";
/// How long the secret before goes on working when a new one is made: 24 hours.
pub const OVERLAP_MS: i64 = 24 * 3_600_000;

/// Reads a file of secrets: one a line, newest first. Empty lines, and those that begin with `#`, don't count.
///
/// # Errors
/// The number of the first line that is not `whsec_` and base64 of 16 to 64 bytes; the line behind the last where
/// there is no secret at all.
pub fn read_secrets(text: &str) -> Result<Vec<Secret>, usize> {
    let mut secrets = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            secrets.push(Secret::read(line).ok_or(at + 1)?);
        }
    }
    if secrets.is_empty() {
        return Err(text.lines().count() + 1);
    }
    Ok(secrets)
}

/// The secrets a till made: the newest, and the one before it while that still works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    newest: Secret,
    older: Option<(Secret, UtcMs)>,
}

impl Kept {
    /// The first secret.
    #[must_use]
    pub fn first(secret: Secret) -> Self {
        Self {
            newest: secret,
            older: None,
        }
    }

    /// With a new secret; the one before works for [`OVERLAP_MS`] more.
    #[must_use]
    pub fn rotated(self, secret: Secret, now: UtcMs) -> Self {
        Self {
            newest: secret,
            older: Some((self.newest, UtcMs(now.0 + OVERLAP_MS))),
        }
    }

    /// When the one before ends, or ended; none where there was none.
    #[must_use]
    pub fn older_until(&self) -> Option<UtcMs> {
        self.older.as_ref().map(|(_, until)| *until)
    }

    /// Reads what [`Kept::to_text`] wrote; none where it is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let newest = Secret::read(lines.next()?)?;
        let older = match lines.next() {
            None => None,
            Some(line) => {
                let (secret, until) = line.split_once(' ')?;
                Some((Secret::read(secret)?, UtcMs(until.parse().ok()?)))
            }
        };
        lines.next().is_none().then_some(Self { newest, older })
    }

    /// As it is kept: a line each, the older with the millisecond at which it ends.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.newest.reveal();
        if let Some((secret, until)) = &self.older {
            text = format!("{text}\n{} {}", secret.reveal(), until.0);
        }
        text
    }

    /// For [`crate::Config`].
    #[must_use]
    pub fn secrets(&self) -> Vec<OwnSecret> {
        let older = self.older.as_ref().map(|(secret, until)| OwnSecret {
            secret: secret.clone(),
            until: Some(*until),
        });
        [OwnSecret::from(self.newest.clone())]
            .into_iter()
            .chain(older)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secret(byte: u8) -> Secret {
        Secret::from_random([byte; 32])
    }

    #[test]
    fn a_file_names_the_line_that_is_wrong() {
        let text = format!("# newest first\n{}\n\n  {}  \n", secret(1).reveal(), secret(2).reveal());
        assert_eq!(read_secrets(&text), Ok(vec![secret(1), secret(2)]));
        assert_eq!(read_secrets(&format!("{text}whsec_short\n")), Err(5));
        assert_eq!(read_secrets("# none\n"), Err(2));
        assert_eq!(read_secrets(""), Err(1));
    }

    #[test]
    fn the_one_before_ends() {
        let kept = Kept::first(secret(1)).rotated(secret(2), UtcMs(1000));
        let config = crate::Config {
            secrets: kept.secrets(),
            ..crate::Config::new([])
        };
        assert_eq!(config.secrets_at(UtcMs(1000 + OVERLAP_MS - 1)), [secret(2), secret(1)]);
        assert_eq!(config.secrets_at(UtcMs(1000 + OVERLAP_MS)), [secret(2)]);
        assert_eq!(kept.older_until(), Some(UtcMs(1000 + OVERLAP_MS)));
        let again = kept.rotated(secret(3), UtcMs(2000));
        assert_eq!(again.secrets().len(), 2);
        assert_eq!(Kept::read(&again.to_text()), Some(again));
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(newest: u8, older: Option<(u8, i64)>) {
            let older = older.map(|(byte, until)| (secret(byte), UtcMs(until)));
            let kept = Kept { newest: secret(newest), older };
            prop_assert_eq!(Kept::read(&kept.to_text()), Some(kept));
        }

        #[test]
        fn other_texts_never_panic(text in "(whsec_[A-Za-z0-9+/=]{0,50}[ \n]?[0-9]{0,20}\n?){0,3}|\\PC{0,40}") {
            let _ = (Kept::read(&text), read_secrets(&text));
        }
    }
}
