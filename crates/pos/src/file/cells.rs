//! What the readers of sales and of members share: a table with a known header, and reading one cell at a time.

use loyalty::{Code, Phone, Refusal, Region};
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read};

use super::frame::{Fit, Frames, is_delimiter_note};
use super::header::Header;
use super::mapping::{Encoding, Field, Mapping};
use super::{Context, FileError, RawRecord, Row, RowError};

/// How many phone numbers are remembered: the same customers come again and again, and reading a number is the
/// dearest part of a row.
const PHONES_MAX: usize = 65_536;

/// A file whose columns are known.
pub(super) struct Table<R: Read> {
    frames: Frames<encoding_rs_io::DecodeReaderBytes<R, Vec<u8>>>,
    pub(super) header: Header,
    pub(super) ways: Ways,
    phones: Phones,
}

impl<R: Read> Table<R> {
    pub(super) fn open(
        reader: R,
        mapping: &Mapping,
        context: Context,
        needed: &[Field],
        optional: &[Field],
    ) -> Result<Self, FileError> {
        let mut frames = Frames::new(decoded(reader, mapping.encoding), mapping.delimiter_byte());
        let mut first = frames.next_record()?;
        if first
            .as_ref()
            .is_some_and(|(_, _, raw)| raw.get(0).is_some_and(is_delimiter_note))
        {
            first = frames.next_record()?;
        }
        let first = first.map(|(line, _, raw)| (line, raw));
        Ok(Self {
            header: Header::find(first, mapping, needed, optional)?,
            frames,
            ways: Ways {
                context,
                mapping: mapping.clone(),
            },
            phones: Phones::new(context.region),
        })
    }

    /// The next record as it stands.
    pub(super) fn next_raw(&mut self) -> Option<io::Result<RawRow>> {
        self.frames
            .next_record()
            .map(|next| next.map(|(line, fit, raw)| RawRow { line, fit, raw }))
            .transpose()
    }

    /// Reads a record by `read` where it fits the header.
    pub(super) fn read<T>(
        &mut self,
        row: &RawRow,
        read: impl FnOnce(&mut Cells<'_>, &Ways, &mut Phones) -> Option<T>,
    ) -> Result<T, Vec<RowError>> {
        if let Some(error) = misfit(&self.header, row.line, row.fit, &row.raw) {
            return Err(vec![error]);
        }
        let mut cells = Cells::new(&self.header, row.line, &row.raw);
        match read(&mut cells, &self.ways, &mut self.phones) {
            Some(value) if cells.errors.is_empty() => Ok(value),
            _ => Err(cells.errors),
        }
    }
}

/// A record and the line it starts at.
pub(super) struct RawRow {
    pub(super) line: u64,
    pub(super) fit: Fit,
    pub(super) raw: RawRecord,
}

impl RawRow {
    pub(super) fn with<T>(self, outcome: Result<T, Vec<RowError>>) -> Row<T> {
        Row {
            line: self.line,
            outcome,
            raw: self.raw,
            more: Vec::new(),
        }
    }
}

/// How cells are to be read.
pub(super) struct Ways {
    pub(super) context: Context,
    pub(super) mapping: Mapping,
}

/// Turns whatever the file is written in into UTF-8. UTF-8 itself passes as it is, so that a wrong byte is an error of
/// its row and can be written back unchanged.
fn decoded<R: Read>(reader: R, encoding: Encoding) -> encoding_rs_io::DecodeReaderBytes<R, Vec<u8>> {
    let given = (encoding != Encoding::Utf8).then(|| encoding.codec());
    encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(given)
        .utf8_passthru(given.is_none())
        .strip_bom(true)
        .bom_override(true)
        .build(reader)
}

/// Why a row does not fit its header, if it doesn't. Cells too many are never dropped: `1,234.56` without quotes would
/// otherwise be a sale of 1. Empty ones are, because some programs end every line with a comma.
fn misfit(header: &Header, line: u64, fit: Fit, raw: &RawRecord) -> Option<RowError> {
    let width = header.width();
    let text = |at: usize| String::from_utf8_lossy(raw.get(at).unwrap_or_default()).into_owned();
    if fit == Fit::Broken {
        let last = raw.len().saturating_sub(1);
        return Some(header.error_at(line, Some(last), Code::BadRow, &text(last)));
    }
    if let Some(extra) = (width..raw.len()).find(|at| !text(*at).trim().is_empty()) {
        return Some(header.error_at(line, None, Code::BadRow, &text(extra)));
    }
    (raw.len() < width).then(|| header.error_at(line, Some(raw.len()), Code::Missing, ""))
}

/// One row's cells, and what was wrong with them so far.
pub(super) struct Cells<'a> {
    header: &'a Header,
    line: u64,
    raw: &'a RawRecord,
    pub(super) errors: Vec<RowError>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(header: &'a Header, line: u64, raw: &'a RawRecord) -> Self {
        Self {
            header,
            line,
            raw,
            errors: Vec::new(),
        }
    }

    /// The cell of `field` without blanks around it; `None` where the file has no such column or the cell is empty.
    pub(super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        let cell = self.header.place(field).and_then(|at| self.raw.get(at))?;
        let text = match String::from_utf8_lossy(cell) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        (!text.is_empty()).then_some(text)
    }

    /// Reads `field`; an empty cell is `Ok(None)`. `None` says that an error was noted. A cell with bytes that are no
    /// text is refused with `code`, whatever `read` makes of it.
    pub(super) fn optional<T>(
        &mut self,
        field: Field,
        code: Code,
        read: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<Option<T>> {
        let Some(text) = self.text(field) else {
            return Some(None);
        };
        let outcome = match &text {
            Cow::Owned(_) => Err(code),
            Cow::Borrowed(text) => read(text).map_err(|refusal| refusal.code),
        };
        match outcome {
            Ok(value) => Some(Some(value)),
            Err(code) => {
                self.refuse(field, code, &text);
                None
            }
        }
    }

    /// As [`Cells::optional`], and an empty cell is an error.
    pub(super) fn needed<T>(
        &mut self,
        field: Field,
        code: Code,
        read: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        let value = self.optional(field, code, read)?;
        if value.is_none() {
            self.refuse(field, Code::Missing, "");
        }
        value
    }

    pub(super) fn refuse(&mut self, field: Field, code: Code, value: &str) {
        self.errors.push(self.header.error(self.line, field, code, value));
    }
}

/// Reads phone numbers and remembers what came of them.
pub(super) struct Phones {
    region: Region,
    known: HashMap<String, Result<Phone, Refusal>>,
}

impl Phones {
    fn new(region: Region) -> Self {
        Self {
            region,
            known: HashMap::new(),
        }
    }

    /// Reads a number. An apostrophe in front is a spreadsheet's way to say "this is text".
    pub(super) fn read(&mut self, text: &str) -> Result<Phone, Refusal> {
        let text = text.strip_prefix('\'').unwrap_or(text);
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if self.known.len() >= PHONES_MAX {
            self.known.clear();
        }
        let read = Phone::parse(text, self.region);
        if text.len() <= 40 {
            self.known.insert(text.to_owned(), read.clone());
        }
        read
    }
}
