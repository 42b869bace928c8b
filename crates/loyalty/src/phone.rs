//! Phone numbers in E.164, read the way people of the shop's region write them. Source of the plans: libphonenumber.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use crate::refusal::{Code, Refusal};

/// The country whose way of writing phone numbers the shop uses: ISO 3166, two letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region(phonenumber::country::Id);

impl Region {
    /// The two letters, such as `US`.
    #[must_use]
    pub fn letters(&self) -> &str {
        self.0.as_ref()
    }
}

impl FromStr for Region {
    type Err = Refusal;
    fn from_str(s: &str) -> Result<Self, Refusal> {
        s.trim()
            .to_ascii_uppercase()
            .parse()
            .map(Self)
            .map_err(|_| Refusal::of(Code::BadRegion, "region", s))
    }
}

/// A valid phone number in E.164, such as `+16195550123`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number written for `region`, or with `+` and a country.
    ///
    /// # Errors
    /// `bad_phone` where the numbering plan has no such number.
    pub fn parse(text: &str, region: Region) -> Result<Self, Refusal> {
        let bad = || Refusal::of(Code::BadPhone, "phone", text);
        let plausible = text.len() <= 40 && text.chars().all(|c| c.is_ascii_digit() || " +-./()\u{a0}".contains(c));
        if !plausible {
            return Err(bad());
        }
        let number = phonenumber::parse(Some(region.0), text).map_err(|_| bad())?;
        if !number.is_valid() {
            return Err(bad());
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// The number as stored and sent: `+` and digits.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// Takes a number that this type wrote before.
    #[must_use]
    pub fn trusted(e164: String) -> Self {
        Self(e164)
    }

    /// As people of its country write it with the country in front: `+1 619-555-0123`.
    #[must_use]
    pub fn display(&self) -> String {
        phonenumber::parse(None, &self.0).map_or_else(
            |_| self.0.clone(),
            |n| n.format().mode(phonenumber::Mode::International).to_string(),
        )
    }

    /// Its last four digits: enough to tell two people apart, not enough to call one.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len().saturating_sub(4)..]
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_local_and_international_forms() {
        let us: Region = "us".parse().unwrap();
        for text in [
            "+1 619 555 0123",
            "(619) 555-0123",
            "619.555.0123",
            "1-619-555-0123",
            "6195550123",
        ] {
            assert_eq!(Phone::parse(text, us).unwrap().e164(), "+16195550123", "{text}");
        }
        assert_eq!(Phone::parse("+44 20 7946 0018", us).unwrap().e164(), "+442079460018");
        assert_eq!(
            Phone::parse("020 7946 0018", "GB".parse().unwrap()).unwrap().e164(),
            "+442079460018"
        );
        for text in [
            "",
            "12",
            "hello",
            "619555012",
            "+1619555012345678",
            "555-0123",
            "6195550123 ext 4",
            "+",
            "٦١٩٥٥٥٠١٢٣",
        ] {
            assert_eq!(Phone::parse(text, us).unwrap_err().code, Code::BadPhone, "{text}");
        }
        assert!("XX".parse::<Region>().is_err());
        assert_eq!(Phone::parse("6195550123", us).unwrap().last_four(), "0123");
        assert_eq!(Phone::parse("6195550123", us).unwrap().display(), "+1 619-555-0123");
    }

    proptest! {
        #[test]
        fn never_panics_and_is_idempotent(text in "[0-9+() .-]{0,24}|\\PC{0,24}") {
            let us: Region = "US".parse().unwrap();
            if let Ok(phone) = Phone::parse(&text, us) {
                prop_assert_eq!(Phone::parse(phone.e164(), us).unwrap(), phone);
            }
        }
    }
}
