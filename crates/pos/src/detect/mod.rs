//! Finds out how an unknown file is written, from its first part.
//!
//! What is found is a [`Mapping`] and what it rests on, all plain values that a user sees and can correct. Nothing is
//! guessed in silence: where the sample fits more than one way, the look says so. Not here: reading the file itself.

mod columns;
mod preset;
mod values;

pub use preset::Preset;

use crate::file::frame::{Fit, Frames, is_delimiter_note};
use crate::file::{Context, Field, Mapping};

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The sample shows it, or it makes no difference there.
    Seen,
    /// The sample fits more than one way, and the shop's region decided: ask the user.
    Assumed,
}

/// What a file looks like.
#[derive(Clone, Debug)]
pub struct Look {
    /// How to read it. A user may correct any part.
    pub mapping: Mapping,
    /// The program whose export it seems to be.
    pub preset: Option<Preset>,
    /// The headers it has.
    pub header: Vec<String>,
    /// Its first rows, at most [`PREVIEW_ROWS`], as text.
    pub preview: Vec<Vec<String>>,
    /// Needed fields for which no column was found: the user has to say.
    pub missing: Vec<Field>,
    /// Whether the order of day and month is certain.
    pub dates: Certainty,
    /// Whether the decimal mark is certain.
    pub decimal: Certainty,
}

/// How many rows a preview has.
pub const PREVIEW_ROWS: usize = 20;
/// How much of a file is enough, in bytes.
pub const SAMPLE_BYTES: usize = 256 * 1024;

/// Looks at the first part of a file of sales: [`SAMPLE_BYTES`], or all of it where it is shorter.
#[must_use]
pub fn sales(sample: &[u8], context: &Context) -> Look {
    let needed = [Field::SaleId, Field::OccurredAt, Field::Phone, Field::Total];
    let optional = [Field::Items, Field::Currency];
    look(sample, context, &needed, &optional, true)
}

/// Looks at the first part of a file of members.
#[must_use]
pub fn members(sample: &[u8], context: &Context) -> Look {
    let optional = [
        Field::Name,
        Field::Email,
        Field::Consent,
        Field::Balance,
        Field::Birthday,
    ];
    look(sample, context, &[Field::Phone], &optional, false)
}

fn look(sample: &[u8], context: &Context, needed: &[Field], optional: &[Field], presets: bool) -> Look {
    let cut = sample.len() >= SAMPLE_BYTES;
    let sample = &sample[..sample.len().min(SAMPLE_BYTES)];
    let encoding = values::encoding(sample);
    let text = encoding.codec().decode(sample).0;
    let text = whole_lines(&text, cut);
    let delimiter = delimiter(text);
    let mut rows = rows(text, delimiter);
    let header = if rows.is_empty() { Vec::new() } else { rows.remove(0) };

    let preset = presets.then(|| Preset::of(&header)).flatten();
    let mut mapping = preset.map_or_else(Mapping::default, |preset| preset.mapping(&header));
    mapping.delimiter = delimiter;
    mapping.encoding = encoding;
    if preset.is_none() {
        columns::name(&mut mapping, &header, needed, optional);
        if presets {
            columns::name_shares(&mut mapping, &header);
        }
    }
    let cells = |field| columns::cells(&mapping, field, &header, &rows);
    let dates = values::dates(&cells(Field::OccurredAt), context.region.letters());
    let decimal = values::decimal(&cells(Field::Total), delimiter);
    if preset.is_none() && presets {
        columns::name_time(&mut mapping, &header, &rows);
    }
    (mapping.dates, mapping.decimal) = (dates.0, decimal.0);
    let found = |field: &&Field| columns::place(&mapping, **field, &header).is_none() && !mapping.lacks(**field);
    Look {
        missing: needed.iter().filter(found).copied().collect(),
        mapping,
        preset,
        header,
        preview: rows.into_iter().take(PREVIEW_ROWS).collect(),
        dates: dates.1,
        decimal: decimal.1,
    }
}

/// The sample without its mark, without a spreadsheet's note of the delimiter and, where it was `cut`, without the line
/// that its end cut through.
fn whole_lines(text: &str, cut: bool) -> &str {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.find(['\n', '\r']).unwrap_or(text.len());
    let text = if is_delimiter_note(&text.as_bytes()[..first]) {
        &text[first..]
    } else {
        text
    };
    match text.rfind(['\n', '\r']) {
        Some(end) if cut => &text[..=end],
        _ => text,
    }
}

/// The rows of the sample.
fn rows(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut frames = Frames::new(text.as_bytes(), u8::try_from(delimiter).unwrap_or(b','));
    let mut rows = Vec::new();
    while let Ok(Some((_, fit, raw))) = frames.next_record() {
        if fit == Fit::Whole {
            let cells = raw.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
            rows.push(cells.collect());
        }
    }
    rows
}

/// The delimiter that splits the most rows into as many cells as the first row has, more than one.
fn delimiter(text: &str) -> char {
    let score = |delimiter: &char| {
        let rows = rows(text, *delimiter);
        let width = rows.first().map_or(0, Vec::len);
        let alike = rows.iter().take(200).filter(|row| row.len() == width).count();
        if width > 1 { (alike, width) } else { (0, 0) }
    };
    // Of equals the last wins, and a comma is the likeliest.
    ['|', '\t', ';', ','].into_iter().max_by_key(score).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters() {
        for (text, want) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1,5;2,5\n", ';'),
            ("a\tb\n1,5\t2\n", '\t'),
            ("a|b|c\n1|2|3\n", '|'),
            ("phone\n619\n", ','),
            ("", ','),
            ("id;total;note\n1;2,50;\"a,b,c\"\n2;3,50;x,y\n", ';'),
        ] {
            assert_eq!(delimiter(text), want, "{text:?}");
        }
    }
}
