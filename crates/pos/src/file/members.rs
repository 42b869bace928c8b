//! Reading a file of members, row by row, each good or refused by itself.

use loyalty::{Birthday, Code, Phone, Points, Refusal};
use std::io::{self, Read};

use super::cells::{Cells, Phones, Table, Ways};
use super::mapping::{Field, Mapping};
use super::{Context, FileError, RawRecord, Row};

const NEEDED: &[Field] = &[Field::Phone];
const OPTIONAL: &[Field] = &[
    Field::Name,
    Field::Email,
    Field::Consent,
    Field::Balance,
    Field::Birthday,
];
/// Points one member may start with: beyond it a column was probably mistaken for another.
const BALANCE_MAX: Points = 1_000_000_000;

/// A member as a row of a file tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberRow {
    /// The number.
    pub phone: Phone,
    /// The name, 1 to 80 characters, where the file tells it.
    pub name: Option<String>,
    /// The email address, where the file tells it.
    pub email: Option<String>,
    /// Whether the member agreed to email; `None` where the cell is empty or there is no such column.
    pub consent: Option<bool>,
    /// The birthday, where the file tells it.
    pub birthday: Option<Birthday>,
    /// The points to start with, 0 or more.
    pub balance: Points,
}

/// Reads a file of members, row by row, in constant memory. Only the phone column is needed.
///
/// Yields one [`Row`] for each line that is not blank; `Err` only where the reader itself fails.
pub struct MembersReader<R: Read> {
    table: Table<R>,
}

impl<R: Read> MembersReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError::Header`] where the phone column is missing or there twice; [`FileError::Io`] where reading fails.
    pub fn new(reader: R, mapping: &Mapping, context: Context) -> Result<Self, FileError> {
        let table = Table::open(reader, mapping, context, NEEDED, OPTIONAL)?;
        Ok(Self { table })
    }

    /// The header as it stands in the file, for a [`super::RejectsWriter`].
    #[must_use]
    pub fn header(&self) -> &RawRecord {
        &self.table.header.raw
    }
}

impl<R: Read> Iterator for MembersReader<R> {
    type Item = io::Result<Row<MemberRow>>;
    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.table.next_raw()? {
            Ok(row) => row,
            Err(e) => return Some(Err(e)),
        };
        let outcome = self.table.read(&row, read);
        Some(Ok(row.with(outcome)))
    }
}

fn read(cells: &mut Cells<'_>, _: &Ways, phones: &mut Phones) -> Option<MemberRow> {
    let phone = cells.needed(Field::Phone, Code::BadPhone, |text| phones.read(text));
    let name = cells.optional(Field::Name, Code::BadName, read_name);
    let email = cells.optional(Field::Email, Code::BadEmail, read_email);
    let consent = cells.optional(Field::Consent, Code::BadConsent, read_consent);
    let birthday = cells.optional(Field::Birthday, Code::BadBirthday, str::parse);
    let balance = cells.optional(Field::Balance, Code::BadPoints, read_balance);
    Some(MemberRow {
        phone: phone?,
        name: name?,
        email: email?,
        consent: consent?,
        birthday: birthday?,
        balance: balance?.unwrap_or_default(),
    })
}

fn read_name(text: &str) -> Result<String, Refusal> {
    let fits = text.chars().count() <= 80 && !text.chars().any(char::is_control);
    if fits {
        Ok(text.to_owned())
    } else {
        Err(Refusal::of(Code::BadName, "name", text))
    }
}

/// Takes what a mail server could: something, one `@`, a host with a dot. Whether mail arrives is another question.
fn read_email(text: &str) -> Result<String, Refusal> {
    let fits = |(local, host): (&str, &str)| {
        let plain = |s: &str| !s.is_empty() && !s.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
        let labels = host.split('.');
        plain(local)
            && plain(host)
            && local.len() <= 64
            && text.len() <= 254
            && host.contains('.')
            && labels
                .into_iter()
                .all(|l| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-'))
    };
    if text.rsplit_once('@').is_some_and(fits) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::of(Code::BadEmail, "email", text))
    }
}

fn read_consent(text: &str) -> Result<bool, Refusal> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(true),
        "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(Refusal::of(Code::BadConsent, "consent", text)),
    }
}

fn read_balance(text: &str) -> Result<Points, Refusal> {
    text.parse()
        .ok()
        .filter(|points| (0..=BALANCE_MAX).contains(points))
        .ok_or_else(|| Refusal::of(Code::BadPoints, "balance", text))
}
