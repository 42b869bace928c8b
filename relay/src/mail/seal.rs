//! The relay's key, which is in a file and not in the database, and what is sealed with it: the passwords of mail servers, the
//! secrets of those who tell what became of mails.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use loyalty::ShopId;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::clock;

/// What passwords of mail servers are sealed for.
const PASSWORD: &str = "regulars-mail-password-1";
/// Bytes of a nonce, which stands before what is sealed.
const NONCE: usize = 24;

/// Why a key is not there.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nobody said where it is.
    #[error("Say where the relay's key is: --key-file FILE, or REGULARS_RELAY_KEY_FILE. Passwords are sealed with it.")]
    Unsaid,
    /// The file can't be read or made.
    #[error("The key's file {0} can't be used: {1}. Check its name and who may read it.")]
    File(PathBuf, std::io::Error),
    /// The file holds something else.
    #[error("{0} is not a key of a relay. Name the file that was made for this relay.")]
    NoKey(PathBuf),
    /// Sealed with another key.
    #[error("The password was sealed with another key. Name that key's file, or set the password again.")]
    Other,
}

/// The key.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// One that is known, for tests.
    #[must_use]
    pub fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads it.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read(path: Option<&Path>) -> Result<Self, KeyError> {
        let path = path.ok_or(KeyError::Unsaid)?;
        let text = std::fs::read_to_string(path).map_err(|error| KeyError::File(path.to_owned(), error))?;
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok();
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        key.map(Self).ok_or_else(|| KeyError::NoKey(path.to_owned()))
    }

    /// Reads it; where there is no such file yet, makes one that nobody else can read.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn read_or_make(path: Option<&Path>) -> Result<Self, KeyError> {
        let named = path.ok_or(KeyError::Unsaid)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(named) {
            Ok(mut file) => {
                let text = URL_SAFE_NO_PAD.encode(clock::random::<32>()) + "\n";
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
                written.map_err(|error| KeyError::File(named.to_owned(), error))?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(KeyError::File(named.to_owned(), error)),
        }
        Self::read(path)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }

    /// Seals a shop's password: for that shop alone.
    ///
    /// # Errors
    /// Where it is too long for any server.
    pub fn seal(&self, shop: ShopId, password: &str) -> Result<Vec<u8>, KeyError> {
        self.seal_for(PASSWORD, shop, password)
    }

    /// Seals a text of a shop's: for that shop and that purpose alone.
    ///
    /// # Errors
    /// Where it is too long.
    pub fn seal_for(&self, purpose: &str, shop: ShopId, text: &str) -> Result<Vec<u8>, KeyError> {
        let nonce = clock::random::<NONCE>();
        let said = Payload {
            msg: text.as_bytes(),
            aad: &about(purpose, shop),
        };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), said);
        Ok([&nonce[..], &sealed.map_err(|_| KeyError::Other)?].concat())
    }

    /// Opens it.
    ///
    /// # Errors
    /// [`KeyError::Other`].
    pub fn open(&self, shop: ShopId, sealed: &[u8]) -> Result<String, KeyError> {
        self.open_for(PASSWORD, shop, sealed)
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// [`KeyError::Other`].
    pub fn open_for(&self, purpose: &str, shop: ShopId, sealed: &[u8]) -> Result<String, KeyError> {
        let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(KeyError::Other)?;
        let said = Payload {
            msg: rest,
            aad: &about(purpose, shop),
        };
        let open = self.cipher().decrypt(XNonce::from_slice(nonce), said);
        String::from_utf8(open.map_err(|_| KeyError::Other)?).map_err(|_| KeyError::Other)
    }
}

fn about(purpose: &str, shop: ShopId) -> Vec<u8> {
    [purpose.as_bytes(), shop.0.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_shop() {
        let (key, shop) = (Key::of([1; 32]), ShopId(Uuid::from_u128(1)));
        let sealed = key.seal(shop, "hunter2").unwrap();
        assert!(!sealed.windows(7).any(|bytes| bytes == b"hunter2"));
        assert_eq!(key.open(shop, &sealed).unwrap(), "hunter2");
        assert!(Key::of([2; 32]).open(shop, &sealed).is_err());
        assert!(key.open_for("something-else", shop, &sealed).is_err());
        assert!(key.open(ShopId(Uuid::from_u128(2)), &sealed).is_err());
        for cut in 0..sealed.len() {
            assert!(key.open(shop, &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(Key::read(Some(&path)), Err(KeyError::File(..))));
        let made = Key::read_or_make(Some(&path)).unwrap();
        assert_eq!(Key::read_or_make(Some(&path)).unwrap().0, made.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "something else").unwrap();
        assert!(matches!(Key::read(Some(&path)), Err(KeyError::NoKey(_))));
        assert!(matches!(Key::read(None), Err(KeyError::Unsaid)));
    }
}
