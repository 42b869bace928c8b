//! Finding members as the cashier types: any part of a phone number, a name, an email or a code, best first.
//!
//! The newest visitors are looked through first (who stands at the counter was probably here lately), then the
//! indexes fill the list. No query sorts more than the rows it shows: `ORDER BY rank` over a large shop takes 0.1 s.

use loyalty::{MemberCode, Phone};
use rusqlite::{Connection, params};
use std::collections::HashSet;

use crate::error::Result;
use crate::members::{Key, MEMBER_COLUMNS, Member, find, read_member};
use crate::shop::Shop;

/// How many of the newest visitors are looked through.
const NEWEST: usize = 300;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Best first.
    pub members: Vec<Member>,
    /// The query names exactly this one: a code, or a whole phone number.
    pub exact: Option<Member>,
    /// The query is a phone number that nobody has: it can be enrolled.
    pub enrol: Option<Phone>,
}

pub(crate) fn search(conn: &Connection, shop: &Shop, text: &str, at_most: usize) -> Result<Found> {
    let text = text.trim();
    let mut found = Found::default();
    let phone = Phone::parse(text, shop.region).ok();
    if let Some(code) = MemberCode::read(text) {
        found.exact = find(conn, Key::Code(&code))?;
    }
    if let (None, Some(phone)) = (&found.exact, &phone) {
        found.exact = find(conn, Key::Phone(phone))?;
    }
    if let Some(exact) = &found.exact {
        found.members.push(exact.clone());
        return Ok(found);
    }
    found.enrol = phone;
    let query = Query::of(text);
    let mut seen = HashSet::new();
    let mut take = |members: Vec<Member>, found: &mut Found| {
        for member in members {
            if found.members.len() < at_most && seen.insert(member.member_id) {
                found.members.push(member);
            }
        }
    };
    take(newest(conn, &query, at_most)?, &mut found);
    if found.members.len() < at_most {
        take(query.indexed(conn, at_most)?, &mut found);
    }
    found
        .members
        .sort_by_key(|m| (query.rank(m), std::cmp::Reverse(m.last_visit_at)));
    Ok(found)
}

/// A query, taken apart once.
struct Query {
    /// Its words, folded.
    words: Vec<String>,
    /// Its words as typed: the index folds them as it folded the names, which is not quite as we do.
    typed: Vec<String>,
    /// Its digits, where it has nothing but digits and what people write between them.
    digits: Option<String>,
    /// The same without the zero that is dialled inside a country: numbers are kept with the country in front. Only
    /// from five digits on, so that four are the end of a number and nothing else.
    dialled: Option<String>,
}

impl Query {
    fn of(text: &str) -> Self {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let numeric = !digits.is_empty() && text.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c));
        let dialled = digits.trim_start_matches('0').to_owned();
        let inside = numeric && digits.len() >= 5 && dialled.len() >= 3 && dialled.len() < digits.len();
        Self {
            words: words(text).map(fold).collect(),
            typed: words(text).map(str::to_owned).collect(),
            digits: numeric.then_some(digits),
            dialled: inside.then_some(dialled),
        }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.digits.is_none()
    }

    /// 0 is best: the end of the number, the start of the name, the start of another word, anywhere else.
    fn rank(&self, m: &Member) -> u8 {
        if let Some(digits) = &self.digits {
            let phone = m.phone.as_ref().map_or("", Phone::e164);
            return if phone.ends_with(digits.as_str()) { 0 } else { 1 };
        }
        let first = self.words.first().map_or("", String::as_str);
        if fold(&m.name).starts_with(first) { 0 } else { 1 }
    }

    fn matches(&self, phone: &str, name: &str, email: &str) -> bool {
        if let Some(digits) = &self.digits {
            return phone.contains(digits.as_str())
                || self.dialled.as_ref().is_some_and(|d| phone.contains(d.as_str()));
        }
        let theirs: Vec<String> = words(name).chain(words(email)).map(fold).collect();
        self.words
            .iter()
            .all(|w| theirs.iter().any(|t| t.starts_with(w.as_str())))
    }

    fn indexed(&self, conn: &Connection, at_most: usize) -> Result<Vec<Member>> {
        let (table, matching) = match &self.digits {
            Some(digits) if digits.len() >= 3 => {
                let either = self.dialled.iter().map(|d| format!(" OR \"{d}\""));
                ("member_digits", format!("\"{digits}\"{}", either.collect::<String>()))
            }
            Some(_) => return Ok(Vec::new()),
            None if self.words.is_empty() => return Ok(Vec::new()),
            None => (
                "member_words",
                self.typed
                    .iter()
                    .map(|w| format!("\"{w}\"*"))
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
        };
        let sql = format!(
            "SELECT {MEMBER_COLUMNS} FROM {table} f JOIN members k ON k.member = f.rowid
             JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id) WHERE f.{table} MATCH ?1 LIMIT ?2"
        );
        let mut rows = conn.prepare_cached(&sql)?;
        Ok(rows
            .query_map(params![matching, at_most * 2], read_member)?
            .collect::<rusqlite::Result<_>>()?)
    }
}

/// Among the newest visitors, those who match; with nothing typed, simply the newest. What is shown is read only of
/// those: points are sums over other tables.
fn newest(conn: &Connection, query: &Query, at_most: usize) -> Result<Vec<Member>> {
    let among = if query.is_empty() { at_most } else { NEWEST };
    let sql = "SELECT member, coalesce(phone, ''), name, email FROM members WHERE last_visit_at IS NOT NULL AND merged_into IS NULL
               ORDER BY last_visit_at DESC LIMIT ?1";
    let whole = format!("SELECT {MEMBER_COLUMNS} FROM members m WHERE m.member = ?1");
    let (mut rows, mut whole) = (conn.prepare_cached(sql)?, conn.prepare_cached(&whole)?);
    let mut rows = rows.query([among])?;
    let mut members = Vec::new();
    while let Some(r) = rows.next()? {
        let text = |column: usize| r.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        if query.is_empty() || query.matches(text(1)?, text(2)?, text(3)?) {
            members.push(whole.query_row([r.get::<_, i64>(0)?], read_member)?);
        }
        if members.len() == at_most {
            break;
        }
    }
    Ok(members)
}

/// Words, cut at blanks and at ASCII's and Unicode's general punctuation, but not at `@`. What else is no letter (a mark
/// above one, an emoji) stays inside, and the index cuts there as it cut the names.
fn words(text: &str) -> impl Iterator<Item = &str> + '_ {
    let cuts = |c: char| match c {
        '@' | '0'..='9' | 'A'..='Z' | 'a'..='z' => false,
        c => c.is_ascii() || c.is_whitespace() || ('\u{2000}'..='\u{206f}').contains(&c),
    };
    text.split(cuts).filter(|w| !w.is_empty())
}

/// Lower case, without the accents that SQLite's `remove_diacritics` removes too.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .map(plain_letter)
        .collect()
}

fn plain_letter(c: char) -> char {
    const FROM: &str = "àáâãäåāăąçćčďèéêëēėęěìíîïīįłñńňòóôõöøōőŕřśšşťţùúûüūůűųýÿźżžĝğģĥķĺļľņŗșțẽỹđı";
    const INTO: &str = "aaaaaaaaacccdeeeeeeeeiiiiiilnnnoooooooorrsssttuuuuuuuuyyzzzggghklllnrsteydi";
    FROM.chars()
        .zip(INTO.chars())
        .find_map(|(from, into)| (from == c).then_some(into))
        .unwrap_or(c)
}
