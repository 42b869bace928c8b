//! Member codes: short, made offline, hard to misread, and checked when typed.
//!
//! Nine characters of 31 (digits and capitals without I, L, O, U and Z, which read like 1, 0, V and 2): eight at random
//! (39 bits; a clash is caught by a constraint) and a check character, the sum of value times place modulo the prime
//! 31. Values and places all differ by less than 31, so every single wrong character and every swapped pair is found.

use std::fmt;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKMNPQRSTVWXY";
const RANDOM_LEN: usize = 8;

/// A member's code, such as `7KQ2M9XRA`, shown as `7KQ-2M9-XRA`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MemberCode(String);

impl MemberCode {
    /// The code of a random number.
    #[must_use]
    pub fn from_random(mut random: u64) -> Self {
        let mut text = String::with_capacity(RANDOM_LEN + 1);
        for _ in 0..RANDOM_LEN {
            text.push(char::from(ALPHABET[usize::try_from(random % 31).unwrap_or(0)]));
            random /= 31;
        }
        text.push(check(&text));
        Self(text)
    }

    /// Reads a code as typed or scanned: case, spaces and hyphens don't matter, `O` is zero, `I` and `L` are one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let code: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                'U' => 'V',
                'Z' => '2',
                c => c,
            })
            .collect();
        let known = code.len() == RANDOM_LEN + 1 && code.bytes().all(|b| ALPHABET.contains(&b));
        (known && code.ends_with(check(&code[..RANDOM_LEN]))).then_some(Self(code))
    }

    /// The nine characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str) -> char {
    let value = |b: u8| ALPHABET.iter().position(|a| *a == b).unwrap_or(0);
    let sum: usize = text.bytes().enumerate().map(|(i, b)| (i + 1) * value(b)).sum();
    char::from(ALPHABET[sum % 31])
}

impl fmt::Display for MemberCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn read_back_however_it_is_typed(random: u64) {
            let code = MemberCode::from_random(random);
            prop_assert_eq!(MemberCode::read(&code.to_string().to_lowercase()), Some(code.clone()));
            prop_assert_eq!(MemberCode::read(&format!(" {} ", code.as_str().replace('0', "o"))), Some(code));
        }

        #[test]
        fn one_wrong_character_is_found(random: u64, place in 0_usize..8, to in 0_usize..31) {
            let code = MemberCode::from_random(random);
            let mut bytes = code.as_str().as_bytes().to_vec();
            let was = bytes[place];
            bytes[place] = ALPHABET[to];
            prop_assume!(was != bytes[place]);
            prop_assert_eq!(MemberCode::read(std::str::from_utf8(&bytes).unwrap()), None);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = MemberCode::read(&text);
        }
    }
}
