//! Writes the rows that were refused, so that the owner can fix them and import that very file again.
//!
//! The file has the original columns behind two of its own, `error_column` and `error`, which the readers ignore. They
//! come first, so that a row with a cell too many still stands under its own headers. It is UTF-8 with the original
//! delimiter, so the same mapping reads it.

use std::io::{self, Write};

use super::header::same_header;
use super::mapping::{Encoding, Mapping};
use super::{RawRecord, Row, RowError};

const OWN: [&str; 2] = ["error_column", "error"];

/// A file of rows to fix. The header is written with the first row: without a rejected row nothing is written.
pub struct RejectsWriter<W: Write> {
    writer: csv::Writer<W>,
    header: RawRecord,
    /// Our two columns from an earlier time round, not to be repeated.
    stale: Option<usize>,
    byte_order_mark: bool,
    rows: u64,
}

impl<W: Write> RejectsWriter<W> {
    /// Starts a file for the rows of one that had this `header` and was read by this `mapping`.
    pub fn new(writer: W, mapping: &Mapping, header: &RawRecord) -> Self {
        let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
        Self {
            writer: csv::WriterBuilder::new()
                .flexible(true)
                .delimiter(mapping.delimiter_byte())
                .from_writer(writer),
            header: header.clone(),
            stale: names
                .windows(OWN.len())
                .position(|pair| pair.iter().zip(OWN).all(|(name, own)| same_header(name, own))),
            // Where the mapping says something else than UTF-8, the mark corrects it.
            byte_order_mark: mapping.encoding != Encoding::Utf8,
            rows: 0,
        }
    }

    /// Adds a row and what is wrong with it; a row with nothing wrong is left out.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write<T>(&mut self, row: &Row<T>) -> io::Result<()> {
        let Err(errors) = &row.outcome else {
            return Ok(());
        };
        if self.rows == 0 {
            let mark = if self.byte_order_mark { "\u{feff}" } else { "" };
            let own = [format!("{mark}{}", OWN[0]), OWN[1].to_owned()];
            let header = self.header.clone();
            self.line(&own, &header)?;
        }
        self.rows += 1;
        let join = |part: fn(&RowError) -> &str| errors.iter().map(part).collect::<Vec<_>>().join("; ");
        let mut own = [join(|e| e.column.as_str()), join(|e| e.code.sentence())];
        for raw in std::iter::once(&row.raw).chain(&row.more) {
            self.line(&own, raw)?;
            own = [String::new(), String::new()];
        }
        Ok(())
    }

    fn line(&mut self, own: &[String; 2], cells: &RawRecord) -> io::Result<()> {
        let stale = self.stale.map_or(0..0, |at| at..at + OWN.len());
        let kept = cells.iter().enumerate().filter(|(at, _)| !stale.contains(at));
        let line = own.iter().map(String::as_bytes).chain(kept.map(|(_, cell)| cell));
        Ok(self.writer.write_record(line)?)
    }

    /// How many rows of the file were refused.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Hands what is buffered to the writer.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
