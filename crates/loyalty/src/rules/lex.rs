//! A line of the document as tokens: words, numbers, money, times, dates, quoted names.
//!
//! Never fails: what it doesn't know is a single sign. What a line means is in `parse`; this only knows how things
//! are written, in the shop's currency and in others.

use chrono::NaiveDate;
use winnow::ascii::{Caseless, digit1};
use winnow::combinator::{alt, not, opt, peek, preceded, repeat, terminated};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::token::{any, literal, one_of, take_while};

use crate::money::{Currency, Money};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Letters, with digits and apostrophes inside.
    Word,
    /// Digits, perhaps with `,` or `.` inside.
    Number,
    /// An amount in the shop's currency, in minor units; nothing where it can't be one, such as `$1.234`.
    Money(Option<i64>),
    /// An amount in another currency.
    Foreign,
    /// A name between quotes.
    Quoted,
    /// Minutes since midnight, 0 to 1440; nothing where there is no such time.
    Time(Option<u16>),
    /// A day; nothing where there is no such day.
    Date(Option<NaiveDate>),
    /// `4th`.
    Ordinal,
    /// `x1.5` or `1.5x`.
    Times,
    /// Any other sign.
    Sign,
}

/// A token and where it is, in bytes of its line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub start: usize,
}

impl Token<'_> {
    /// The byte behind its last.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// What is between the quotes.
    pub fn unquoted(&self) -> &str {
        self.text.trim_matches(QUOTES)
    }
}

const QUOTES: [char; 3] = ['"', '“', '”'];
/// Signs of currencies people type; the shop's own is asked for first.
const MONEY_SIGNS: [char; 16] = [
    '$', '€', '£', '¥', '￥', '₹', '₽', '₩', '₺', '₴', '₪', '₫', '₱', '฿', '₣', '₦',
];

/// The tokens of `line`, and its comment without the `#`.
pub(super) fn tokens(line: &str, currency: Currency) -> (Vec<Token<'_>>, Option<&str>) {
    let money = Writing::of(currency);
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        let gap = rest.len() - rest.trim_start().len();
        let at_edge = gap > 0 || rest.len() == line.len();
        rest = &rest[gap..];
        if rest.is_empty() {
            return (found, None);
        }
        if let Some(comment) = rest.strip_prefix('#').filter(|_| at_edge) {
            return (found, Some(comment.trim_end()));
        }
        let start = line.len() - rest.len();
        let Ok(kind) = token(&mut rest, &money) else {
            return (found, None);
        };
        let end = line.len() - rest.len();
        found.push(Token {
            kind,
            text: &line[start..end],
            start,
        });
    }
}

/// How the shop's currency is written.
struct Writing {
    currency: Currency,
    symbol: String,
}

impl Writing {
    fn of(currency: Currency) -> Self {
        Self {
            currency,
            symbol: currency.symbol(),
        }
    }

    fn mark<'s>(&self, i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
        let full_width = if self.symbol == "¥" {
            "￥"
        } else {
            self.symbol.as_str()
        };
        alt((
            literal(self.symbol.as_str()),
            literal(full_width),
            literal(Caseless(self.currency.letters())),
        ))
        .parse_next(i)
    }
}

fn token(i: &mut &str, money: &Writing) -> ModalResult<Kind, EmptyError> {
    let currency = money.currency;
    let own = alt((
        preceded((|i: &mut _| money.mark(i), blank), number),
        terminated(
            number,
            (blank, |i: &mut _| money.mark(i), word_ends, not((blank, digit1))),
        ),
    ))
    .map(move |n: &str| {
        let minor = plain_number(n).and_then(|plain| amount(&plain, currency));
        Kind::Money(minor)
    });
    let numeric = alt((
        own,
        foreign.value(Kind::Foreign),
        date,
        time,
        terminated(digit1, (ordinal_end, word_ends)).value(Kind::Ordinal),
        preceded(one_of(['x', 'X', '×']), number).value(Kind::Times),
        terminated(number, (one_of(['x', 'X', '×']), word_ends)).value(Kind::Times),
        number.value(Kind::Number),
    ));
    alt((
        numeric,
        quoted.value(Kind::Quoted),
        word.value(Kind::Word),
        any.value(Kind::Sign),
    ))
    .parse_next(i)
}

fn amount(plain: &str, currency: Currency) -> Option<i64> {
    let decimals = plain.split_once('.').map_or(0, |(_, d)| d.len());
    let fits = decimals <= currency.exponent() as usize;
    fits.then(|| Money::parse(plain, currency).ok())
        .flatten()
        .map(|m| m.minor)
}

fn blank<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    take_while(0.., char::is_whitespace).parse_next(i)
}

fn number<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    let more = repeat::<_, _, (), _, _>(0.., (one_of(['.', ',']), digit1));
    (digit1, more).take().parse_next(i)
}

fn word_ends(i: &mut &str) -> ModalResult<(), EmptyError> {
    not(one_of(char::is_alphanumeric)).parse_next(i)
}

fn ordinal_end<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    alt((
        literal(Caseless("st")),
        literal(Caseless("nd")),
        literal(Caseless("rd")),
        literal(Caseless("th")),
    ))
    .parse_next(i)
}

fn word<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    let apostrophe = (one_of(['\'', '’']), peek(one_of(char::is_alphabetic))).take();
    let letters = take_while(1.., |c: char| c.is_alphanumeric() || c == '_');
    let more = repeat::<_, _, (), _, _>(0.., alt((letters, apostrophe)));
    (one_of(char::is_alphabetic), more).take().parse_next(i)
}

fn quoted<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    (
        one_of(QUOTES),
        take_while(1.., |c| !QUOTES.contains(&c)),
        one_of(QUOTES),
    )
        .take()
        .parse_next(i)
}

fn foreign<'s>(i: &mut &'s str) -> ModalResult<&'s str, EmptyError> {
    let letters = take_while(3, |c: char| c.is_ascii_uppercase()).verify(|l: &str| l.parse::<Currency>().is_ok());
    alt((
        (one_of(MONEY_SIGNS), blank, number).take(),
        (letters, blank, number).take(),
        (number, blank, one_of(MONEY_SIGNS), not((blank, digit1))).take(),
    ))
    .parse_next(i)
}

fn date(i: &mut &str) -> ModalResult<Kind, EmptyError> {
    let digits = |n: usize| take_while(n, |c: char| c.is_ascii_digit());
    let (y, _, m, _, d, ()) = (digits(4), '-', digits(2), '-', digits(2), word_ends).parse_next(i)?;
    let day = NaiveDate::from_ymd_opt(y.parse().unwrap_or(0), m.parse().unwrap_or(0), d.parse().unwrap_or(0));
    Ok(Kind::Date(day))
}

/// `14:00`, `9:30`, `24:00`, `2pm`, `2:30 pm`.
fn time(i: &mut &str) -> ModalResult<Kind, EmptyError> {
    let digits = take_while(1..=2, |c: char| c.is_ascii_digit());
    let minutes = preceded(':', take_while(2, |c: char| c.is_ascii_digit()));
    let half = alt((literal(Caseless("am")), literal(Caseless("pm"))));
    let (hour, minute, half) = (digits, opt(minutes), opt(preceded(blank, terminated(half, word_ends))))
        .verify(|(_, minute, half): &(_, Option<&str>, Option<&str>)| minute.is_some() || half.is_some())
        .parse_next(i)?;
    let hour: u16 = hour.parse().unwrap_or(99);
    let minute: u16 = minute.map_or(Some(0), |m| m.parse().ok()).unwrap_or(99);
    let hour = match half {
        None => (hour <= 24).then_some(hour),
        Some(half) => {
            let noon = if half.eq_ignore_ascii_case("pm") { 12 } else { 0 };
            (1..=12).contains(&hour).then_some(hour % 12 + noon)
        }
    };
    let minutes = hour.map(|h| h * 60 + minute);
    Ok(Kind::Time(minutes.filter(|m| minute < 60 && *m <= 1440)))
}

/// A number as `Money::parse` reads it: thousands ungrouped, a decimal comma made a point. Nothing where it is neither.
pub(super) fn plain_number(text: &str) -> Option<String> {
    let (whole, decimals) = match (text.rfind(','), text.rfind('.')) {
        (Some(comma), Some(point)) => {
            let at = comma.max(point);
            (&text[..at], Some(&text[at + 1..]))
        }
        (Some(at), None) if text.matches(',').count() == 1 && text.len() - at - 1 != 3 => {
            (&text[..at], Some(&text[at + 1..]))
        }
        (None, Some(at)) if text.matches('.').count() == 1 => (&text[..at], Some(&text[at + 1..])),
        _ => (text, None),
    };
    let mut groups = whole.split([',', '.']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let one_sign = !(whole.contains(',') && whole.contains('.'));
    let plain_groups = rest.is_empty() || (first.len() <= 3 && one_sign && rest.iter().all(|g| g.len() == 3));
    plain_groups.then(|| {
        let joined: String = std::iter::once(first).chain(rest.iter().copied()).collect();
        decimals.map_or(joined.clone(), |d| format!("{joined}.{d}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(line: &str) -> Vec<Kind> {
        tokens(line, "USD".parse().unwrap())
            .0
            .into_iter()
            .map(|t| t.kind)
            .collect()
    }

    #[test]
    fn ways_to_write_things() {
        for text in ["$12.50", "$ 12.5", "12.50 USD", "USD 12.50", "12.50$", "usd12.50"] {
            assert_eq!(kinds(text), [Kind::Money(Some(1250))], "{text}");
        }
        assert_eq!(kinds("$1,000.00"), [Kind::Money(Some(100_000))]);
        assert_eq!(kinds("$1.234"), [Kind::Money(None)]);
        assert_eq!(kinds("€5 EUR 5 5 €"), [Kind::Foreign; 3]);
        assert_eq!(
            kinds("14:00-2:30pm"),
            [Kind::Time(Some(840)), Kind::Sign, Kind::Time(Some(870))]
        );
        assert_eq!(kinds("12am 25:00"), [Kind::Time(Some(0)), Kind::Time(None)]);
        assert_eq!(
            kinds("4th x1.5 2x 1,000"),
            [Kind::Ordinal, Kind::Times, Kind::Times, Kind::Number]
        );
        assert_eq!(kinds("2026-02-30"), [Kind::Date(None)]);
        assert_eq!(kinds("member's \"a b\" # why"), [Kind::Word, Kind::Quoted]);
        assert_eq!(tokens("a #1 # b", "USD".parse().unwrap()).1, Some("1 # b"));
    }

    #[test]
    fn numbers_with_points_and_commas() {
        for (text, plain) in [
            ("12", Some("12")),
            ("1,000", Some("1000")),
            ("1.000", Some("1.000")),
            ("1.000,50", Some("1000.50")),
            ("1,000.50", Some("1000.50")),
            ("12,50", Some("12.50")),
            ("1.000.000", Some("1000000")),
            ("1,00,000", None),
            ("1.2.3", None),
        ] {
            assert_eq!(plain_number(text).as_deref(), plain, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_covers(line in "\\PC{0,60}", letters in prop::sample::select(vec!["USD", "JPY", "CHF", "AED", "ZAR"])) {
            let (found, _) = tokens(&line, letters.parse().unwrap());
            let mut at = 0;
            for t in found {
                prop_assert!(t.start >= at && t.end() > t.start && line[t.start..].starts_with(t.text));
                at = t.end();
            }
        }
    }
}
