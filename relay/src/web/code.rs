//! What a referral code looks like: `solare` in `/ref/solare`. Whose it is is in `store::links`.

use std::fmt;

/// Shortest and longest, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=40;

/// A code: 2 to 40 small letters, digits and hyphens, with a letter or digit at both ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RefCode(String);

impl RefCode {
    /// Reads a code; capitals are as good as small letters.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let plain = |b: &u8| b.is_ascii_alphanumeric();
        let bytes = text.as_bytes();
        let good = LENGTHS.contains(&bytes.len())
            && bytes.iter().all(|b| plain(b) || *b == b'-')
            && bytes.first().is_some_and(plain)
            && bytes.last().is_some_and(plain);
        good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The member's code that this may be, however it was typed, as it is stored.
    #[must_use]
    pub fn as_member(&self) -> Option<Self> {
        let read = loyalty::MemberCode::read(&self.0)?;
        Some(Self(read.as_str().to_ascii_lowercase()))
    }

    /// Others like it, to be offered where it is taken.
    #[must_use]
    pub fn like_it(&self, shop_name: &str, year: i32) -> Vec<Self> {
        let words: String = shop_name
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let with = |tail: &str| {
            let room = LENGTHS.end().saturating_sub(tail.len() + 1);
            let head: String = self.0.chars().take(room).collect();
            Self::read(&format!("{}-{tail}", head.trim_end_matches('-')))
        };
        let tails = [
            words.to_ascii_lowercase(),
            year.to_string(),
            "2".into(),
            "3".into(),
            "4".into(),
            "friends".into(),
        ];
        tails.iter().filter_map(|tail| with(tail)).collect()
    }
}

impl fmt::Display for RefCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn codes_are_plain_words() {
        assert_eq!(RefCode::read("SolarE-24").unwrap().as_str(), "solare-24");
        for wrong in [
            "",
            "a",
            "-ab",
            "ab-",
            "a b",
            "a/b",
            "..",
            "a.b",
            "caf\u{e9}",
            "a\r\nb",
            "a%0d",
            &"x".repeat(41),
        ] {
            assert_eq!(RefCode::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_members_code_is_known_however_it_is_typed() {
        let code = loyalty::MemberCode::from_random(987_654_321);
        let typed = RefCode::read(&code.to_string()).unwrap();
        assert_eq!(typed.as_member(), RefCode::read(code.as_str()));
        assert_eq!(RefCode::read("solare").unwrap().as_member(), None);
    }

    #[test]
    fn others_like_it_are_offered() {
        let like: Vec<String> = RefCode::read("solare")
            .unwrap()
            .like_it("Harbour Caf\u{e9}", 2026)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(like[..3], ["solare-harbour", "solare-2026", "solare-2"]);
        let long = RefCode::read(&"x".repeat(40)).unwrap();
        assert!(long.like_it("Bar", 2026).iter().all(|code| code.as_str().len() <= 40));
    }

    proptest! {
        #[test]
        fn what_is_read_can_stand_in_an_address(text in "\\PC{0,50}") {
            if let Some(code) = RefCode::read(&text) {
                prop_assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
                prop_assert!(code.like_it(&text, 2026).iter().all(|like| RefCode::read(like.as_str()).as_ref() == Some(like)));
            }
        }
    }
}
