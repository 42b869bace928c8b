//! Bytes in JSON: base64 for URLs, without padding.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Exactly `N` bytes: a hash (32), a salt (16).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Fixed<const N: usize>(pub [u8; N]);

/// A SHA-256.
pub type Hash = Fixed<32>;
/// What is mixed into a digest of private data.
pub type Salt = Fixed<16>;

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = read::<D>(deserializer, N)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| D::Error::custom("bytes of another length"))
    }
}

/// Some bytes, at most [`crate::limits::SEALED_BYTES_MAX`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blob(pub Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read::<D>(deserializer, crate::limits::SEALED_BYTES_MAX).map(Self)
    }
}

fn read<'de, D: Deserializer<'de>>(deserializer: D, bytes_max: usize) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    if text.len() > bytes_max * 4 / 3 + 3 {
        return Err(D::Error::custom("too many bytes"));
    }
    URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(D::Error::custom)
}
