//! Whether a text about a month says only what the figures say: every number in it is one of them, a difference of two of
//! them, a change in percent, or the year. Numbers in words are read too, in English and Spanish; what can't be read for
//! sure is not let through.
//!
//! Whether "more" should be "fewer" is in `direction`. Not here: whether a true number stands beside the right word.

use super::{Month, direction};

/// What the figures don't bear out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is not borne out by the figures")]
pub struct Unfounded(pub String);

/// Longest text, in characters.
const MAX: usize = 1200;
/// Shortest.
const MIN: usize = 20;

/// Words that are numbers. Not `one`, `un`, `uno`, `una`: they are mostly articles.
const WORDS: [(&str, i64); 72] = [
    ("zero", 0),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1000),
    ("cero", 0),
    ("dos", 2),
    ("tres", 3),
    ("cuatro", 4),
    ("cinco", 5),
    ("seis", 6),
    ("siete", 7),
    ("ocho", 8),
    ("nueve", 9),
    ("diez", 10),
    ("once", 11),
    ("doce", 12),
    ("trece", 13),
    ("catorce", 14),
    ("quince", 15),
    ("dieciséis", 16),
    ("diecisiete", 17),
    ("dieciocho", 18),
    ("diecinueve", 19),
    ("veinte", 20),
    ("veintiuno", 21),
    ("veintidós", 22),
    ("veintitrés", 23),
    ("veinticuatro", 24),
    ("veinticinco", 25),
    ("treinta", 30),
    ("cuarenta", 40),
    ("cincuenta", 50),
    ("sesenta", 60),
    ("setenta", 70),
    ("ochenta", 80),
    ("noventa", 90),
    ("cien", 100),
    ("ciento", 100),
    ("doscientos", 200),
    ("trescientos", 300),
    ("cuatrocientos", 400),
    ("quinientos", 500),
    ("mil", 1000),
    ("million", 1_000_000),
    ("millón", 1_000_000),
    ("dozen", 12),
    ("docena", 12),
];

/// Words that make a number of another, or are one that can't be checked.
const VAGUE: [&str; 25] = [
    "half",
    "halved",
    "double",
    "doubled",
    "twice",
    "triple",
    "tripled",
    "thrice",
    "quadrupled",
    "third",
    "quarter",
    "dozens",
    "hundreds",
    "thousands",
    "millions",
    "mitad",
    "doble",
    "duplicó",
    "triple",
    "triplicó",
    "tercio",
    "cuarto",
    "docenas",
    "cientos",
    "miles",
];

/// Whether a text may stand for the month.
///
/// # Errors
/// What in it is not borne out, or why it is no such text.
pub fn check(text: &str, month: &Month) -> Result<(), Unfounded> {
    let length = text.trim().chars().count();
    if !(MIN..=MAX).contains(&length) {
        return Err(Unfounded(format!("a text of {length} characters")));
    }
    let lower = text.to_lowercase();
    for link in ["http", "www.", "@", "://", "<", ">", "{", "}"] {
        if lower.contains(link) {
            return Err(Unfounded(link.to_owned()));
        }
    }
    if let Some(odd) = text.chars().find(|c| c.is_numeric() && !c.is_ascii_digit()) {
        return Err(Unfounded(odd.to_string()));
    }
    let known = Known::of(month);
    digits(&lower, &known)?;
    words(&lower, &known)?;
    direction::check(&lower, &known)
}

/// What a number may be.
pub(super) struct Known {
    /// Times a hundred, so that amounts are whole.
    hundredths: Vec<i128>,
    pairs: Vec<(i64, i64)>,
    /// How many of a pair's units are one of what is written: 1, or as many as the currency's smallest in its largest.
    units: Vec<i128>,
    years: [i32; 2],
}

impl Known {
    fn of(month: &Month) -> Self {
        let mut pairs = month.counted().to_vec();
        let (mut hundredths, mut units) = (Vec::new(), vec![1; pairs.len()]);
        for (now, before) in &pairs {
            let difference = i128::from(*now) - i128::from(*before);
            hundredths.extend([i128::from(*now), i128::from(*before), difference].map(|n| n.abs() * 100));
        }
        if let Some(cost) = month.now.cost_minor {
            let before = month.before.cost_minor;
            let unit = 10_i128.pow(month.digits.min(6));
            let minors = [Some(cost), before, before.map(|before| cost - before)];
            hundredths.extend(
                minors
                    .into_iter()
                    .flatten()
                    .map(|minor| i128::from(minor).abs() * 100 / unit),
            );
            pairs.extend(before.map(|before| (cost, before)));
            units.extend(before.map(|_| unit));
        }
        let years = [month.year, month.previous().0];
        hundredths.extend(years.map(|year| i128::from(year) * 100));
        Self {
            hundredths,
            pairs,
            units,
            years,
        }
    }

    /// Whether a number can be a year of the month or of the one before.
    pub(super) fn is_year(&self, number: &Number<'_>) -> bool {
        let is = |year: &i32| number.readings.contains(&(i128::from(*year) * 100, 0));
        !number.percent && self.years.iter().any(is)
    }

    /// Whether there is a figure that grew, or fell, and that all these numbers are of.
    pub(super) fn moved(&self, grew: bool, numbers: &[&Number<'_>]) -> bool {
        self.pairs.iter().zip(&self.units).any(|((now, before), unit)| {
            let (now_, before_) = (i128::from(*now), i128::from(*before));
            let values = [now_, before_, now_ - before_].map(|value| value.abs() * 100 / unit);
            let is_of = |number: &&Number<'_>| {
                number.readings.iter().any(|(value, decimals)| match number.percent {
                    true => is_percent((*now, *before), *value, *decimals),
                    false => values.contains(value),
                })
            };
            (if grew { now > before } else { now < before }) && numbers.iter().all(is_of)
        })
    }

    fn has(&self, hundredths: i128) -> bool {
        self.hundredths.contains(&hundredths)
    }

    /// Whether a figure changed by so many percent, as exactly as that is written: to the nearest whole or tenth.
    fn has_percent(&self, hundredths: i128, decimals: usize) -> bool {
        self.pairs.iter().any(|pair| is_percent(*pair, hundredths, decimals))
    }
}

fn is_percent((now, before): (i64, i64), hundredths: i128, decimals: usize) -> bool {
    let half = if decimals == 0 { 50 } else { 5 };
    let (now, before) = (i128::from(now), i128::from(before));
    // |difference| * 10000 / before, without losing anything.
    let exact = (now - before).abs() * 10_000;
    before > 0 && (hundredths * before - exact).abs() <= half * before
}

/// A number as it stands in a text.
pub(super) struct Number<'a> {
    /// As it is written.
    pub(super) token: &'a str,
    /// What it may mean: hundredths, and with how many decimals.
    pub(super) readings: Vec<(i128, usize)>,
    /// Whether it is so many percent.
    pub(super) percent: bool,
    /// Whether it runs into letters (`3x`, `2nd`, `10k`): then it says more than its digits.
    glued: bool,
}

/// A number word, where a word is one.
pub(super) fn spelt(word: &str) -> Option<Number<'_>> {
    let (token, value) = WORDS.iter().find(|(name, _)| *name == word)?;
    Some(Number {
        token,
        readings: vec![(i128::from(*value) * 100, 0)],
        percent: false,
        glued: false,
    })
}

/// A number as it may have been meant: in hundredths, and with how many decimals.
fn readings(token: &str) -> Vec<(i128, usize)> {
    let plain: String = token.chars().filter(char::is_ascii_digit).collect();
    let Ok(whole) = plain.parse::<i128>() else {
        return Vec::new();
    };
    let Some(at) = token.rfind(|c: char| !c.is_ascii_digit()) else {
        return vec![(whole * 100, 0)];
    };
    let mut all = Vec::new();
    let groups: Vec<&str> = token.split(|c: char| !c.is_ascii_digit()).collect();
    let grouped = groups.iter().skip(1).all(|group| group.len() == 3) && (1..=3).contains(&groups[0].len());
    if grouped {
        all.push((whole * 100, 0));
    }
    // With a last part of one or two digits, that is the decimals; what is before it may be grouped.
    let decimals = token[at..].chars().filter(char::is_ascii_digit).count();
    let before = &groups[..groups.len() - 1];
    let before_grouped = before.len() == 1 || before.iter().skip(1).all(|group| group.len() == 3);
    if (1..=2).contains(&decimals) && before_grouped && token[at..].starts_with(['.', ',']) {
        all.push((if decimals == 1 { whole * 10 } else { whole }, decimals));
    }
    all
}

/// The numbers of a text that are written in digits.
pub(super) fn tokens(text: &str) -> Vec<Number<'_>> {
    let (bytes, mut at, mut all) = (text.as_bytes(), 0, Vec::new());
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let is = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        while is(at) || (matches!(bytes.get(at), Some(b'.' | b',' | b'\'')) && is(at + 1)) {
            at += 1;
        }
        let (token, rest) = (
            &text[start..at],
            text[at..].trim_start_matches([' ', '\u{a0}', '\u{202f}']),
        );
        all.push(Number {
            token,
            readings: readings(token),
            percent: ["%", "percent", "per cent", "por ciento"]
                .iter()
                .any(|word| rest.starts_with(word)),
            glued: text[at..].starts_with(|c: char| c.is_alphabetic()),
        });
    }
    all
}

fn digits(text: &str, known: &Known) -> Result<(), Unfounded> {
    for number in tokens(text) {
        let fits = |(value, decimals): &(i128, usize)| match number.percent {
            true => known.has_percent(*value, *decimals),
            false => known.has(*value),
        };
        if number.glued || number.token.len() > 20 || !number.readings.iter().any(fits) {
            return Err(Unfounded(number.token.to_owned()));
        }
    }
    Ok(())
}

fn words(text: &str, known: &Known) -> Result<(), Unfounded> {
    let all: Vec<&str> = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let number = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, n)| *n);
    for (at, word) in all.iter().enumerate() {
        if VAGUE.contains(word) {
            return Err(Unfounded((*word).to_owned()));
        }
        let Some(value) = number(word) else { continue };
        // `once` is a Spanish eleven and an English adverb; both are let through only where eleven is a figure. Several
        // number words in a row are one number, which is not read.
        let next = all
            .get(at + 1)
            .is_some_and(|next| number(next).is_some() || *next == "one");
        // `por ciento` and `percent` after a word: not read either.
        let percent = all
            .get(at + 1)
            .is_some_and(|next| matches!(*next, "percent" | "por" | "per"));
        let of_percent = *word == "ciento" && at > 0 && all[at - 1] == "por";
        if !of_percent && (next || percent || !known.has(i128::from(value) * 100)) {
            return Err(Unfounded((*word).to_owned()));
        }
    }
    Ok(())
}
