//! Finds the columns in a file's first row.

use loyalty::Code;
use std::borrow::Cow;
use std::fmt;

use super::mapping::{Field, Mapping, Only};
use super::{RawRecord, RowError};

/// What is wrong with a header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderProblem {
    /// Columns that are needed are not there.
    Missing,
    /// Columns that are needed are there more than once.
    Twice,
}

/// A file whose header does not say where the needed columns are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderError {
    /// What is wrong.
    pub problem: HeaderProblem,
    /// The line of the header, from 1; 1 for an empty file.
    pub line: u64,
    /// The headers it is about: those looked for, as the mapping or the standard names them.
    pub columns: Vec<String>,
    /// The headers the file has.
    pub found: Vec<String>,
}

impl HeaderError {
    /// The closed code, always `missing`.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::Missing
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (columns, found) = (self.columns.join(", "), self.found.join(", "));
        match self.problem {
            HeaderProblem::Missing if self.found.is_empty() => {
                write!(
                    f,
                    "The file is empty. Its first line must name these columns: {columns}."
                )
            }
            HeaderProblem::Missing => write!(
                f,
                "The file has no column named {columns}. Its columns are: {found}. Say which one to use instead."
            ),
            HeaderProblem::Twice => write!(
                f,
                "The file has more than one column named {columns}. Its columns are: {found}. Rename one of them."
            ),
        }
    }
}

impl std::error::Error for HeaderError {}

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Header {
    /// The first row as it stands.
    pub(super) raw: RawRecord,
    names: Vec<String>,
    places: Vec<(Field, usize)>,
    /// What tells sales from other rows, and where it stands.
    only: Vec<(usize, Only)>,
    lines: Option<(usize, Only)>,
}

impl Header {
    /// Finds the columns of `needed` and `optional` fields.
    pub(super) fn find(
        row: Option<(u64, RawRecord)>,
        mapping: &Mapping,
        needed: &[Field],
        optional: &[Field],
    ) -> Result<Self, HeaderError> {
        let (line, raw) = row.unwrap_or((1, RawRecord::new()));
        let names: Vec<String> = raw
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).trim().to_owned())
            .collect();
        let (mut places, mut missing, mut twice) = (Vec::new(), Vec::new(), Vec::new());
        for field in needed.iter().chain(optional) {
            let headers = mapping.headers(*field);
            let Some(asked) = headers.first().map(|h| (*h).to_owned()) else {
                continue;
            };
            let is_it = |name: &&String| headers.iter().any(|h| same_header(h, name));
            // A column that the user named must be there, even where the field is optional.
            let wanted = needed.contains(field) || mapping.columns.contains_key(field);
            match names.iter().filter(is_it).count() {
                0 if wanted => missing.push(asked),
                0 => {}
                1 => places.extend(names.iter().position(|n| is_it(&n)).map(|at| (*field, at))),
                _ => twice.push(asked),
            }
        }
        let mut find = |rule: &Only| {
            let at = names.iter().position(|name| same_header(name, &rule.column));
            if at.is_none() {
                missing.push(rule.column.clone());
            }
            at.map(|at| (at, rule.clone()))
        };
        let only = mapping.only.iter().filter_map(&mut find).collect();
        let lines = mapping.lines.as_ref().and_then(&mut find);
        let (problem, columns) = match (missing.is_empty(), twice.is_empty()) {
            (true, true) => {
                return Ok(Self {
                    raw,
                    names,
                    places,
                    only,
                    lines,
                });
            }
            (false, _) => (HeaderProblem::Missing, missing),
            (true, false) => (HeaderProblem::Twice, twice),
        };
        Err(HeaderError {
            problem,
            line,
            columns,
            found: names,
        })
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Where `field` is, if the file has it.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(f, _)| *f == field).map(|(_, at)| *at)
    }

    /// Whether a row is a sale at all.
    pub(super) fn is_wanted(&self, raw: &RawRecord) -> bool {
        self.only.iter().all(|rule| says(raw, rule))
    }

    /// Whether a row is a further line of a sale, where the mapping says how to tell.
    pub(super) fn is_line(&self, raw: &RawRecord) -> Option<bool> {
        self.lines.as_ref().map(|rule| says(raw, rule))
    }

    /// A cell without blanks around it, for comparing.
    pub(super) fn text<'a>(&self, raw: &'a RawRecord, field: Field) -> Cow<'a, str> {
        let cell = self.place(field).and_then(|at| raw.get(at)).unwrap_or_default();
        String::from_utf8_lossy(cell.trim_ascii())
    }

    /// An error in `field`'s cell of the row at `line`.
    pub(super) fn error(&self, line: u64, field: Field, code: Code, value: &str) -> RowError {
        self.error_at(line, self.place(field), code, value)
    }

    pub(super) fn error_at(&self, line: u64, place: Option<usize>, code: Code, value: &str) -> RowError {
        RowError {
            line,
            column: place.and_then(|at| self.names.get(at)).cloned().unwrap_or_default(),
            code,
            value: value.chars().take(200).collect(),
        }
    }
}

fn says(raw: &RawRecord, (at, only): &(usize, Only)) -> bool {
    let cell = String::from_utf8_lossy(raw.get(*at).unwrap_or_default());
    only.values.iter().any(|value| same_header(value, &cell)) != only.except
}

/// Whether two headers are the same but for case and blanks around them.
pub(crate) fn same_header(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}
