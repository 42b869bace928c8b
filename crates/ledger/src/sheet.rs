//! Lines of the ledger as rows of a spreadsheet: the same columns whoever writes the file. Not here: files, and CSV itself.

use loyalty::Money;

use crate::{Line, Shop};

/// The columns' names, in their order.
pub const COLUMNS: [&str; 20] = [
    "entry_id",
    "at",
    "local_time",
    "member_id",
    "name",
    "phone",
    "kind",
    "points",
    "by",
    "total",
    "currency",
    "source",
    "sale_id",
    "reward",
    "reasons",
    "rules_version",
    "reverses",
    "reversed",
    "by_id",
    "approved_by",
];

/// One line as the cells of a row. What people typed can't run as a formula.
#[must_use]
pub fn cells(shop: &Shop, line: &Line) -> [String; COLUMNS.len()] {
    let text = |t: &Option<String>| tame(t.as_deref().unwrap_or_default());
    [
        line.entry.to_string(),
        line.at.rfc3339(),
        shop.zone.local(line.at).format("%Y-%m-%d %H:%M:%S").to_string(),
        line.member.to_string(),
        tame(&line.member_name),
        // Checked when it came in: a plus and digits, no formula.
        line.phone.clone().unwrap_or_default(),
        line.kind.as_str().to_owned(),
        line.points.to_string(),
        tame(&line.by_name),
        line.total_minor
            .map(|minor| Money::new(minor, shop.currency).plain())
            .unwrap_or_default(),
        shop.currency.letters().to_owned(),
        text(&line.source),
        text(&line.sale_id),
        text(&line.reward),
        tame(&line.reasons.join("; ")),
        line.rules_version.map(|v| v.to_string()).unwrap_or_default(),
        line.reverses.map(|r| r.to_string()).unwrap_or_default(),
        line.reversed.to_string(),
        tame(&line.by),
        text(&line.approved_by),
    ]
}

/// Keeps a spreadsheet from running what somebody typed: text that starts like a formula gets a quote.
fn tame(text: &str) -> String {
    if text
        .trim_start_matches([' ', '\u{a0}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
    {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::tame;

    #[test]
    fn formulas_are_text() {
        for formula in ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", " =1", "\r=1"] {
            assert_eq!(tame(formula), format!("'{formula}"));
        }
        for text in ["", "Ana", "12 = 1 per $1", "a-b"] {
            assert_eq!(tame(text), text);
        }
    }
}
