//! Secrets that are handed out and kept only as hashes: pairing codes, invites, devices' credentials.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::ShopId;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::clock;

/// Digits and capitals without those that are read for others (0 O, 1 I L, 2 Z, 5 S, 8 B, U V).
const ALPHABET: &[u8] = b"34679ACDEFGHJKMNPQRTWXY";
/// Characters of a pairing code: 23^8 is 78 thousand million codes.
const CODE_LEN: usize = 8;
/// How a credential begins, so that a scanner of leaked secrets can know it.
const PREFIX: &str = "rgd_";

/// A new pairing code.
#[must_use]
pub fn pairing_code() -> String {
    let mut code = String::with_capacity(CODE_LEN);
    while code.len() < CODE_LEN {
        // Bytes from the last whole multiple on would favour the first letters.
        let [byte] = clock::random::<1>();
        if usize::from(byte) < 256 / ALPHABET.len() * ALPHABET.len() {
            code.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
        }
    }
    code
}

/// A pairing code as typed: case, spaces and hyphens don't matter. None for what can't be one.
#[must_use]
pub fn read_pairing_code(typed: &str) -> Option<String> {
    if typed.len() > 40 {
        return None;
    }
    let marks = |c: &char| !c.is_whitespace() && *c != '-';
    let code: String = typed.chars().filter(marks).map(|c| c.to_ascii_uppercase()).collect();
    (code.len() == CODE_LEN && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

/// A new invite: 128 random bits.
#[must_use]
pub fn invite() -> String {
    URL_SAFE_NO_PAD.encode(clock::random::<16>())
}

/// What is stored of a code. They are random, so one round is enough; a pairing code, being short, lives ten minutes.
#[must_use]
pub fn code_hash(purpose: &str, code: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(purpose)
        .chain_update([0])
        .chain_update(code)
        .finalize()
        .into()
}

/// A device's credential: which shop and till it is for, and 256 random bits. The ids are in it so that it is found by
/// the shop's own key, wherever the shop's rows are.
#[derive(Clone)]
pub struct Credential {
    /// Whose.
    pub shop: ShopId,
    /// Which till's.
    pub till: Uuid,
    secret: [u8; 32],
}

impl Credential {
    /// A new one.
    #[must_use]
    pub fn new(shop: ShopId, till: Uuid) -> Self {
        Self {
            shop,
            till,
            secret: clock::random(),
        }
    }

    /// As the till keeps and shows it.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = [self.shop.0.as_bytes(), self.till.as_bytes(), &self.secret[..]].concat();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads what [`Credential::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX).filter(|rest| rest.len() <= 100)?;
        let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(encoded).ok()?.try_into().ok()?;
        let mut secret = [0; 32];
        secret.copy_from_slice(&bytes[32..]);
        Some(Self {
            shop: ShopId(Uuid::from_slice(&bytes[..16]).ok()?),
            till: Uuid::from_slice(&bytes[16..32]).ok()?,
            secret,
        })
    }

    /// What is stored of it.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// Whether this is the one whose hash is stored.
    #[must_use]
    pub fn fits(&self, stored: &[u8; 32]) -> bool {
        self.hash().ct_eq(stored).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = pairing_code();
        assert_eq!(code.len(), 8);
        let typed = format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]);
        assert_eq!(read_pairing_code(&typed), Some(code));
        for wrong in ["", "ACDEFGH", "ACDEFGHJK", "ACDEFGH0", "ACDEFGHé"] {
            assert_eq!(read_pairing_code(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_credential_fits_only_its_own_hash() {
        let (shop, till) = (ShopId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let (one, other) = (Credential::new(shop, till), Credential::new(shop, till));
        let read = Credential::read(&one.text()).unwrap();
        assert_eq!((read.shop, read.till), (shop, till));
        assert!(read.fits(&one.hash()));
        assert!(!read.fits(&other.hash()));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_readers_panic(text in ".{0,120}") {
            let _ = read_pairing_code(&text);
            prop_assert!(Credential::read(&text).is_none());
        }
    }
}
