//! Which column is which, by the names that programs commonly give them.

use crate::file::header::same_header;
use crate::file::{Field, Mapping};

/// Common headers of a field, the likeliest first.
fn names(field: Field) -> &'static [&'static str] {
    match field {
        Field::SaleId => &[
            "Sale ID",
            "Receipt number",
            "Receipt no",
            "Receipt",
            "Transaction ID",
            "Transaction",
            "Order ID",
            "Order number",
            "Order",
            "Invoice number",
            "Invoice",
            "Ticket",
            "Number",
            "ID",
        ],
        Field::OccurredAt => &[
            "Occurred at",
            "Date and time",
            "Date time",
            "DateTime",
            "Timestamp",
            "Created at",
            "Paid at",
            "Sale date",
            "Transaction date",
            "Order date",
            "Date",
        ],
        Field::TimeOfDay => &["Time", "Time of day", "Sale time"],
        Field::Phone => &[
            "Phone",
            "Phone number",
            "Customer phone",
            "Mobile",
            "Mobile number",
            "Telephone",
            "Tel",
            "Contact",
            "Customer contacts",
        ],
        Field::Total => &[
            "Total",
            "Total collected",
            "Grand total",
            "Total paid",
            "Amount paid",
            "Amount",
            "Total amount",
            "Net sales",
        ],
        Field::Items => &["Items"],
        Field::Currency => &["Currency", "Currency code"],
        Field::Tax => &["Tax", "Taxes", "Tax amount", "Total tax", "Sales tax", "VAT"],
        Field::Tip => &["Tip", "Tips", "Tip amount", "Gratuity"],
        Field::Birthday => &["Birthday", "Date of birth", "Birth date", "DOB"],
        Field::Name => &["Name", "Full name", "Customer name", "Customer"],
        Field::Email => &["Email", "E-mail", "Email address", "Customer email"],
        Field::Consent => &[
            "Consent",
            "Email consent",
            "Accepts marketing",
            "Accepts email marketing",
            "Newsletter",
        ],
        Field::Balance => &["Balance", "Points", "Points balance", "Loyalty points"],
        Field::ItemName | Field::ItemQuantity | Field::ItemSku | Field::ItemCategory => &[],
    }
}

/// Names the columns whose headers are not the standard ones. A sign between words does not matter.
pub(super) fn name(mapping: &mut Mapping, header: &[String], needed: &[Field], optional: &[Field]) {
    for field in needed.iter().chain(optional) {
        if place(mapping, *field, header).is_some() {
            continue;
        }
        let found = names(*field).iter().find_map(|name| {
            let mut same = header.iter().filter(|h| words(h) == words(name));
            same.next().filter(|_| same.next().is_none())
        });
        if let Some(header) = found {
            mapping.columns.insert(*field, header.clone());
        }
    }
}

/// Names the columns of tax and tip, where the total has them in it: of a net total they must not be taken off again.
pub(super) fn name_shares(mapping: &mut Mapping, header: &[String]) {
    let total = place(mapping, Field::Total, header).map(|at| words(&header[at]));
    if total.is_none_or(|total| !total.contains("net")) {
        name(mapping, header, &[], &[Field::Tax, Field::Tip]);
    } else {
        let none = [Field::Tax, Field::Tip].map(|field| (field, String::new()));
        mapping.columns.extend(none);
    }
}

/// Names a column with the time of day, where the dates have none.
pub(super) fn name_time(mapping: &mut Mapping, header: &[String], rows: &[Vec<String>]) {
    let dates = cells(mapping, Field::OccurredAt, header, rows);
    if !dates.is_empty() && dates.iter().all(|date| !date.contains(':')) {
        name(mapping, header, &[], &[Field::TimeOfDay]);
    }
}

fn words(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Where the mapping finds `field`.
pub(super) fn place(mapping: &Mapping, field: Field, header: &[String]) -> Option<usize> {
    if mapping.lacks(field) {
        return None;
    }
    let named = mapping.headers(field);
    header
        .iter()
        .position(|h| named.iter().any(|name| same_header(name, h)))
}

/// The cells of `field` that have something in them.
pub(super) fn cells<'a>(mapping: &Mapping, field: Field, header: &[String], rows: &'a [Vec<String>]) -> Vec<&'a str> {
    let Some(at) = place(mapping, field, header) else {
        return Vec::new();
    };
    let cells = rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
    cells.filter(|cell| !cell.is_empty()).collect()
}
