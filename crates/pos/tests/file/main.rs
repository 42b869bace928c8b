//! Files of sales and members, read as owners' programs write them, broken in every way seen in the wild.

mod fuzz;
mod real;

use loyalty::{Code, Item};
use pos::file::{
    Context, Encoding, Field, FileError, Mapping, MembersReader, RejectsWriter, Row, SaleRow, SalesReader,
};

fn context() -> Context {
    Context {
        currency: "USD".parse().unwrap(),
        region: "US".parse().unwrap(),
        zone: "America/Los_Angeles".parse().unwrap(),
    }
}

fn sales_by(file: &[u8], mapping: &Mapping) -> Vec<Row<SaleRow>> {
    let reader = SalesReader::new(file, mapping, context()).unwrap();
    reader.map(Result::unwrap).collect()
}

fn sales(file: &str) -> Vec<Row<SaleRow>> {
    sales_by(file.as_bytes(), &Mapping::default())
}

/// Line, then `ok` or the errors as `column:code`.
fn summary<T>(rows: &[Row<T>]) -> Vec<String> {
    rows.iter()
        .map(|row| match &row.outcome {
            Ok(_) => format!("{} ok", row.line),
            Err(errors) => {
                assert!(errors.iter().all(|e| e.line >= row.line));
                let all: Vec<_> = errors.iter().map(|e| format!("{}:{}", e.column, e.code)).collect();
                format!("{} {}", row.line, all.join(" "))
            }
        })
        .collect()
}

const HEADER: &str = "sale_id,occurred_at,phone,total,items\n";
const GOOD: &str = "S1,2026-11-20T14:05:00,+16195550123,12.50,Coffee x2\n";

#[test]
fn a_plain_file() {
    let rows = sales(&format!("{HEADER}{GOOD}"));
    let sale = rows[0].outcome.as_ref().unwrap();
    assert_eq!((rows[0].line, rows.len()), (2, 1));
    assert_eq!((sale.sale_id.as_str(), sale.total.minor), ("S1", 1250));
    assert_eq!(sale.phone.as_ref().unwrap().e164(), "+16195550123");
    assert_eq!(sale.occurred_at.rfc3339(), "2026-11-20T22:05:00.000Z");
    assert_eq!(sale.items, [Item::pieces("Coffee", 2)]);
    assert_eq!(sale.clone().into_sale("pos").source, "pos");
}

#[test]
fn headers_in_any_order_case_and_name() {
    let file = "\u{feff} Note ,TOTAL,Sale_ID, phone ,Occurred_At\nx,3,S1,,2026-11-20\n";
    let rows = sales(file);
    let sale = rows[0].outcome.as_ref().unwrap();
    assert_eq!((&sale.phone, sale.total.minor, sale.items.len()), (&None, 300, 0));

    let mut mapping = Mapping::default();
    mapping.rename("total=Net Sales").unwrap();
    mapping.rename("phone = \"Téléphone\"").unwrap();
    let file = "sale_id,occurred_at,TÉLÉPHONE,total,net sales\nS1,2026-11-20,619 555 0123,9,4.5\n";
    let rows = sales_by(file.as_bytes(), &mapping);
    assert_eq!(rows[0].outcome.as_ref().unwrap().total.minor, 450);
    mapping.rename("phone=").unwrap();
    assert!(
        sales_by(b"sale_id,occurred_at,total,net sales\nS1,2026-11-20,9,4.5\n", &mapping)[0]
            .outcome
            .is_ok()
    );
    for wrong in ["total", "what=Net Sales", "sale_id=", "items=\" \""] {
        assert_eq!(mapping.rename(wrong).unwrap_err().code, Code::Missing, "{wrong}");
    }
}

#[test]
fn a_header_that_does_not_do() {
    let header_error = |file: &str, mapping: &Mapping| match SalesReader::new(file.as_bytes(), mapping, context()) {
        Err(FileError::Header(e)) => e,
        _ => panic!("{file:?} was taken"),
    };
    let plain = Mapping::default();
    let error = header_error("sale_id,when,phone,Net Sales\n1,2,3,4\n", &plain);
    assert_eq!(error.columns, ["occurred_at", "total"]);
    assert_eq!(error.found, ["sale_id", "when", "phone", "Net Sales"]);
    assert_eq!((error.code(), error.line), (Code::Missing, 1));
    assert!(
        error.to_string().contains("no column named occurred_at, total"),
        "{error}"
    );
    assert!(header_error("", &plain).to_string().contains("empty"));
    assert!(header_error("\n \n\r\n", &plain).found.is_empty());
    let error = header_error("sale_id,occurred_at,phone,total,Total\n", &plain);
    assert!(
        error.to_string().contains("more than one column named total"),
        "{error}"
    );
    let mut mapping = Mapping::default();
    mapping.columns.insert(Field::Items, "Goods".to_owned());
    assert_eq!(header_error(HEADER, &mapping).columns, ["Goods"]);
}

#[test]
fn every_wrong_cell_is_named() {
    let rows = sales(&format!("{HEADER},never,12,1.234,Coffee x0\nS2,2026-11-20,,-1,\n"));
    assert_eq!(
        summary(&rows),
        [
            "2 sale_id:missing occurred_at:bad_time phone:bad_phone total:bad_amount items:bad_items",
            "3 total:bad_amount"
        ]
    );
    let errors = rows[0].outcome.as_ref().unwrap_err();
    assert_eq!(errors[3].value, "1.234");
}

#[test]
fn lines_are_the_files_own() {
    let file = format!(
        "\r\n{}\r\n   \r\nS1,2026-11-20,,1,\"Bagel;\r\nCoffee x2\"\r\n,,,,\r\nS2,2026-11-20,,x,\r\nS3,2026-11-20,,3,",
        HEADER.trim()
    );
    // An item's name with a line break inside is refused, or trimmed: here it stands between two items.
    let rows = sales(&file);
    assert_eq!(summary(&rows), ["4 ok", "7 total:bad_amount", "8 ok"]);
    assert_eq!(rows[0].outcome.as_ref().unwrap().items.len(), 2);
    let old_mac = format!("{HEADER}{GOOD}{GOOD}").replace('\n', "\r");
    assert_eq!(summary(&sales(&old_mac)), ["2 ok", "3 ok"]);
}

#[test]
fn a_spreadsheets_note_of_the_delimiter_is_no_header() {
    let file = format!("sep=,\r\n{HEADER}{GOOD}");
    assert_eq!(summary(&sales(&file)), ["3 ok"]);
    let file = format!("\u{feff}Sep=;\r\n{HEADER}{GOOD}").replace(',', ";");
    let look = pos::detect::sales(file.as_bytes(), &context());
    assert_eq!(
        (look.mapping.delimiter, look.header.len(), look.preview.len()),
        (';', 5, 1)
    );
    assert_eq!(summary(&sales_by(file.as_bytes(), &look.mapping)), ["3 ok"]);
}

#[test]
fn an_open_quote_costs_its_own_line() {
    let rows = sales(&format!(
        "{HEADER}S0,2026-11-20,,1,\"Bagel\n{GOOD}{GOOD}S4,2026-11-20,,1,\"Bagel"
    ));
    assert_eq!(summary(&rows), ["2 items:bad_row", "3 ok", "4 ok", "5 items:bad_row"]);
    let many = GOOD.repeat(5000);
    let rows = sales(&format!("{HEADER}S0,2026-11-20,\",1,Bagel\n{many}"));
    assert_eq!(rows.len(), 5001);
    assert_eq!(rows.iter().filter(|r| r.outcome.is_err()).count(), 1);
}

#[test]
fn ragged_rows_are_refused() {
    let rows = sales(&format!(
        "{HEADER}S1,2026-11-20,,1,234.56,Coffee\nS2,2026-11-20,,1\nS3,2026-11-20,,1,,,\nS4\n"
    ));
    assert_eq!(
        summary(&rows),
        ["2 :bad_row", "3 items:missing", "4 ok", "5 occurred_at:missing"]
    );
}

#[test]
fn letters_that_are_no_text_are_an_error_of_their_cell() {
    let mut file = HEADER.as_bytes().to_vec();
    file.extend(b"S1,2026-11-20,,1,Caf\xe9\n\xff\xfe,2026-11-20,,1,\n");
    file.extend(GOOD.as_bytes());
    let rows = sales_by(&file, &Mapping::default());
    assert_eq!(summary(&rows), ["2 items:bad_items", "3 sale_id:bad_sale_id", "4 ok"]);
    let mapping = Mapping {
        encoding: Encoding::Windows1252,
        ..Mapping::default()
    };
    let rows = sales_by(&file, &mapping);
    assert_eq!(rows[0].outcome.as_ref().unwrap().items[0].name, "Café");
    // A mark in the file wins over what the mapping says.
    let marked = format!("\u{feff}{HEADER}S1,2026-11-20,,1,Café\n");
    assert_eq!(
        sales_by(marked.as_bytes(), &mapping)[0].outcome.as_ref().unwrap().items[0].name,
        "Café"
    );
}

#[test]
fn utf_16_with_a_mark_needs_no_mapping() {
    let file = format!("\u{feff}{HEADER}S1,2026-11-20,,1,Café\n").replace(',', "\t");
    let mapping = Mapping {
        delimiter: '\t',
        ..Mapping::default()
    };
    for bytes in [
        file.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        file.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>(),
    ] {
        assert_eq!(
            sales_by(&bytes, &mapping)[0].outcome.as_ref().unwrap().items[0].name,
            "Café"
        );
    }
}

#[test]
fn an_endless_line_is_refused_and_passed_over() {
    let file = format!("{HEADER}S1,2026-11-20,,1,{}\n{GOOD}", "x".repeat(1_000_000));
    let rows = sales(&file);
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (rows[0].line, rows[0].outcome.as_ref().unwrap_err()[0].code),
        (2, Code::BadRow)
    );
    assert_eq!((rows[1].line, rows[1].outcome.is_ok()), (3, true));
}

#[test]
fn another_currency_is_not_taken_for_ours() {
    let rows = sales(
        "sale_id,occurred_at,phone,total,Currency\nS1,2026-11-20,,1,usd\nS2,2026-11-20,,1,EUR\nS3,2026-11-20,,1,\n",
    );
    assert_eq!(summary(&rows), ["2 ok", "3 Currency:bad_currency", "4 ok"]);
}

#[test]
fn a_reader_that_fails_says_so() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let file = std::io::Read::chain(HEADER.as_bytes(), Failing);
    let mut reader = SalesReader::new(file, &Mapping::default(), context());
    let failed = match &mut reader {
        Ok(reader) => reader.next().is_some_and(|row| row.is_err()),
        Err(e) => matches!(e, FileError::Io(_)),
    };
    assert!(failed);
}

#[test]
fn members() {
    let file = "Phone,Name,Email,Consent,Points\n\
        6195550123,Ana,ana@example.com,Yes,120\n\
        619 555 0124,,,,\n\
        ,Bo,bo@,maybe,-1\n\
        6195550125,,a@b@c.com,0,1.5\n";
    let rows: Vec<_> = MembersReader::new(file.as_bytes(), &Mapping::default(), context())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        summary(&rows),
        [
            "2 ok",
            "3 ok",
            "4 Phone:missing Email:bad_email Consent:bad_consent Points:bad_points",
            "5 Email:bad_email Points:bad_points"
        ]
    );
    let ana = rows[0].outcome.as_ref().unwrap();
    assert_eq!(
        (ana.name.as_deref(), ana.consent, ana.balance),
        (Some("Ana"), Some(true), 120)
    );
    let other = rows[1].outcome.as_ref().unwrap();
    assert_eq!((&other.name, other.consent, other.balance), (&None, None, 0));
    assert!(MembersReader::new(&b"name\nAna\n"[..], &Mapping::default(), context()).is_err());
}

/// Writes the rejected rows of a file, as an import would.
fn rejects(file: &[u8], mapping: &Mapping) -> Vec<u8> {
    let mut reader = SalesReader::new(file, mapping, context()).unwrap();
    let mut out = Vec::new();
    let header = reader.header().clone();
    let mut writer = RejectsWriter::new(&mut out, mapping, &header);
    for row in reader.by_ref().map(Result::unwrap) {
        writer.write(&row).unwrap();
    }
    writer.flush().unwrap();
    drop(writer);
    out
}

#[test]
fn rejected_rows_can_be_fixed_and_imported_again() {
    let file =
        "sale_id;occurred_at;phone;total;note\nS1;2026-11-20;12;1,5;\"a;b\"\nS2;2026-11-20;;2;\nS3;2026-11-20;;3;x;y\n";
    let mapping = Mapping {
        delimiter: ';',
        ..Mapping::default()
    };
    let first = String::from_utf8(rejects(file.as_bytes(), &mapping)).unwrap();
    assert!(
        first.starts_with("error_column;error;sale_id;occurred_at;phone;total;note\n\"phone; total\";"),
        "{first}"
    );
    assert!(
        first.contains(";S1;2026-11-20;12;1,5;\"a;b\"\n") && !first.contains("S2"),
        "{first}"
    );
    // Not fixed, it comes out the same; fixed, all of it goes in.
    assert_eq!(String::from_utf8(rejects(first.as_bytes(), &mapping)).unwrap(), first);
    let fixed = first.replace(";12;1,5;", ";6195550123;1.5;").replace(";x;y", ";x");
    assert_eq!(summary(&sales_by(fixed.as_bytes(), &mapping)), ["2 ok", "3 ok"]);
    assert!(rejects(GOOD_FILE.as_bytes(), &Mapping::default()).is_empty());
}

const GOOD_FILE: &str = "sale_id,occurred_at,phone,total\nS1,2026-11-20,,1\n";

#[test]
fn rejected_rows_keep_their_letters() {
    let mut file = HEADER.as_bytes().to_vec();
    file.extend(b"S1,2026-11-20,,x,Caf\xe9\n");
    let windows = Mapping {
        encoding: Encoding::Windows1252,
        ..Mapping::default()
    };
    let out = rejects(&file, &windows);
    assert!(out.starts_with("\u{feff}error_column".as_bytes()));
    let fixed = String::from_utf8(out).unwrap().replace(",x,", ",1,");
    assert_eq!(
        sales_by(fixed.as_bytes(), &windows)[0].outcome.as_ref().unwrap().items[0].name,
        "Café"
    );
    // Bytes that were no text stay as they were.
    assert!(rejects(&file, &Mapping::default()).windows(4).any(|w| w == b"Caf\xe9"));
}

/// A file with a line for each item: the first line of a sale has everything, the others an item.
fn by_item() -> Mapping {
    let mut mapping = Mapping::default();
    for pair in ["item_name=item", "item_quantity=n"] {
        mapping.rename(pair).unwrap();
    }
    mapping
}

#[test]
fn sales_with_a_line_for_each_item() {
    let file = "sale_id,occurred_at,phone,total,item,n\n\
        S1,2026-11-20,,10,Coffee,2\nS1,,,,Bagel,\n,,,,Cookie,0.5\n\
        S2,2026-11-20,,x,Coffee,\nS2,,,,Bagel,0\n\
        S3,2026-11-20,,3,,\n";
    let rows = sales_by(file.as_bytes(), &by_item());
    assert_eq!(summary(&rows), ["2 ok", "5 total:bad_amount n:bad_items", "7 ok"]);
    let names: Vec<_> = rows[0]
        .outcome
        .as_ref()
        .unwrap()
        .items
        .iter()
        .map(|i| (i.name.as_str(), i.quantity_milli))
        .collect();
    assert_eq!(names, [("Coffee", 2000), ("Bagel", 1000), ("Cookie", 500)]);
    assert_eq!((rows[0].more.len(), rows[1].more.len()), (2, 1));
    // What is refused is written with all its lines, and goes in when it is fixed.
    let out = String::from_utf8(rejects(file.as_bytes(), &by_item())).unwrap();
    assert_eq!(out.lines().count(), 3, "{out}");
    let fixed = out.replace(",x,", ",5,").replace("Bagel,0", "Bagel,1");
    let again = sales_by(fixed.as_bytes(), &by_item());
    assert_eq!(again[0].outcome.as_ref().unwrap().items.len(), 2);
    // A line without a sale above it is an error of its own, and too many lines are refused.
    let orphan = "sale_id,occurred_at,phone,total,item,n\n,,,,Bagel,1\n";
    assert_eq!(rows.len(), 3);
    assert!(sales_by(orphan.as_bytes(), &by_item())[0].outcome.is_err());
    let endless = format!(
        "sale_id,occurred_at,phone,total,item,n\nS1,2026-11-20,,10,A,1\n{}",
        "S1,,,,B,1\n".repeat(300)
    );
    let rows = sales_by(endless.as_bytes(), &by_item());
    assert_eq!(
        (rows.len(), rows[0].outcome.as_ref().unwrap_err()[0].code),
        (1, Code::BadItems)
    );
}
