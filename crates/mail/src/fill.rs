//! What differs from one mail to the next: values, made harmless once, when they are handed in.

use crate::kind::Name;
use crate::month::Bar;
use crate::written::Written;
use std::collections::BTreeMap;

/// Longest value of a line, in characters.
const MAX: usize = 80;
/// Longest story, address or problem.
const STORY_MAX: usize = 2000;

/// Values for a mail.
#[derive(Clone, Debug, Default)]
pub struct Values {
    written: Written,
    lines: BTreeMap<Name, String>,
    bars: Vec<Bar>,
}

impl Values {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With numbers from here on written so.
    #[must_use]
    pub fn written(mut self, written: Written) -> Self {
        self.written = written;
        self
    }

    /// With a text: shortened, without characters that can't be shown, on one line. What a member typed and a mail
    /// program would make a link of is left out whole.
    #[must_use]
    pub fn text(mut self, name: Name, value: &str) -> Self {
        let max = match name {
            Name::Story | Name::Place | Name::Problem => STORY_MAX,
            _ => MAX,
        };
        let mut plain = plain(value, max);
        if name == Name::Member && looks_like_address(&plain) {
            plain.clear();
        }
        self.lines.insert(name, plain);
        self
    }

    /// With a whole number.
    #[must_use]
    pub fn number(mut self, name: Name, value: i64) -> Self {
        self.lines.insert(name, self.written.number(value));
        self
    }

    /// With a link of our own making; anything else is left out.
    #[must_use]
    pub fn link(mut self, name: Name, address: &str) -> Self {
        if name.is_link() && is_web(address) {
            self.lines.insert(name, address.to_owned());
        }
        self
    }

    /// With the month's bars. Where they don't stand alone, they are said in a line.
    #[must_use]
    pub fn bars(mut self, bars: Vec<Bar>) -> Self {
        let line = bars
            .iter()
            .map(|bar| format!("{}: {} ({})", bar.label, self.count(bar.now), self.count(bar.before)));
        let line = line.collect::<Vec<_>>().join("; ");
        self.lines.insert(Name::Chart, line);
        self.bars = bars;
        self
    }

    /// A number, as this mail writes it.
    pub(crate) fn count(&self, value: i64) -> String {
        self.written.number(value)
    }

    /// The bars.
    pub(crate) fn chart(&self) -> &[Bar] {
        &self.bars
    }

    /// A value; none where it was not handed in.
    #[must_use]
    pub fn get(&self, name: Name) -> Option<&str> {
        self.lines.get(&name).map(String::as_str)
    }

    /// Whether it is not known. A member without a name is still spoken to.
    pub(crate) fn lacks(&self, name: Name) -> bool {
        !matches!(name, Name::Member) && self.get(name).is_none_or(str::is_empty)
    }
}

/// On one line, without characters that can't be seen or that turn text around.
pub(crate) fn plain(value: &str, max: usize) -> String {
    let shown = value.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let shown: String = shown.filter(|c| is_shown(*c)).collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| !word.is_empty()).collect();
    words
        .join(" ")
        .chars()
        .take(max)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// Whether a character can be shown and changes nothing around it.
pub(crate) fn is_shown(c: char) -> bool {
    let hidden = matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}'
        | '\u{f0000}'..='\u{10ffff}');
    !c.is_control() && !hidden
}

/// Whether a mail program would make a link of it: `win.example`, `www`, an address.
fn looks_like_address(name: &str) -> bool {
    if name.contains(['@', '/', '\\', ':', '<', '>']) || name.to_lowercase().contains("www") {
        return true;
    }
    // A stop in the middle of letters, with two or more after it; `J.R. Smith` and `Dr. No` are names.
    name.split(' ').any(|word| {
        word.split(['.', '\u{3002}', '\u{ff0e}'])
            .skip(1)
            .any(|part| part.chars().count() > 1)
    })
}

/// Whether it is an address of the web that can stand in quotes and in a header.
fn is_web(address: &str) -> bool {
    let web = address.starts_with("https://") || address.starts_with("http://");
    web && address.len() <= 2000
        && address
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\'' | b'\\' | b'`'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn what_a_mail_program_would_link_is_no_name() {
        for bad in [
            "win.example",
            "you WON http://x.test",
            "a@b.c",
            "WWW x",
            "Ana go.to/x",
            "claim\u{3002}example",
        ] {
            assert_eq!(
                Values::new().text(Name::Member, bad).get(Name::Member),
                Some(""),
                "{bad}"
            );
        }
        for good in ["J.R. Smith", "Dr. No", "Ana-Mar\u{ed}a", "O'Neil", "\u{5f20}\u{4f1f}"] {
            assert_eq!(Values::new().text(Name::Member, good).get(Name::Member), Some(good));
        }
    }

    #[test]
    fn only_links_of_the_web_are_links() {
        for bad in [
            "javascript:alert(1)",
            "https://x/\"><b>",
            "https://x/\r\nBcc: y",
            "//x",
            "",
        ] {
            assert_eq!(
                Values::new().link(Name::ReferralLink, bad).get(Name::ReferralLink),
                None,
                "{bad:?}"
            );
        }
        assert!(
            Values::new()
                .link(Name::Member, "https://x.example")
                .get(Name::Member)
                .is_none()
        );
    }

    proptest! {
        #[test]
        fn values_are_one_short_line(value in ".{0,200}") {
            for name in [Name::Member, Name::Reward] {
                let values = Values::new().text(name, &value);
                let kept = values.get(name).unwrap();
                prop_assert!(kept.chars().count() <= MAX && kept.chars().all(is_shown), "{kept:?}");
                prop_assert!(kept.trim() == kept);
            }
        }
    }
}
