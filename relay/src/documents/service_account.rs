//! A service account's key, as Google's file has it: read, checked, and signed with. Whom it is shown to is `google`'s.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::UtcMs;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::json;

/// What the token may do: read what is shared with the account, and nothing else.
pub const SCOPE: &str = "https://www.googleapis.com/auth/drive.readonly";
/// How long what is signed is good, in seconds: the longest that Google takes.
const GOOD_FOR: i64 = 3600;

/// Not a service account's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is not the key of a service account. In Google's console, make a key of type JSON and name that file.")]
pub struct BadKey;

/// The file's fields that matter. Where it says that tokens are made is not believed: that is Google's, always.
#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    sort: String,
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: String,
}

/// An account that can sign.
pub struct ServiceAccount {
    /// Its address: documents are shared with it.
    pub address: String,
    /// Which of its keys.
    id: String,
    key: RsaKeyPair,
}

impl ServiceAccount {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn read(text: &str) -> Result<Self, BadKey> {
        let file: File = serde_json::from_str(text).map_err(|_| BadKey)?;
        let address = loyalty::contact::optional_email(&file.client_email).map_err(|_| BadKey)?;
        if file.sort != "service_account" || address.is_empty() {
            return Err(BadKey);
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.as_bytes()).map_err(|_| BadKey)?;
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| BadKey)?;
        Ok(Self {
            address,
            id: file.private_key_id,
            key,
        })
    }

    /// What is shown to get a token (RFC 7523): signed with RS256, for `audience`, good for an hour from `now`.
    ///
    /// # Errors
    /// Where the key can't sign.
    pub fn assertion(&self, audience: &str, now: UtcMs) -> Result<String, BadKey> {
        let seconds = now.0.div_euclid(1000);
        let mut head = json!({"alg": "RS256", "typ": "JWT"});
        if !self.id.is_empty() {
            head["kid"] = self.id.as_str().into();
        }
        let claims = json!({
            "iss": self.address,
            "scope": SCOPE,
            "aud": audience,
            "iat": seconds,
            "exp": seconds + GOOD_FOR,
        });
        let encoded = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encoded(head), encoded(claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        let done = self
            .key
            .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
        done.map_err(|_| BadKey)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_no_key_is_refused(text in "\\PC{0,60}", sort in "service_account|authorized_user", pem in "[A-Za-z0-9+/=\n]{0,80}") {
            prop_assert!(ServiceAccount::read(&text).is_err());
            let file = json!({
                "type": sort,
                "client_email": "reader@example.com",
                "private_key": format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n"),
            });
            prop_assert!(ServiceAccount::read(&file.to_string()).is_err());
        }
    }
}
