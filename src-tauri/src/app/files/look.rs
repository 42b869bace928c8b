//! Looking at a file: how it is written, and its first rows read that way. Nothing is recorded.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use imports::{context, remembered};
use ledger::{StorageError, Store};
use loyalty::sale::SOURCE_POS;
use pos::detect::{self, Certainty, Look, SAMPLE_BYTES};
use pos::file::{Field, FileError, Mapping, Row, RowError, SaleRow, SalesReader};

use crate::views::{CellError, FileField, FileLook, FileMapping, FileRow, small};

/// How many rows are shown as they would be recorded.
const ROWS_MAX: usize = 8;

const NEEDED: [Field; 4] = [Field::SaleId, Field::OccurredAt, Field::Phone, Field::Total];
const OPTIONAL: [Field; 9] = [
    Field::TimeOfDay,
    Field::Items,
    Field::Currency,
    Field::Tax,
    Field::Tip,
    Field::ItemName,
    Field::ItemQuantity,
    Field::ItemSku,
    Field::ItemCategory,
];

/// Looks at a file, by the mapping that was asked for, the one that is remembered, or its own looks.
pub fn look(store: &Store, path: &Path, source: Option<String>, asked: Option<Mapping>) -> ledger::Result<FileLook> {
    let sample = sample(path)?;
    let seen = detect::sales(&sample, &context(store));
    let by_looks = seen
        .preset
        .map_or(SOURCE_POS.to_owned(), |preset| preset.name().to_lowercase());
    let source = source.unwrap_or(by_looks);
    let kept = match asked {
        Some(_) => None,
        None => remembered(store, &source)?.filter(|mapping| fits(store, &sample, mapping)),
    };
    let is_remembered = kept.is_some();
    let is_asked = asked.is_some();
    let mapping = asked.or(kept).unwrap_or_else(|| seen.mapping.clone());
    // What a person said, now or before, is beyond doubt.
    let sure =
        |certainty: Certainty, as_seen: bool| is_remembered || certainty == Certainty::Seen || (is_asked && !as_seen);
    let (dates_sure, decimal_sure) = (
        sure(seen.dates, mapping.dates == seen.mapping.dates),
        sure(seen.decimal, mapping.decimal == seen.mapping.decimal),
    );
    let (header, missing, rows) = read(store, &sample, &mapping, &seen);
    Ok(FileLook {
        source,
        preset: seen.preset.map(|preset| preset.name().to_owned()),
        remembered: is_remembered,
        mapping: shown(&mapping, &header),
        fields: fields(),
        header,
        dates_sure,
        decimal_sure,
        missing,
        rows,
    })
}

fn sample(path: &Path) -> ledger::Result<Vec<u8>> {
    let mut sample = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SAMPLE_BYTES as u64).read_to_end(&mut sample));
    read.map_err(|e| StorageError::of_io(&e, path))?;
    Ok(sample)
}

fn fits(store: &Store, sample: &[u8], mapping: &Mapping) -> bool {
    SalesReader::new(sample, mapping, context(store)).is_ok()
}

/// The headers, those that are not there, and the first rows.
fn read(store: &Store, sample: &[u8], mapping: &Mapping, seen: &Look) -> (Vec<String>, Vec<String>, Vec<FileRow>) {
    match SalesReader::new(sample, mapping, context(store)) {
        Ok(reader) => {
            let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
            let header = reader.header().iter().map(text).collect();
            // Bytes in memory don't fail to be read.
            let rows = reader
                .filter_map(Result::ok)
                .take(ROWS_MAX)
                .map(|row| shown_row(&row))
                .collect();
            (header, Vec::new(), rows)
        }
        Err(FileError::Header(e)) => (e.found, e.columns, Vec::new()),
        Err(FileError::Io(_)) => (seen.header.clone(), Vec::new(), Vec::new()),
    }
}

fn fields() -> Vec<FileField> {
    let field = |needed: bool| {
        move |field: &Field| FileField {
            name: field.as_str().to_owned(),
            needed,
        }
    };
    let needed = NEEDED.iter().map(field(true));
    needed.chain(OPTIONAL.iter().map(field(false))).collect()
}

/// The mapping with every column named that the file has, also those that have the standard header.
fn shown(mapping: &Mapping, header: &[String]) -> FileMapping {
    let mut named = mapping.clone();
    for field in NEEDED.iter().chain(&OPTIONAL) {
        let standard = header.iter().find(|h| h.eq_ignore_ascii_case(field.as_str()));
        if let (Some(standard), false) = (standard, named.columns.contains_key(field)) {
            named.columns.insert(*field, standard.clone());
        }
    }
    let json = serde_json::to_value(&named).ok();
    // Both sides have the same JSON; were it ever otherwise, the look would be empty, not wrong.
    json.and_then(|json| serde_json::from_value(json).ok())
        .unwrap_or_else(FileMapping::plain)
}

fn shown_row(row: &Row<SaleRow>) -> FileRow {
    let empty = FileRow {
        line: small(i64::try_from(row.line).unwrap_or(i64::MAX)),
        sale_id: String::new(),
        at: String::new(),
        last4: String::new(),
        total_minor: 0,
        items: String::new(),
        errors: Vec::new(),
    };
    match &row.outcome {
        Err(errors) => FileRow {
            errors: errors.iter().map(shown_error).collect(),
            ..empty
        },
        Ok(sale) => FileRow {
            sale_id: sale.sale_id.clone(),
            at: sale.occurred_at.rfc3339(),
            last4: sale
                .phone
                .as_ref()
                .map(|phone| phone.last_four().to_owned())
                .unwrap_or_default(),
            total_minor: small(sale.total.minor),
            items: items(sale),
            ..empty
        },
    }
}

fn items(sale: &SaleRow) -> String {
    let one = |item: &loyalty::Item| match item.quantity_milli {
        1000 => item.name.clone(),
        n if n % 1000 == 0 => format!("{} × {}", n / 1000, item.name),
        n => format!("{}.{:03} × {}", n / 1000, (n % 1000).abs(), item.name),
    };
    sale.items.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A refused cell as the window shows it.
pub fn shown_error(error: &RowError) -> CellError {
    CellError {
        line: small(i64::try_from(error.line).unwrap_or(i64::MAX)),
        column: error.column.clone(),
        code: error.code.as_str().to_owned(),
        value: error.value.clone(),
    }
}
