//! Cuts a stream of bytes into records and counts the file's lines, whatever is in it.
//!
//! Cells are split by csv-core. Here is what it leaves open: a quote that is never closed costs its own line and not
//! the rest of the file, a record can't grow without bound, and blank lines are passed over but counted.

use csv_core::{ReadRecordResult, Reader as Splitter};
use std::io::{self, Read};
use std::ops::Range;

use super::RawRecord;

/// The longest record, in bytes. A longer one is refused and skipped, so that memory stays bounded.
const RECORD_BYTES_MAX: usize = 64 * 1024;
/// The most lines one record with quoted line breaks may span before its quote counts as not closed.
const RECORD_LINES_MAX: u64 = 100;
const CHUNK_BYTES: usize = 64 * 1024;

/// Whether a record came whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fit {
    /// All of it is there.
    Whole,
    /// A quote is not closed, or the record is too long: the cells are what could be told from its first line.
    Broken,
}

/// A stream of records.
pub(crate) struct Frames<R> {
    reader: R,
    splitter: Splitter,
    delimiter: u8,
    buffer: Vec<u8>,
    /// Where in the buffer the next record starts.
    start: usize,
    /// Where in the buffer the bytes that were read end.
    filled: usize,
    ended: bool,
    line: u64,
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(reader: R, delimiter: u8) -> Self {
        Self {
            reader,
            splitter: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            buffer: vec![0; 2 * CHUNK_BYTES],
            start: 0,
            filled: 0,
            ended: false,
            line: 1,
            cells: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// The next record that has something in it, and the line it starts at. `None` at the end.
    pub(crate) fn next_record(&mut self) -> io::Result<Option<(u64, Fit, RawRecord)>> {
        loop {
            let line = self.line;
            let Some(first) = self.line_at(0)? else {
                return Ok(None);
            };
            if first.len() > RECORD_BYTES_MAX {
                let raw = RawRecord::from(vec![self.bytes(0..200).to_vec()]);
                self.skip_line()?;
                return Ok(Some((line, Fit::Broken, raw)));
            }
            if self.bytes(first.clone()).iter().all(u8::is_ascii_whitespace) {
                self.take(first.end, 1);
                continue;
            }
            let (fit, raw) = self.split(first)?;
            let blank = raw.iter().all(|cell| cell.trim_ascii().is_empty());
            if !(blank && fit == Fit::Whole) {
                return Ok(Some((line, fit, raw)));
            }
        }
    }

    /// Splits the record whose first line is given, taking as many lines as its quotes ask for.
    fn split(&mut self, first: Range<usize>) -> io::Result<(Fit, RawRecord)> {
        self.splitter.reset();
        let (mut cells, mut ends, mut lines) = (0, 0, 1);
        let mut line = first.clone();
        loop {
            let complete = self.feed(line.clone(), &mut cells, &mut ends);
            // The last line of a file may lack its line break.
            let complete = complete || (!self.has_break(&line) && self.feed_bytes(b"\n", &mut cells, &mut ends));
            if complete && lines > 1 && !quoted_well(self.bytes(0..line.end), self.delimiter) {
                return Ok((Fit::Broken, self.split_open(first)));
            }
            if complete {
                self.take(line.end, lines);
                return Ok((Fit::Whole, self.record(cells, ends)));
            }
            lines += 1;
            match self.line_at(line.end)? {
                Some(next) if lines <= RECORD_LINES_MAX && next.end <= RECORD_BYTES_MAX => line = next,
                _ => return Ok((Fit::Broken, self.split_open(first))),
            }
        }
    }

    /// The cells of a line whose quote is not closed, as far as they can be told.
    fn split_open(&mut self, first: Range<usize>) -> RawRecord {
        self.splitter.reset();
        let (mut cells, mut ends) = (0, 0);
        let text = first.start..first.start + self.bytes(first.clone()).trim_ascii_end().len();
        self.feed(text, &mut cells, &mut ends);
        self.feed_bytes(b"", &mut cells, &mut ends);
        self.take(first.end, 1);
        self.record(cells, ends)
    }

    fn record(&self, cells: usize, ends: usize) -> RawRecord {
        let mut raw = RawRecord::with_capacity(cells, ends);
        let mut from = 0;
        for end in &self.ends[..ends] {
            raw.push_field(&self.cells[from..*end]);
            from = *end;
        }
        raw
    }

    /// Feeds bytes of the buffer to the splitter; whether they end a record.
    fn feed(&mut self, range: Range<usize>, cells: &mut usize, ends: &mut usize) -> bool {
        let input = &self.buffer[self.start + range.start..self.start + range.end];
        feed(&mut self.splitter, input, &mut self.cells, &mut self.ends, cells, ends)
    }

    fn feed_bytes(&mut self, input: &[u8], cells: &mut usize, ends: &mut usize) -> bool {
        feed(&mut self.splitter, input, &mut self.cells, &mut self.ends, cells, ends)
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[self.start + range.start..self.start + range.end.min(self.filled - self.start)]
    }

    fn has_break(&self, line: &Range<usize>) -> bool {
        self.bytes(line.clone())
            .last()
            .is_some_and(|b| matches!(b, b'\n' | b'\r'))
    }

    fn take(&mut self, bytes: usize, lines: u64) {
        self.start += bytes;
        self.line += lines;
    }

    /// The line that starts `from` bytes behind the record's start, with its break: `\n`, `\r\n` or a lone `\r`.
    /// `None` at the end of the file; a range longer than a record may be where no break is in sight.
    fn line_at(&mut self, from: usize) -> io::Result<Option<Range<usize>>> {
        let mut searched = from;
        loop {
            let held = &self.buffer[self.start..self.filled];
            if let Some(at) = memchr::memchr2(b'\n', b'\r', &held[searched..]).map(|at| at + searched) {
                match (held[at], held.get(at + 1)) {
                    (b'\r', Some(b'\n')) => return Ok(Some(from..at + 2)),
                    (b'\r', None) if !self.ended => searched = at, // the \n may be on its way
                    _ => return Ok(Some(from..at + 1)),
                }
            } else if self.ended || held.len() - from > RECORD_BYTES_MAX {
                return Ok((held.len() > from).then_some(from..held.len()));
            } else {
                searched = held.len();
            }
            self.fill()?;
        }
    }

    /// Passes over the rest of a line that is too long to hold.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let Some(line) = self.line_at(0)? else {
                self.line += 1;
                return Ok(());
            };
            let done = self.has_break(&line);
            self.take(line.end, u64::from(done));
            if done {
                return Ok(());
            }
        }
    }

    /// Reads more behind what is held, moving that to the front first where there is no room.
    fn fill(&mut self) -> io::Result<()> {
        if self.buffer.len() - self.filled < CHUNK_BYTES / 4 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
            if self.buffer.len() - self.filled < CHUNK_BYTES / 4 {
                self.buffer.resize(self.filled + CHUNK_BYTES, 0);
            }
        }
        let count = loop {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.filled += count;
        self.ended = count == 0;
        Ok(())
    }
}

/// Whether a line, or the first cell of it, is the note `sep=;` that spreadsheets put above the header.
pub(crate) fn is_delimiter_note(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() <= 5 && line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"sep="))
}

/// Whether every closing quote of a record stands at its cell's end. Where one doesn't, in a record of several lines, it
/// is the opening quote of a later row that was taken for the end of an earlier stray one.
fn quoted_well(record: &[u8], delimiter: u8) -> bool {
    let mut rest = record.iter().copied().peekable();
    while rest.peek().is_some() {
        if rest.next_if_eq(&b'"').is_some() {
            loop {
                match rest.next() {
                    Some(b'"') if rest.next_if_eq(&b'"').is_none() => break,
                    None => return false,
                    _ => {}
                }
            }
            if rest
                .peek()
                .is_some_and(|b| *b != delimiter && !matches!(b, b'\r' | b'\n'))
            {
                return false;
            }
        }
        while rest.next().is_some_and(|b| b != delimiter) {}
    }
    true
}

/// Feeds `input` to the splitter, making room as it asks for it; whether a record ended.
fn feed(
    splitter: &mut Splitter,
    mut input: &[u8],
    cells: &mut Vec<u8>,
    ends: &mut Vec<usize>,
    cells_used: &mut usize,
    ends_used: &mut usize,
) -> bool {
    loop {
        let (result, read, wrote, ended) =
            splitter.read_record(input, &mut cells[*cells_used..], &mut ends[*ends_used..]);
        input = &input[read..];
        *cells_used += wrote;
        *ends_used += ended;
        match result {
            ReadRecordResult::OutputFull => cells.resize(cells.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::InputEmpty => return false,
            ReadRecordResult::Record | ReadRecordResult::End => return true,
        }
    }
}
