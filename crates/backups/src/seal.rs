//! Sealing: XChaCha20-Poly1305 in chunks (STREAM: order, number and end are under seal, too), with a key that Argon2id
//! makes of the passphrase. A file of any size needs a few hundred kilobytes; what is cut off, put in another order or
//! changed by one bit does not open.
//!
//! `REGBAK1\n`, then memory (KiB), passes and lanes of Argon2id as three little-endian `u32`, 16 bytes of salt, 19 bytes
//! of nonce; then chunks of 64 KiB, each with its 16 bytes of tag.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::aead::{KeyInit, Payload};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// What a sealed file begins with.
const MAGIC: &[u8; 8] = b"REGBAK1\n";
/// Memory, passes and lanes: what is usual for a passphrase that somebody has to remember.
const COST: [u32; 3] = [64 * 1024, 3, 1];
/// A file that asks for more than this is not one of ours, and must not take this machine's memory.
const COST_MAX: [u32; 3] = [1024 * 1024, 16, 16];
const SALT: usize = 16;
const NONCE: usize = 19;
const HEAD: usize = 8 + 12 + SALT + NONCE;
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

/// Random bytes that sealing needs; never the same twice.
pub const RANDOM_BYTES: usize = SALT + NONCE;

/// Why something was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Reading or writing.
    #[error("The file can't be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Not one of ours.
    #[error("This is no sealed backup.")]
    NotSealed,
    /// Another passphrase, or a file that was changed or cut off.
    #[error("It does not open: the passphrase is another one, or the file was damaged.")]
    Closed,
    /// Less than eight characters.
    #[error("The passphrase is too short. Use eight characters at least; several words are better.")]
    Short,
}

/// What was sealed, or came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Bytes of the content.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub digest: [u8; 32],
}

/// Whether a file begins as a sealed one does.
#[must_use]
pub fn is_sealed(mut from: impl Read) -> bool {
    let mut start = [0; MAGIC.len()];
    from.read_exact(&mut start).is_ok() && start == *MAGIC
}

fn cipher(passphrase: &str, salt: &[u8], cost: [u32; 3]) -> Result<XChaCha20Poly1305, SealError> {
    let [memory, passes, lanes] = cost;
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|_| SealError::NotSealed)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(|_| SealError::NotSealed)?;
    Ok(XChaCha20Poly1305::new(&key.into()))
}

/// As much of `from` as fits.
fn fill(from: &mut impl Read, to: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < to.len() {
        match from.read(&mut to[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Seals all of `from` into `to`. The random bytes are handed in.
///
/// # Errors
/// `Io`, `Short`.
pub fn seal(
    passphrase: &str,
    random: &[u8; RANDOM_BYTES],
    mut from: impl Read,
    mut to: impl Write,
) -> Result<Sealed, SealError> {
    if passphrase.chars().count() < 8 {
        return Err(SealError::Short);
    }
    let (salt, nonce) = random.split_at(SALT);
    let mut head = Vec::with_capacity(HEAD);
    head.extend_from_slice(MAGIC);
    COST.iter().for_each(|part| head.extend_from_slice(&part.to_le_bytes()));
    head.extend_from_slice(random);
    to.write_all(&head)?;
    let mut stream = EncryptorBE32::from_aead(cipher(passphrase, salt, COST)?, nonce.into());
    let (mut now, mut next) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut filled = fill(&mut from, &mut now)?;
    loop {
        let more = fill(&mut from, &mut next)?;
        digest.update(&now[..filled]);
        bytes += filled as u64;
        let said = Payload {
            msg: &now[..filled],
            aad: &head,
        };
        if more == 0 {
            to.write_all(&stream.encrypt_last(said).map_err(|_| SealError::Closed)?)?;
            to.flush()?;
            return Ok(Sealed {
                bytes,
                digest: digest.finalize().into(),
            });
        }
        to.write_all(&stream.encrypt_next(said).map_err(|_| SealError::Closed)?)?;
        std::mem::swap(&mut now, &mut next);
        filled = more;
    }
}

/// Opens all of `from` into `to`. What was written is worth nothing unless this succeeds.
///
/// # Errors
/// See [`SealError`].
pub fn open(passphrase: &str, mut from: impl Read, mut to: impl Write) -> Result<Sealed, SealError> {
    let mut head = [0; HEAD];
    if fill(&mut from, &mut head)? < HEAD || head[..8] != *MAGIC {
        return Err(SealError::NotSealed);
    }
    let mut cost = [0; 3];
    for ((part, most), bytes) in cost.iter_mut().zip(COST_MAX).zip(head[8..20].chunks_exact(4)) {
        *part = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        if *part > most {
            return Err(SealError::NotSealed);
        }
    }
    let (salt, nonce) = head[20..].split_at(SALT);
    let mut stream = DecryptorBE32::from_aead(cipher(passphrase, salt, cost)?, nonce.into());
    let (mut now, mut next) = (vec![0; CHUNK + TAG], vec![0; CHUNK + TAG]);
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    let mut filled = fill(&mut from, &mut now)?;
    loop {
        let more = fill(&mut from, &mut next)?;
        let said = Payload {
            msg: &now[..filled],
            aad: &head,
        };
        let last = more == 0;
        if last {
            let plain = stream.decrypt_last(said).map_err(|_| SealError::Closed)?;
            digest.update(&plain);
            to.write_all(&plain)?;
            to.flush()?;
            return Ok(Sealed {
                bytes: bytes + plain.len() as u64,
                digest: digest.finalize().into(),
            });
        }
        let plain = stream.decrypt_next(said).map_err(|_| SealError::Closed)?;
        digest.update(&plain);
        bytes += plain.len() as u64;
        to.write_all(&plain)?;
        std::mem::swap(&mut now, &mut next);
        filled = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, any, prop_assert, proptest};

    const PASS: &str = "four plain words here";

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let done = seal(PASS, &[7; RANDOM_BYTES], content, &mut file).unwrap();
        assert_eq!(done.bytes, content.len() as u64);
        file
    }

    fn opened(passphrase: &str, file: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut content = Vec::new();
        open(passphrase, file, &mut content).map(|_| content)
    }

    #[test]
    fn what_goes_in_comes_out_whatever_its_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17] {
            let content: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let file = sealed(&content);
            assert_eq!(opened(PASS, &file).unwrap(), content, "{length}");
            assert!(is_sealed(&file[..]));
        }
        assert!(!is_sealed(&b"SQLite format 3"[..]) && !is_sealed(&b"REG"[..]));
    }

    #[test]
    fn what_was_changed_cut_or_put_in_another_order_does_not_open() {
        let content = vec![5; 2 * CHUNK + 100];
        let file = sealed(&content);
        assert!(matches!(opened("four plain words her", &file), Err(SealError::Closed)));
        let whole = CHUNK + TAG;
        let mut swapped = file.clone();
        swapped[HEAD..HEAD + 2 * whole].rotate_left(whole);
        assert!(matches!(opened(PASS, &swapped), Err(SealError::Closed)));
        // A file that ends where a chunk does, and one that goes on.
        assert!(matches!(
            opened(PASS, &file[..HEAD + 2 * whole]),
            Err(SealError::Closed)
        ));
        assert!(opened(PASS, &[&file[..], &[0; 40]].concat()).is_err());
        for at in [8, 13, 17, 25, 40, HEAD, HEAD + whole + 3, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(opened(PASS, &changed).is_err(), "{at}");
        }
        assert!(matches!(
            seal("short", &[1; RANDOM_BYTES], &b""[..], Vec::new()),
            Err(SealError::Short)
        ));
    }

    #[test]
    fn a_file_can_not_ask_for_all_memory() {
        let mut file = sealed(b"x");
        file[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(opened(PASS, &file), Err(SealError::NotSealed)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_makes_the_reader_panic(head in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(opened(PASS, &head).is_err());
        }
    }
}
