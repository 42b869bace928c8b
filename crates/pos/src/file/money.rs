//! Amounts as people and programs write them, turned into the plain decimals that [`Money`] reads. Exact: no amount
//! goes through a float, and what could mean two amounts is refused.

use loyalty::{Code, Currency, Money, Refusal};

use super::mapping::Decimal;

/// Reads an amount written the way `decimal` says.
pub(crate) fn read(text: &str, decimal: Decimal, currency: Currency) -> Result<Money, Refusal> {
    let bad = || Refusal::of(Code::BadAmount, "amount", text);
    match decimal {
        Decimal::Plain => Money::parse(text, currency),
        Decimal::Point => plain(text, '.', currency)
            .ok_or_else(bad)
            .and_then(|t| Money::parse(&t, currency)),
        Decimal::Comma => plain(text, ',', currency)
            .ok_or_else(bad)
            .and_then(|t| Money::parse(&t, currency)),
    }
    .map_err(|_| bad())
}

/// The digits with a decimal point, and a minus in front where the amount is below zero.
fn plain(text: &str, mark: char, currency: Currency) -> Option<String> {
    let (negative, digits) = unsigned(text, currency)?;
    let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
    let whole = ungrouped(whole, mark)?;
    let fits = fraction.bytes().all(|b| b.is_ascii_digit()) && !digits.ends_with(mark);
    let minus = if negative { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    // `.50` is fifty cents.
    let whole = if whole.is_empty() && !fraction.is_empty() {
        "0"
    } else {
        &whole
    };
    fits.then(|| format!("{minus}{whole}{point}{fraction}"))
}

/// Takes signs off: `-$12`, `$-12`, `(12)`, `12-`, `12 EUR`. Whether there was a minus, and what is left.
fn unsigned(text: &str, currency: Currency) -> Option<(bool, &str)> {
    let symbol = currency.symbol();
    let bare = symbol.trim_matches(|c: char| c.is_ascii_alphabetic());
    let signs = [currency.letters(), symbol.as_str(), bare];
    let mut rest = text.trim();
    let mut minuses = 0;
    if let Some(inside) = rest.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        (rest, minuses) = (inside.trim(), 1);
    }
    let mut money_signs = 0;
    loop {
        let before = rest;
        for minus in ['-', '\u{2212}'] {
            if let Some(t) = rest.strip_prefix(minus).or_else(|| rest.strip_suffix(minus)) {
                (rest, minuses) = (t.trim(), minuses + 1);
            }
        }
        for sign in signs.iter().filter(|sign| !sign.is_empty()) {
            if let Some(t) = rest.strip_prefix(sign).or_else(|| rest.strip_suffix(sign)) {
                (rest, money_signs) = (t.trim(), money_signs + 1);
            }
        }
        if before == rest {
            break;
        }
    }
    (minuses <= 1 && money_signs <= 2).then_some((minuses == 1, rest))
}

/// The digits without grouping. Groups are parted by one kind of sign and have three digits (two in front of the last
/// three, as in India); else the sign is probably the other decimal mark.
fn ungrouped(whole: &str, mark: char) -> Option<String> {
    let is_group_sign = |c: char| match c {
        ',' | '.' => c != mark,
        ' ' | '\'' | '\u{2019}' | '\u{a0}' | '\u{202f}' => true,
        _ => false,
    };
    let Some(sign) = whole.chars().find(|c| is_group_sign(*c)) else {
        return whole.bytes().all(|b| b.is_ascii_digit()).then(|| whole.to_owned());
    };
    let groups: Vec<&str> = whole.split(sign).collect();
    let (first, middle, last) = (groups.first()?, &groups[1..groups.len() - 1], groups.last()?);
    let digits = groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_digit()));
    let sized = (1..=3).contains(&first.len()) && last.len() == 3 && middle.iter().all(|g| g.len() == 3)
        || (1..=2).contains(&first.len()) && last.len() == 3 && middle.iter().all(|g| g.len() == 2);
    (digits && sized).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minor(text: &str, decimal: Decimal, letters: &str) -> Option<i64> {
        read(text, decimal, letters.parse().unwrap()).ok().map(|m| m.minor)
    }

    #[test]
    fn as_exports_write_them() {
        for (text, decimal, letters, want) in [
            ("$1,234.50", Decimal::Point, "USD", Some(123_450)),
            ("-$12.96", Decimal::Point, "USD", Some(-1296)),
            ("$-12.96", Decimal::Point, "USD", Some(-1296)),
            ("($0.30)", Decimal::Point, "USD", Some(-30)),
            ("USD 7", Decimal::Point, "USD", Some(700)),
            (".50", Decimal::Point, "USD", Some(50)),
            ("1'234.50", Decimal::Point, "CHF", Some(123_450)),
            ("₹1,23,456.00", Decimal::Point, "INR", Some(12_345_600)),
            ("1.234,50 €", Decimal::Comma, "EUR", Some(123_450)),
            ("1\u{202f}234,5", Decimal::Comma, "EUR", Some(123_450)),
            ("12,3", Decimal::Comma, "EUR", Some(1230)),
            ("1.234", Decimal::Comma, "EUR", Some(123_400)),
            ("1,234", Decimal::Point, "JPY", Some(1234)),
            // Each of these could be another amount, or is none.
            ("12,50", Decimal::Point, "USD", None),
            ("12.50", Decimal::Comma, "EUR", None),
            ("1,2345", Decimal::Point, "USD", None),
            ("1,234 567", Decimal::Point, "USD", None),
            ("€5", Decimal::Point, "USD", None),
            ("$$$5", Decimal::Point, "USD", None),
            ("--5", Decimal::Point, "USD", None),
            ("5.", Decimal::Point, "USD", None),
            ("$1,234.50", Decimal::Plain, "USD", None),
            ("", Decimal::Point, "USD", None),
            (".", Decimal::Point, "USD", None),
            ("1.005", Decimal::Point, "USD", None),
        ] {
            assert_eq!(minor(text, decimal, letters), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn grouped_and_signed_is_read_back(amount in 0_i64..100_000_000_000, comma: bool, signed: bool, negative: bool) {
            let currency: Currency = "EUR".parse().unwrap();
            let (group, mark, decimal) = if comma { ('.', ',', Decimal::Comma) } else { (',', '.', Decimal::Point) };
            let mut whole = (amount / 100).to_string();
            for at in (1..whole.len()).rev().filter(|at| (whole.len() - at) % 3 == 0).collect::<Vec<_>>() {
                whole.insert(at, group);
            }
            let minus = if negative { "-" } else { "" };
            let sign = if signed { "€" } else { "" };
            let text = format!("{minus}{sign}{whole}{mark}{:02}", amount % 100);
            let want = if negative { -amount } else { amount };
            prop_assert_eq!(read(&text, decimal, currency).unwrap().minor, want, "{}", text);
        }

        #[test]
        fn never_panics(text in "[-0-9.,' $€()A-Z]{0,20}|\\PC{0,12}") {
            for decimal in [Decimal::Plain, Decimal::Point, Decimal::Comma] {
                let _ = minor(&text, decimal, "USD");
            }
        }
    }
}
