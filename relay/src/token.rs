//! Secrets that are handed out and kept only as hashes: invites and devices' credentials. Pairing codes are in `sync`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::ShopId;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::clock;

/// How a credential begins, so that a scanner of leaked secrets can know it.
const PREFIX: &str = "rgd_";
/// The same of a program's key.
const KEY_PREFIX: &str = "rgk_";

/// A new invite: 128 random bits.
#[must_use]
pub fn invite() -> String {
    URL_SAFE_NO_PAD.encode(clock::random::<16>())
}

/// What is stored of an invite. It is random, so one round is enough.
#[must_use]
pub fn invite_hash(invite: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update("regulars-invite-1")
        .chain_update(invite)
        .finalize()
        .into()
}

/// A device's credential, or a program's key: which shop and till (or key) it is for, and 256 random bits. The ids are in it so that it is found by
/// the shop's own key, wherever the shop's rows are.
#[derive(Clone)]
pub struct Credential {
    /// Whose.
    pub shop: ShopId,
    /// Which till's; or which key.
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
        self.after(PREFIX)
    }

    /// As a program shows it whose key this is: `till` is the key's id.
    #[must_use]
    pub fn key_text(&self) -> String {
        self.after(KEY_PREFIX)
    }

    fn after(&self, prefix: &str) -> String {
        let bytes = [self.shop.0.as_bytes(), self.till.as_bytes(), &self.secret[..]].concat();
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads what [`Credential::text`] wrote.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::read_after(PREFIX, text)
    }

    /// Reads what [`Credential::key_text`] wrote.
    #[must_use]
    pub fn read_key(text: &str) -> Option<Self> {
        Self::read_after(KEY_PREFIX, text)
    }

    fn read_after(prefix: &str, text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(prefix).filter(|rest| rest.len() <= 100)?;
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
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn a_credential_fits_only_its_own_hash() {
        let (shop, till) = (ShopId(Uuid::from_u128(1)), Uuid::from_u128(2));
        let (one, other) = (Credential::new(shop, till), Credential::new(shop, till));
        let read = Credential::read(&one.text()).unwrap();
        assert_eq!((read.shop, read.till), (shop, till));
        assert!(read.fits(&one.hash()));
        assert!(!read.fits(&other.hash()));
        // What one opens the other does not.
        assert!(Credential::read(&one.key_text()).is_none() && Credential::read_key(&one.text()).is_none());
        assert!(Credential::read_key(&one.key_text()).unwrap().fits(&one.hash()));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_readers_panic(text in ".{0,120}") {
            prop_assert!(Credential::read(&text).is_none() && Credential::read_key(&text).is_none());
        }
    }
}
