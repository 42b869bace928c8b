//! What is said: JSON on standard output, or clear text; and how figures are written for people.

use loyalty::{Money, Points, ShopZone, UtcMs};
use serde::Serialize;
use std::io::Write;

use crate::failure::Failure;

/// Where answers go.
#[derive(Clone, Copy)]
pub struct Out {
    json: bool,
}

impl Out {
    /// Answers in JSON, or in words.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// The answer, once as JSON and once in words.
    pub fn say(self, json: &impl Serialize, words: impl FnOnce() -> String) {
        if self.json {
            self.line(&serde_json::to_string(json).unwrap_or_else(|e| format!("{{\"error\":{:?}}}", e.to_string())));
        } else {
            self.line(words().trim_end());
        }
    }

    /// A failure: JSON on standard output, or words on standard error.
    pub fn failed(self, failure: &Failure) {
        if self.json {
            self.line(&serde_json::json!({"error": failure.json()}).to_string());
        } else {
            // Nobody to tell if even this can't be written.
            let _ = writeln!(std::io::stderr(), "{}", failure.words());
        }
    }

    fn line(self, text: &str) {
        // A reader that has heard enough (`| head`) is no failure, and what was done is done.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }
}

/// `2,357`.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12 points`, `1 point`.
pub fn points(n: Points) -> String {
    counted(n, "point")
}

/// `12 points are`, `1 point is`.
pub fn points_are(n: Points) -> String {
    format!("{} {}", points(n), if n.abs() == 1 { "is" } else { "are" })
}

/// `+12 points`, `-100 points`.
pub fn change(n: Points) -> String {
    format!("{}{}", if n > 0 { "+" } else { "" }, points(n))
}

/// `12 sales`, `1 sale`.
pub fn counted(n: i64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n.abs() == 1 { "" } else { "s" })
}

/// `$12.50`, with the decimals always there.
pub fn money(amount: Money) -> String {
    let plain = amount.plain();
    match plain.strip_prefix('-') {
        Some(rest) => format!("-{}{rest}", amount.currency.symbol()),
        None => format!("{}{plain}", amount.currency.symbol()),
    }
}

/// `2026-11-20 14:05` on the shop's clock.
pub fn local(at: UtcMs, zone: ShopZone) -> String {
    zone.local(at).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_for_people() {
        assert_eq!(
            [0, 7, 999, 1000, -1_234_567].map(grouped),
            ["0", "7", "999", "1,000", "-1,234,567"]
        );
        assert_eq!(
            (points(1), points(1200), change(-1), change(5)),
            (
                "1 point".into(),
                "1,200 points".into(),
                "-1 point".into(),
                "+5 points".into()
            )
        );
        let usd = "USD".parse().unwrap();
        assert_eq!(
            (money(Money::new(1200, usd)), money(Money::new(-5, usd))),
            ("$12.00".into(), "-$0.05".into())
        );
    }
}
