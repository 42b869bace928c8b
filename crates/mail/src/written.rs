//! How a mail writes numbers and money: as its language does, and Spanish also as its country does. The forms are those
//! of CLDR: `1,234` and `$37.20` in English and in Spanish of the Americas' north, `1234`, `12.345` and `37,20 €` elsewhere.

use crate::kind::Language;
use iso_currency::Currency;

/// Where Spanish writes `1,234.50` and the sign in front: the United States, Mexico, Central America, the Caribbean.
const POINTS: [&str; 10] = ["US", "MX", "PR", "DO", "GT", "HN", "SV", "NI", "PA", "CU"];

/// How numbers and money are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// Between thousands.
    group: char,
    /// The least number that has it.
    group_from: u64,
    /// Before the part of an amount that is not whole.
    decimal: char,
    /// Whether the currency's sign stands behind.
    sign_behind: bool,
}

impl Default for Written {
    /// As English does.
    fn default() -> Self {
        Self::by(Language::En, "")
    }
}

impl Written {
    /// As a language does in a country (two letters, as `US`; another word is none).
    #[must_use]
    pub fn by(language: Language, country: &str) -> Self {
        match language {
            Language::Es if !POINTS.contains(&country) => Self {
                group: '.',
                group_from: 10_000,
                decimal: ',',
                sign_behind: true,
            },
            Language::En | Language::Es => Self {
                group: ',',
                group_from: 1000,
                decimal: '.',
                sign_behind: false,
            },
        }
    }

    /// A whole number.
    #[must_use]
    pub fn number(self, value: i64) -> String {
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{}", self.grouped(value.unsigned_abs()))
    }

    /// An amount in a currency's smallest unit, with so many digits after the point. A currency that is not known by its
    /// letters is written with them: `37.20 XQQ`.
    #[must_use]
    pub fn money(self, minor: i64, currency: &str, digits: u32) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let (minor, unit) = (minor.unsigned_abs(), 10_u64.checked_pow(digits).unwrap_or(1));
        let mut amount = self.grouped(minor / unit);
        if digits > 0 {
            let part = format!("{:0width$}", minor % unit, width = digits as usize);
            amount.push(self.decimal);
            amount.push_str(&part);
        }
        match Currency::from_code(currency).map(|known| known.symbol().symbol) {
            Some(symbol) if !self.sign_behind => format!("{sign}{symbol}{amount}"),
            Some(symbol) => format!("{sign}{amount}\u{a0}{symbol}"),
            None => format!("{sign}{amount}\u{a0}{currency}"),
        }
    }

    fn grouped(self, value: u64) -> String {
        let digits = value.to_string();
        if value < self.group_from {
            return digits;
        }
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.group);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_money_are_written_as_the_language_does() {
        let (en, es, mx) = (
            Written::default(),
            Written::by(Language::Es, "ES"),
            Written::by(Language::Es, "MX"),
        );
        let numbers = [0, 7, 999, 1000, 9999, 10_000, 1_234_567, -1234, i64::MIN];
        let all = |by: Written| numbers.map(|n| by.number(n)).join(" ");
        assert_eq!(
            all(en),
            "0 7 999 1,000 9,999 10,000 1,234,567 -1,234 -9,223,372,036,854,775,808"
        );
        assert_eq!(
            all(es),
            "0 7 999 1000 9999 10.000 1.234.567 -1234 -9.223.372.036.854.775.808"
        );
        assert_eq!(all(mx), all(en));
        assert_eq!(en.money(3720, "USD", 2), "$37.20");
        assert_eq!(en.money(-5, "EUR", 2), "-€0.05");
        assert_eq!(en.money(123_456, "JPY", 0), "¥123,456");
        assert_eq!(es.money(1_234_567, "EUR", 2), "12.345,67\u{a0}€");
        assert_eq!(mx.money(3720, "USD", 2), "$37.20");
        assert_eq!(en.money(3720, "XQQ", 2), "37.20\u{a0}XQQ");
    }

    proptest! {
        /// What is between the digits is all that differs.
        #[test]
        fn no_digit_is_lost(value: i64, minor: i64, digits in 0_u32..5, es: bool) {
            let by = Written::by(if es { Language::Es } else { Language::En }, "ES");
            let digits_of = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            prop_assert_eq!(digits_of(&by.number(value)), value.unsigned_abs().to_string());
            let amount = digits_of(&by.money(minor, "EUR", digits));
            let plain = format!("{:0width$}", minor.unsigned_abs(), width = digits as usize + 1);
            prop_assert_eq!(amount, plain);
        }
    }
}
