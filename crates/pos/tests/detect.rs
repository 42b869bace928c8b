//! Files of other programs: found out, and read with what was found.

use loyalty::Code;
use pos::detect::{self, Certainty, Look, Preset};
use pos::file::{Context, Dates, Decimal, Encoding, Field, MembersReader, Row, SaleRow, SalesReader};
use proptest::prelude::*;

fn context(currency: &str, region: &str, zone: &str) -> Context {
    Context {
        currency: currency.parse().unwrap(),
        region: region.parse().unwrap(),
        zone: zone.parse().unwrap(),
    }
}

fn us() -> Context {
    context("USD", "US", "America/Los_Angeles")
}

/// Looks at a file and reads it so; with how many lines were passed over.
fn read(file: &[u8], context: Context) -> (Look, Vec<Row<SaleRow>>, u64) {
    let look = detect::sales(file, &context);
    assert!(look.missing.is_empty(), "{:?} of {:?}", look.missing, look.header);
    let mut reader = SalesReader::new(file, &look.mapping, context).unwrap();
    let rows = reader.by_ref().map(Result::unwrap).collect();
    (look, rows, reader.passed_over())
}

/// A sale in one line: number, time, phone, minor units, items.
fn shown(row: &Row<SaleRow>) -> String {
    let sale = row.outcome.as_ref().unwrap();
    let items: Vec<_> = sale
        .items
        .iter()
        .map(|i| format!("{}*{}", i.name, i.quantity_milli))
        .collect();
    let phone = sale.phone.as_ref().map_or("walk-in", |p| p.e164());
    format!(
        "{} {} {phone} {} {}",
        sale.sale_id,
        sale.occurred_at.rfc3339(),
        sale.total.minor,
        items.join("|")
    )
}

#[test]
fn square() {
    let (look, rows, passed_over) = read(include_bytes!("data/square_transactions.csv"), us());
    assert_eq!(
        (look.preset, look.dates, look.decimal),
        (Some(Preset::Square), Certainty::Seen, Certainty::Seen)
    );
    assert_eq!((rows.len(), passed_over), (2, 1));
    assert_eq!(shown(&rows[0]), "TXA1 2026-11-18T17:05:12.000Z walk-in 3116 ");
    assert_eq!(shown(&rows[1]), "TXA2 2026-11-19T22:30:00.000Z walk-in 124350 ");
}

#[test]
fn shopify_orders_have_a_row_for_each_item() {
    let (look, rows, passed_over) = read(include_bytes!("data/shopify_orders.csv"), us());
    assert_eq!(look.preset, Some(Preset::Shopify));
    assert_eq!((rows.len(), passed_over), (2, 2));
    assert_eq!(
        shown(&rows[0]),
        "9001 2026-11-18T09:00:00.000Z +16195550123 5900 Coffee beans 1 kg*2000|Filter, paper*1000"
    );
    assert_eq!(
        rows[0].outcome.as_ref().unwrap().items[0].sku.as_deref(),
        Some("BEANS-1")
    );
    // In euros, and with an item of which there are none: two errors of one order, whose lines stay together.
    let errors: Vec<_> = rows[1]
        .outcome
        .as_ref()
        .unwrap_err()
        .iter()
        .map(|e| (e.column.as_str(), e.code))
        .collect();
    assert_eq!(
        errors,
        [("Lineitem quantity", Code::BadItems), ("Currency", Code::BadCurrency)]
    );
    assert_eq!((rows[1].line, rows[1].more.len()), (7, 1));
}

#[test]
fn loyverse() {
    let (look, rows, passed_over) = read(include_bytes!("data/loyverse_receipts.csv"), us());
    assert_eq!(
        (look.preset, look.mapping.dates),
        (Some(Preset::Loyverse), Dates::DayFirst)
    );
    assert_eq!((rows.len(), passed_over), (2, 2));
    assert_eq!(
        shown(&rows[0]),
        "2-1678 2026-10-14T06:50:00.000Z +16195550123 14888 Choco, hot*1000|Powder*6000"
    );
    assert_eq!(
        shown(&rows[1]),
        "2-1677 2026-10-02T06:48:00.000Z walk-in 6800 Cheese*350"
    );
}

#[test]
fn lightspeed() {
    let (look, rows, passed_over) = read(include_bytes!("data/lightspeed_sales.csv"), us());
    assert_eq!(look.preset, Some(Preset::Lightspeed));
    assert_eq!((rows.len(), passed_over), (1, 3));
    assert_eq!(
        shown(&rows[0]),
        "501 2026-11-18T18:00:00.000Z walk-in 1080 Flat white*2000|Cookie*1000"
    );
}

#[test]
fn an_unknown_german_file() {
    let text = "Beleg;Date;Time;Phone;Amount\r\n\
        B1;03.11.2026;14:05;030 23125 123;1.234,50 €\r\n\
        B2;04.11.2026;14:06;;12,00 €\r\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
    let germany = context("EUR", "DE", "Europe/Berlin");
    let look = detect::sales(&bytes, &germany);
    assert_eq!(look.missing, [Field::SaleId]);
    assert_eq!(
        (look.mapping.delimiter, look.mapping.encoding),
        (';', Encoding::Windows1252)
    );
    assert_eq!(
        (look.mapping.decimal, look.mapping.dates, look.dates),
        (Decimal::Comma, Dates::DayFirst, Certainty::Seen)
    );
    assert_eq!(look.preview[1], ["B2", "04.11.2026", "14:06", "", "12,00 €"]);
    // The user says which column is the number.
    let mut mapping = look.mapping;
    mapping.rename("sale_id=beleg").unwrap();
    let rows: Vec<_> = SalesReader::new(&bytes[..], &mapping, germany)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(shown(&rows[0]), "B1 2026-11-03T13:05:00.000Z +493023125123 123450 ");
}

#[test]
fn our_own_file_needs_no_mapping() {
    let file = b"sale_id,occurred_at,phone,total\nS1,2026-11-20T10:00:00,6195550123,3\n";
    let (look, rows, _) = read(file, us());
    assert!(look.mapping.columns.is_empty() && look.preset.is_none());
    assert_eq!(shown(&rows[0]), "S1 2026-11-20T18:00:00.000Z +16195550123 300 ");
    let ambiguous = detect::sales(b"sale_id,occurred_at,phone,total\nS1,03/04/2026,,3\n", &us());
    assert_eq!(
        (ambiguous.dates, ambiguous.mapping.dates),
        (Certainty::Assumed, Dates::MonthFirst)
    );
}

#[test]
fn a_sample_may_end_anywhere() {
    let line = "S1,2026-11-20T10:00:00,6195550123,3,Café\n";
    let file = format!("sale_id,occurred_at,phone,total,items\n{}", line.repeat(10_000));
    for more in (0..40).step_by(9) {
        let look = detect::sales(&file.as_bytes()[..detect::SAMPLE_BYTES + more], &us());
        assert!(look.missing.is_empty() && look.mapping.encoding == Encoding::Utf8);
        let look = detect::sales(&file.as_bytes()[..1000 + more], &us());
        assert_eq!(look.mapping.encoding, Encoding::Utf8);
        assert!(look.preview.iter().all(|row| row.len() == 5));
    }
}

#[test]
fn members_of_another_program() {
    let file = "Customer name\tE-mail\tMobile\tPoints balance\tAccepts marketing\nAna\tana@example.com\t619 555 0123\t120\tyes\n";
    let bytes: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let look = detect::members(&bytes, &us());
    assert!(look.missing.is_empty(), "{look:?}");
    let rows: Vec<_> = MembersReader::new(&bytes[..], &look.mapping, us())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let ana = rows[0].outcome.as_ref().unwrap();
    assert_eq!(
        (ana.balance, ana.consent, ana.name.as_deref()),
        (120, Some(true), Some("Ana"))
    );
    assert_eq!(detect::members(b"", &us()).missing, [Field::Phone]);
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[a-zDT0-9,;|\t\"/.: \n]{0,300}") {
        for sample in [&bytes[..], text.as_bytes()] {
            let look = detect::sales(sample, &us());
            let _ = SalesReader::new(sample, &look.mapping, us()).map(|reader| reader.count());
            let _ = detect::members(sample, &us());
        }
    }
}
