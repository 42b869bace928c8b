//! Which items a rule is about: by name, by category or by article number, with `*` for anything.
//!
//! Blanks and capitals never matter. Counting is over all lines of a sale together, so their order can't matter.

use super::parse::one_spaced;
use crate::sale::Item;

/// A choice of items.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pick {
    /// By name, as the till writes it.
    Name(Pattern),
    /// By the till's category.
    Category(Pattern),
    /// By the till's article number.
    Sku(Pattern),
}

/// A text to compare with, in which `*` stands for anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    written: String,
    lower: String,
}

impl Pattern {
    pub(super) fn new(written: &str) -> Self {
        let written = one_spaced(written);
        Self {
            lower: comparable(&written),
            written,
        }
    }

    /// As the owner wrote it.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether `lower`, in small letters, fits.
    fn fits(&self, lower: &str) -> bool {
        let Some((head, rest)) = self.lower.split_once('*') else {
            return self.lower == lower;
        };
        let Some(mut left) = lower.strip_prefix(head) else {
            return false;
        };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let tail = parts.pop().unwrap_or_default();
        for part in parts {
            let Some(at) = left.find(part) else { return false };
            left = &left[at + part.len()..];
        }
        left.ends_with(tail)
    }
}

/// In small letters, with single blanks.
fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    // Most names are ASCII, for which this is several times faster.
    if out.is_ascii() {
        out.make_ascii_lowercase();
        out
    } else {
        out.to_lowercase()
    }
}

/// An item of a sale, made comparable once.
pub(super) struct Line<'a> {
    pub item: &'a Item,
    name: String,
    category: Option<String>,
    sku: Option<String>,
}

impl<'a> Line<'a> {
    pub fn of(item: &'a Item) -> Self {
        let plain = |text: &String| comparable(text);
        Self {
            item,
            name: comparable(&item.name),
            category: item.category.as_ref().map(plain),
            sku: item.sku.as_ref().map(plain),
        }
    }

    /// Whether one of `picks` is about it.
    pub fn is_in(&self, picks: &[Pick]) -> bool {
        picks.iter().any(|pick| match pick {
            Pick::Name(p) => p.fits(&self.name),
            Pick::Category(p) => self.category.as_deref().is_some_and(|c| p.fits(c)),
            Pick::Sku(p) => self.sku.as_deref().is_some_and(|s| p.fits(s)),
        })
    }
}

/// Whole pieces of what `picks` are about.
pub(super) fn pieces<'a>(lines: impl Iterator<Item = &'a Line<'a>>, picks: &[Pick]) -> i64 {
    let milli: i128 = lines
        .filter(|l| l.is_in(picks))
        .map(|l| i128::from(l.item.quantity_milli))
        .sum();
    i64::try_from(milli.max(0) / 1000).unwrap_or(i64::MAX)
}

/// The names of `lines` in quotes, each once and in order, at most five.
pub(super) fn names<'a>(lines: impl Iterator<Item = &'a Line<'a>>) -> Vec<String> {
    const NAMED_MAX: usize = 5;
    let mut names: Vec<(&str, &str)> = lines.map(|l| (l.name.as_str(), l.item.name.as_str())).collect();
    names.sort_unstable();
    names.dedup_by_key(|(lower, _)| *lower);
    names.truncate(NAMED_MAX);
    names
        .into_iter()
        .map(|(_, name)| format!("\"{}\"", one_spaced(name)))
        .collect()
}

/// What was paid for `lines`, in minor units, and whether the till told the price of every one.
pub(super) fn prices<'a>(lines: impl Iterator<Item = &'a Line<'a>>) -> (i128, bool) {
    lines.fold((0, true), |(sum, all), line| match line.item.price_minor {
        Some(minor) => (sum + i128::from(minor), all),
        None => (sum, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("Coffee", "coffee", true),
            ("Coffee", "iced coffee", false),
            ("*coffee", "iced coffee", true),
            ("*coffee", "coffee to go", false),
            ("Flat*", "flat white", true),
            ("f*a*e", "flat white", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("Flat  White", "flat white", true),
            ("Crème*", "crème brûlée", true),
        ] {
            assert_eq!(Pattern::new(pattern).fits(text), fits, "{pattern} {text}");
        }
    }
}
