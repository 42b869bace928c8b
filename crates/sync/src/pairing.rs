//! Pairing codes: what a person reads from one screen and types on another, and what is made of it.
//!
//! `Argon2id(code, "regulars-pair-1")` gives 64 bytes: the first half is the proof, which the new till shows to the
//! relay (which keeps its SHA-256 and so finds the shop); the second half is a key that never leaves the two tills, and
//! seals the pepper of PINs. The salt is fixed, so that the relay can look a proof up; a code has 39 random bits and
//! lives ten minutes.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use std::fmt;

use crate::bytes::{Blob, Fixed, Hash};

/// How long a code works.
pub const CODE_MINUTES: i64 = 10;

const ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const LEN: usize = 8;
const SALT: &[u8] = b"regulars-pair-1";
const NONCE_BYTES: usize = 24;

/// A code of 8 characters, shown as `K7QM-2XRA`.
#[derive(Clone, PartialEq, Eq)]
pub struct PairCode(String);

impl PairCode {
    /// The code of 128 random bits.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        let mut left = u128::from_be_bytes(random);
        let mut text = String::with_capacity(LEN);
        for _ in 0..LEN {
            text.push(char::from(ALPHABET[usize::try_from(left % 30).unwrap_or(0)]));
            left /= 30;
        }
        Self(text)
    }

    /// Reads a code as typed: case, spaces and hyphens don't matter. None where it can't be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        (code.len() == LEN && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(Self(code))
    }

    /// Stretches it; takes a while, on purpose.
    ///
    /// # Panics
    /// Never: the parameters are constants that Argon2 takes.
    #[must_use]
    pub fn derive(&self) -> Derived {
        let params = Params::new(19 * 1024, 2, 1, Some(64)).expect("constants that Argon2 takes");
        let mut out = [0; 64];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), SALT, &mut out)
            .expect("constants that Argon2 takes");
        let (mut proof, mut key) = ([0; 32], [0; 32]);
        proof.copy_from_slice(&out[..32]);
        key.copy_from_slice(&out[32..]);
        Derived {
            proof: Fixed(proof),
            key,
        }
    }
}

impl fmt::Display for PairCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", &self.0[..4], &self.0[4..])
    }
}

/// What a code stretches to.
pub struct Derived {
    /// For the relay.
    pub proof: Hash,
    key: [u8; 32],
}

impl Derived {
    /// What the relay keeps of the proof.
    #[must_use]
    pub fn proof_digest(&self) -> Hash {
        proof_digest(&self.proof)
    }

    /// Seals a secret for whoever has the code. `nonce` is 24 random bytes.
    #[must_use]
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], secret: &[u8]) -> Option<Blob> {
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: SALT })
            .ok()?;
        Some(Blob([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what [`Derived::seal`] sealed; none where it is not that.
    #[must_use]
    pub fn open(&self, sealed: &Blob) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.0.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        self.cipher()
            .decrypt(&XNonce::from(nonce), Payload { msg: text, aad: SALT })
            .ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.key.into())
    }
}

/// What the relay keeps of a proof, and looks up.
#[must_use]
pub fn proof_digest(proof: &Hash) -> Hash {
    Fixed(Sha256::digest(proof.0).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_as_they_are_shown() {
        let code = PairCode::from_random([9; 16]);
        let shown = code.to_string();
        assert!(PairCode::read(&shown.to_lowercase()) == Some(code));
        for bad in ["", "K7QM-2XR", "K7QM-2XRAA", "K7QM-2XR0", "ÄÄÄÄ"] {
            assert!(PairCode::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_code_opens() {
        let (a, b) = (
            PairCode::from_random([1; 16]).derive(),
            PairCode::from_random([2; 16]).derive(),
        );
        let sealed = a.seal([7; 24], b"pepper").unwrap();
        assert_eq!(a.open(&sealed).as_deref(), Some(b"pepper".as_slice()));
        assert!(b.open(&sealed).is_none() && a.open(&Blob(vec![1; 5])).is_none());
        assert_ne!(a.proof, b.proof);
        assert_ne!(a.proof_digest(), a.proof);
    }
}
