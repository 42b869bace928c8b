//! PINs: how they are hashed, and how long a wrong one waits.
//!
//! Argon2id over HMAC-SHA256(pepper, PIN): without the pepper, which is not in this file, all four-digit PINs could be
//! tried in minutes. Parameters: OWASP's second choice (19 MiB, 2 passes, 1 lane).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use loyalty::{Code, Refusal};
use sha2::Sha256;

use crate::error::Result;
use crate::tx::damaged;

/// The secret that every PIN is mixed with. It lives in the OS keyring, not in the shop's file.
#[derive(Clone)]
pub struct Pepper([u8; 32]);

impl Pepper {
    /// Takes a secret of 32 bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Hashes a PIN for keeping.
    ///
    /// # Errors
    /// `bad_pin` unless it is 4 to 8 digits.
    pub fn hash(&self, pin: &str, salt: [u8; 16]) -> Result<String> {
        if !(4..=8).contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::from(Code::BadPin).into());
        }
        let salt = SaltString::encode_b64(&salt).map_err(|e| damaged(&format!("no salt: {e}")))?;
        let hash = argon2()?
            .hash_password(&self.mix(pin), &salt)
            .map_err(|e| damaged(&format!("no hash: {e}")))?;
        Ok(hash.to_string())
    }

    /// Whether a PIN is the one that was hashed.
    #[must_use]
    pub fn matches(&self, pin: &str, hash: &str) -> bool {
        let Ok(argon2) = argon2() else { return false };
        PasswordHash::new(hash).is_ok_and(|h| argon2.verify_password(&self.mix(pin), &h).is_ok())
    }

    fn mix(&self, pin: &str) -> Vec<u8> {
        // HMAC takes a key of any length.
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0)
            .map(|m| m.chain_update(pin).finalize().into_bytes().to_vec());
        mac.unwrap_or_default()
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| damaged(&format!("argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// How long to wait after so many wrong PINs in a row.
#[must_use]
pub fn wait_ms(failures: i64) -> i64 {
    let seconds = match failures {
        ..=0 => 0,
        1 => 1,
        2 => 2,
        3 => 5,
        4 => 15,
        5 => 60,
        6 => 300,
        _ => WAIT_MAX_S,
    };
    seconds * 1000
}

/// The longest wait: a quarter of an hour.
pub const WAIT_MAX_S: i64 = 900;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pin_and_the_pepper_match() {
        let pepper = Pepper::new([7; 32]);
        let hash = pepper.hash("2468", [1; 16]).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(pepper.matches("2468", &hash));
        assert!(
            !pepper.matches("2469", &hash)
                && !Pepper::new([8; 32]).matches("2468", &hash)
                && !pepper.matches("2468", "nonsense")
        );
        for bad in ["", "123", "123456789", "12a4", "१२३४", " 1234"] {
            assert!(pepper.hash(bad, [1; 16]).is_err(), "{bad}");
        }
    }

    #[test]
    fn waits_grow() {
        assert!((0..9).all(|n| wait_ms(n) <= wait_ms(n + 1)) && wait_ms(0) == 0 && wait_ms(99) == WAIT_MAX_S * 1000);
    }
}
