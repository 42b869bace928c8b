//! What stands in the links of mails: which mail, signed with the shop's key, and for which purpose; and addresses as
//! keyed hashes. A link works for as long as the mail is known, which is for ever.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use loyalty::ShopId;
use sha2::Sha256;
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To say yes.
    Confirm,
    /// To stop.
    Stop,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Self::Confirm => b'c',
            Self::Stop => b's',
        }
    }
}

/// A link's token, not yet checked: whose key to check it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The shop.
    pub shop: ShopId,
    /// The mail that the link was in.
    pub mail: Uuid,
    purpose: Purpose,
    seal: [u8; 16],
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    parts.iter().for_each(|part| mac.update(part));
    Some(mac)
}

impl Token {
    /// As it stands in a link.
    #[must_use]
    pub fn write(key: &[u8; 32], shop: ShopId, mail: Uuid, purpose: Purpose) -> String {
        let head = [&[purpose.byte()][..], shop.0.as_bytes(), mail.as_bytes()].concat();
        let seal = mac(key, &[b"regulars-mail-link-1", &head]).map(|mac| mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode([&head[..], &seal.unwrap_or_default()[..16]].concat())
    }

    /// Reads it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.get(..80).map_or(text, |_| "")).ok()?;
        let bytes: [u8; 49] = bytes.try_into().ok()?;
        let purpose = match bytes[0] {
            b'c' => Purpose::Confirm,
            b's' => Purpose::Stop,
            _ => return None,
        };
        let mut seal = [0; 16];
        seal.copy_from_slice(&bytes[33..]);
        Some(Self {
            shop: ShopId(Uuid::from_slice(&bytes[1..17]).ok()?),
            mail: Uuid::from_slice(&bytes[17..33]).ok()?,
            purpose,
            seal,
        })
    }

    /// Whether the shop signed it, for this.
    #[must_use]
    pub fn is_for(&self, purpose: Purpose, key: &[u8; 32]) -> bool {
        let head = [&[self.purpose.byte()][..], self.shop.0.as_bytes(), self.mail.as_bytes()].concat();
        let signed = mac(key, &[b"regulars-mail-link-1", &head]);
        self.purpose == purpose && signed.is_some_and(|mac| mac.verify_truncated_left(&self.seal).is_ok())
    }
}

/// An address as it is kept: the same for all ways of writing it in capitals, and of no use without the shop's key.
#[must_use]
pub fn hidden(key: &[u8; 32], address: &str) -> [u8; 32] {
    let address = address.trim().to_lowercase();
    let hidden = mac(key, &[b"regulars-mail-address-1", address.as_bytes()]);
    hidden.map(|mac| mac.finalize().into_bytes().into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn a_link_is_for_its_shop_its_mail_and_its_purpose() {
        let (shop, mail, key) = (ShopId(Uuid::from_u128(1)), Uuid::from_u128(2), [7; 32]);
        let text = Token::write(&key, shop, mail, Purpose::Stop);
        let token = Token::read(&text).unwrap();
        assert_eq!((token.shop, token.mail), (shop, mail));
        assert!(token.is_for(Purpose::Stop, &key));
        assert!(!token.is_for(Purpose::Confirm, &key) && !token.is_for(Purpose::Stop, &[8; 32]));
        // Whatever is changed of it, it is refused.
        for at in 0..text.len() {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            let forged = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            let good = Token::read(&forged)
                .is_some_and(|token| token.is_for(Purpose::Stop, &key) || token.is_for(Purpose::Confirm, &key));
            assert!(!good, "{at}");
        }
    }

    #[test]
    fn one_address_is_one_however_it_is_written() {
        assert_eq!(
            hidden(&[1; 32], " Ana@Example.com"),
            hidden(&[1; 32], "ana@example.com")
        );
        assert_ne!(hidden(&[1; 32], "ana@example.com"), hidden(&[2; 32], "ana@example.com"));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "[A-Za-z0-9_-]{0,90}|\\PC{0,90}") {
            prop_assert!(Token::read(&text).is_none_or(|token| !token.is_for(Purpose::Stop, &[7; 32])));
        }
    }
}
