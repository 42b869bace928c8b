//! The sum of a sale's points: its parts, what they are multiplied by, and how it is said.

use num_rational::Ratio;

pub(super) type Exact = Ratio<i128>;

/// Points from one line of the document.
pub(super) struct Part {
    pub value: Exact,
    /// As one of several parts, behind its number: `for $12.50`.
    pub among: String,
    /// As the only one, behind the `=`: `1 per $1`.
    pub alone: String,
}

/// What the parts are multiplied by.
pub(super) struct Factor {
    pub value: Option<Exact>,
    /// `doubled on Tuesday`
    pub words: Vec<String>,
    /// What else would have multiplied.
    pub note: Option<String>,
}

/// `12 = ` is put in front of it. Nothing where no line is about the sale.
pub(super) fn in_words(parts: &[Part], factor: &Factor, bonuses: &[Part]) -> Option<String> {
    let by = factor.words.join(", ");
    let base = match parts {
        [] => None,
        [one] if bonuses.is_empty() && by.is_empty() => return Some(one.alone.clone()),
        [one] if bonuses.is_empty() => Some(one.text()),
        [one] => Some(format!("{} base", decimal(one.value))),
        several => {
            let sum = several.iter().map(Part::text).collect::<Vec<_>>().join(" + ");
            Some(if by.is_empty() { sum } else { format!("({sum})") })
        }
    };
    let base = base.map(|base| match (by.is_empty(), bonuses.is_empty()) {
        (true, _) => base,
        (false, true) => format!("{base}, {by}"),
        (false, false) => format!("{base} {by}"),
    });
    let all: Vec<String> = base.into_iter().chain(bonuses.iter().map(Part::text)).collect();
    (!all.is_empty()).then(|| all.join(" + "))
}

impl Factor {
    /// Nothing multiplies.
    pub fn none() -> Self {
        Self {
            value: Some(Exact::from_integer(1)),
            words: Vec::new(),
            note: None,
        }
    }
}

impl Part {
    fn text(&self) -> String {
        format!("{} {}", decimal(self.value), self.among)
    }
}

/// A fraction as a decimal: `12.5`, and `4.16…` where it goes on.
fn decimal(exact: Exact) -> String {
    let hundredths = (exact * Exact::from_integer(100)).floor().to_integer();
    let goes_on = exact * Exact::from_integer(100) != Exact::from_integer(hundredths);
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    if goes_on {
        format!("{text}…")
    } else {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}
