//! Signing a message with the shop's own key (DKIM, RFC 6376), where the shop has one. Making and keeping the key is the
//! sender's.

use lettre::message::Message;
use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey,
};
use lettre::message::header::HeaderName;

/// What is signed: all that a reader or a mail program goes by. Those that a mail lacks are signed as missing, so that
/// nobody can add one.
const SIGNED: [&str; 11] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "X-Regulars-Mail",
];

/// How a key signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Algorithm {
    /// RSA, which all servers know. The key is a text (PKCS #1, PEM).
    Rsa,
    /// Ed25519 (RFC 8463), which few know. The key is 32 bytes in base64.
    Ed25519,
}

/// The key is none.
#[derive(Debug, thiserror::Error)]
#[error("The key for signing mail can't be read.")]
pub struct BadKey;

/// Signs messages.
#[derive(Debug)]
pub struct Signer(DkimConfig);

impl Signer {
    /// With a key whose public half is at `selector._domainkey.domain`.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn new(selector: &str, domain: &str, algorithm: Algorithm, key: &str) -> Result<Self, BadKey> {
        let algorithm = match algorithm {
            Algorithm::Rsa => DkimSigningAlgorithm::Rsa,
            Algorithm::Ed25519 => DkimSigningAlgorithm::Ed25519,
        };
        let key = DkimSigningKey::new(key, algorithm).map_err(|_| BadKey)?;
        let relaxed = DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        };
        let headers = SIGNED.into_iter().map(HeaderName::new_from_ascii_str).collect();
        Ok(Self(DkimConfig::new(
            selector.to_owned(),
            domain.to_owned(),
            key,
            headers,
            relaxed,
        )))
    }

    /// Signs a message.
    pub(crate) fn sign(&self, message: &mut Message) {
        message.sign(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_key_signs_nothing() {
        assert!(Signer::new("s", "corner.example", Algorithm::Rsa, "not a key").is_err());
        assert!(Signer::new("s", "corner.example", Algorithm::Ed25519, "AAAA").is_err());
    }
}
