//! Money: whole minor units of an ISO 4217 currency, read from and written as decimal strings, never floats.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

use crate::refusal::{Code, Refusal};

/// An ISO 4217 currency, by its three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// How many decimal digits its amounts have (2 for USD, 0 for JPY, 3 for KWD). Source: ISO 4217.
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// The three letters, such as `USD`.
    #[must_use]
    pub fn letters(self) -> &'static str {
        self.0.code()
    }

    /// The sign people write, such as `$`.
    #[must_use]
    pub fn symbol(self) -> String {
        self.0.symbol().symbol
    }

    /// Minor units in one major unit: 100 for USD.
    #[must_use]
    pub fn unit(self) -> i64 {
        10_i64.pow(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = Refusal;
    fn from_str(s: &str) -> Result<Self, Refusal> {
        iso_currency::Currency::from_code(&s.trim().to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| Refusal::of(Code::BadCurrency, "currency", s))
    }
}

impl TryFrom<String> for Currency {
    type Error = Refusal;
    fn try_from(s: String) -> Result<Self, Refusal> {
        s.parse()
    }
}

impl From<Currency> for String {
    fn from(c: Currency) -> String {
        c.letters().to_owned()
    }
}

/// An amount of money. `minor` counts the currency's smallest unit (cents for USD).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    /// The amount in minor units.
    pub minor: i64,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// The largest amount one sale can have, in minor units; it leaves room for every sum this project makes.
    pub const MINOR_MAX: i64 = 1_000_000_000_000;

    /// An amount of `minor` smallest units.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a plain decimal amount such as `12.50`, `12.5`, `12` or `-3`, with a point and no grouping.
    ///
    /// # Errors
    /// `bad_amount` for anything else, for more decimals than the currency has, and beyond [`Money::MINOR_MAX`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let bad = || Refusal::of(Code::BadAmount, "amount", text);
        let t = text.trim();
        let (negative, digits) = t.strip_prefix('-').map_or((false, t), |d| (true, d));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let ascii = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let places = currency.exponent() as usize;
        let fraction_kept = fraction.trim_end_matches('0');
        if whole.is_empty()
            || digits.ends_with('.')
            || !ascii(whole)
            || !ascii(fraction)
            || fraction_kept.len() > places
        {
            return Err(bad());
        }
        let mut minor: i64 = 0;
        for b in whole
            .bytes()
            .chain(fraction_kept.bytes())
            .chain(std::iter::repeat_n(b'0', places - fraction_kept.len()))
        {
            minor = minor
                .checked_mul(10)
                .and_then(|m| m.checked_add(i64::from(b - b'0')))
                .ok_or_else(bad)?;
        }
        if minor > Self::MINOR_MAX {
            return Err(bad());
        }
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// As [`Money::parse`], and refuses an amount below zero: what a customer pays.
    ///
    /// # Errors
    /// `bad_amount`, as above and below zero.
    pub fn parse_total(text: &str, currency: Currency) -> Result<Self, Refusal> {
        let money = Self::parse(text, currency)?;
        if money.minor < 0 {
            Err(Refusal::of(Code::BadAmount, "amount", text))
        } else {
            Ok(money)
        }
    }

    /// The amount as a plain decimal, `12.50`: what [`Money::parse`] reads.
    #[must_use]
    pub fn plain(self) -> String {
        let unit = self.currency.unit().unsigned_abs();
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        let sign = if self.minor < 0 { "-" } else { "" };
        match self.currency.exponent() as usize {
            0 => format!("{sign}{whole}"),
            places => format!("{sign}{whole}.{rest:0places$}"),
        }
    }
}

impl fmt::Display for Money {
    /// With the currency's sign in front, and no decimals where there are none to show: `$12.50`, `$1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        let short = plain
            .split_once('.')
            .filter(|(_, rest)| rest.bytes().all(|b| b == b'0'))
            .map_or(plain.as_str(), |(w, _)| w);
        match short.strip_prefix('-') {
            Some(rest) => write!(f, "-{}{rest}", self.currency.symbol()),
            None => write!(f, "{}{short}", self.currency.symbol()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd() -> Currency {
        "USD".parse().unwrap()
    }

    #[test]
    fn reads_what_people_and_tills_write() {
        for (text, minor) in [
            ("12.50", 1250),
            ("12.5", 1250),
            ("12", 1200),
            ("0", 0),
            ("0.00", 0),
            ("-3.01", -301),
            (" 7 ", 700),
            ("1.100", 110),
        ] {
            assert_eq!(Money::parse(text, usd()).unwrap().minor, minor, "{text}");
        }
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "1.234",
            "1,000",
            "1e3",
            "NaN",
            "--1",
            "1 2",
            "99999999999999999999",
            "10000000000.01",
            "١",
        ] {
            assert_eq!(Money::parse(text, usd()).unwrap_err().code, Code::BadAmount, "{text}");
        }
        let yen: Currency = "jpy".parse().unwrap();
        assert_eq!(Money::parse("1200", yen).unwrap().minor, 1200);
        assert!(Money::parse("1200.5", yen).is_err());
        assert!("USX".parse::<Currency>().is_err());
    }

    #[test]
    fn writes_with_the_sign() {
        assert_eq!(Money::new(1250, usd()).to_string(), "$12.50");
        assert_eq!(Money::new(100, usd()).to_string(), "$1");
        assert_eq!(Money::new(-305, usd()).to_string(), "-$3.05");
    }

    proptest! {
        #[test]
        fn plain_is_read_back(minor in -Money::MINOR_MAX..=Money::MINOR_MAX, letters in prop::sample::select(vec!["USD", "JPY", "KWD", "EUR"])) {
            let money = Money::new(minor, letters.parse().unwrap());
            prop_assert_eq!(Money::parse(&money.plain(), money.currency).unwrap(), money);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = Money::parse(&text, usd());
        }
    }
}
