//! One effect against the row it made: lines, sales and rules at their operation; members and staff, which later
//! operations change, after the last.

use loyalty::book::Book;
use loyalty::effect::{Effect, Entry, SaleRow};
use loyalty::op::{Operation, Private, SaleKey};
use loyalty::{EntryId, MemberId, Origin, Role, StaffId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::rulebook;
use crate::shop::Shop;

/// A member as the log makes them.
#[derive(Clone, PartialEq, Debug, Default)]
struct Person {
    code: String,
    phone: Option<String>,
    name: String,
    email: String,
    birthday: String,
    consent: bool,
    enrolled_at: i64,
}

/// A member of staff as the log makes them.
#[derive(Clone, PartialEq, Debug)]
struct Colleague {
    name: String,
    role: Role,
    pin_hash: String,
    active: bool,
}

/// What the log makes of people.
#[derive(Default)]
pub(super) struct People {
    members: HashMap<MemberId, Person>,
    staff: HashMap<StaffId, Colleague>,
}

impl People {
    /// Folds one effect.
    pub fn apply(&mut self, op: &Operation, private: &Private, effect: &Effect) {
        let or = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
        match effect {
            Effect::NewMember { member, code } => {
                let person = Person {
                    code: code.clone(),
                    phone: private.phone.clone(),
                    name: private.name.clone().unwrap_or_default(),
                    email: private.email.clone().unwrap_or_default(),
                    birthday: private.birthday.clone().unwrap_or_default(),
                    consent: false,
                    enrolled_at: op.at.0,
                };
                self.members.insert(*member, person);
            }
            Effect::Member { member, .. } => {
                if let Some(p) = self.members.get_mut(member) {
                    p.phone = private.phone.clone().or(p.phone.take());
                    p.name = or(&private.name, std::mem::take(&mut p.name));
                    p.email = or(&private.email, std::mem::take(&mut p.email));
                    p.birthday = or(&private.birthday, std::mem::take(&mut p.birthday));
                }
            }
            Effect::Given { member, .. } | Effect::Withdrawn { member } => {
                if let Some(p) = self.members.get_mut(member) {
                    p.consent = matches!(effect, Effect::Given { .. });
                }
            }
            Effect::Staff {
                staff, role, active, ..
            } => {
                let before = self.staff.remove(staff);
                let (name, pin_hash) = before.map_or_else(Default::default, |b| (b.name, b.pin_hash));
                let now = Colleague {
                    name: or(&private.name, name),
                    role: *role,
                    pin_hash: or(&private.pin_hash, pin_hash),
                    active: *active,
                };
                self.staff.insert(*staff, now);
            }
            _ => {}
        }
    }

    /// The first of them who is not so in the file.
    pub fn differs(&self, conn: &Connection) -> Result<Option<String>> {
        let mut rows = conn
            .prepare("SELECT member_id, code, phone, name, email, email_consent, enrolled_at, birthday FROM members")?;
        let mut rows = rows.query([])?;
        while let Some(r) = rows.next()? {
            let person = Person {
                code: r.get(1)?,
                phone: r.get(2)?,
                name: r.get(3)?,
                email: r.get(4)?,
                consent: r.get(5)?,
                enrolled_at: r.get(6)?,
                birthday: r.get(7)?,
            };
            let id = MemberId(r.get(0)?);
            if self.members.get(&id) != Some(&person) {
                return Ok(Some(format!("what is known of member {id} is not what the log says")));
            }
        }
        let mut rows = conn.prepare("SELECT staff_id, name, role, pin_hash, active FROM staff")?;
        let mut rows = rows.query([])?;
        while let Some(r) = rows.next()? {
            let (id, role) = (StaffId(r.get(0)?), Role::read(&r.get::<_, String>(2)?));
            let colleague = role.map(|role| -> Result<_> {
                Ok(Colleague {
                    name: r.get(1)?,
                    role,
                    pin_hash: r.get(3)?,
                    active: r.get(4)?,
                })
            });
            if self.staff.get(&id) != colleague.transpose()?.as_ref() {
                return Ok(Some(format!("what is known of staff {id} is not what the log says")));
            }
        }
        Ok(None)
    }
}

/// Stamp cards, and birthdays that brought their bonus, against the fold: what is wrong where they differ.
pub(super) fn cards_differ(conn: &Connection, book: &Book) -> Result<Option<String>> {
    let mut rows = conn.prepare("SELECT member_id, card, holder, stamps FROM stamps")?;
    let in_file: BTreeMap<_, i64> = rows
        .query_map([], |r| {
            Ok(((MemberId(r.get(0)?), r.get(1)?, Origin(r.get(2)?)), r.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if let Some((id, ..)) = first_difference(&in_file, &book.stamps) {
        return Ok(Some(format!("the stamps of member {id} are not what the log makes")));
    }
    let mut rows = conn.prepare("SELECT member_id, year, entry_id FROM birthdays")?;
    let in_file: BTreeMap<_, EntryId> = rows
        .query_map([], |r| Ok(((MemberId(r.get(0)?), r.get(1)?), EntryId(r.get(2)?))))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(first_difference(&in_file, &book.birthdays)
        .map(|(id, year)| format!("the birthday of member {id} in {year} is not what the log makes")))
}

/// The first key that only one of two maps has, or that they have otherwise.
fn first_difference<'m, K: Ord, V: PartialEq>(a: &'m BTreeMap<K, V>, b: &'m BTreeMap<K, V>) -> Option<&'m K> {
    let differs = |(key, value): &(&K, &V), other: &BTreeMap<K, V>| other.get(key) != Some(value);
    let only_here = a.iter().find(|one| differs(one, b));
    only_here
        .or_else(|| b.iter().find(|one| differs(one, a)))
        .map(|(key, _)| key)
}

/// Whether the row that `effect` made is as it says; what is wrong otherwise.
pub(super) fn differs(conn: &Connection, shop: &Shop, op: &Operation, effect: &Effect) -> Result<Option<&'static str>> {
    let (agrees, what) = match effect {
        Effect::Entry(entry) => (
            line(conn, shop, op, entry)?,
            "its ledger line is not what the operation says",
        ),
        Effect::Sale(row) => (sale(conn, shop, op, row)?, "its sale is not what the operation says"),
        Effect::Rules { version, text, .. } => (
            rules(conn, shop, op, *version, text)?,
            "its rules are not what the operation says",
        ),
        Effect::Decision { key, entry, .. } => (decision(conn, key, *entry)?, "its decision is not in the sale"),
        Effect::Refund {
            key,
            refund_id,
            amount_minor,
            points,
            ..
        } => {
            let sql = "SELECT 1 FROM refunds WHERE source = ?1 AND refund_id = ?2 AND sale_id = ?3 AND op_id = ?4 AND amount_minor = ?5
                       AND points = ?6";
            let row = params![key.source, refund_id, key.sale_id, op.op_id.0, amount_minor, points];
            (
                conn.prepare_cached(sql)?.exists(row)?,
                "its refund is not what the operation says",
            )
        }
        _ => return Ok(None),
    };
    Ok((!agrees).then_some(what))
}

fn line(conn: &Connection, shop: &Shop, op: &Operation, e: &Entry) -> Result<bool> {
    let sql = "SELECT 1 FROM ledger WHERE entry_id = ?1 AND op_id = ?2 AND member_id = ?3 AND kind = ?4 AND points = ?5 AND at_ms = ?6
               AND day = ?7 AND by = ?8 AND rules_version IS ?9 AND reasons = ?10 AND reverses IS ?11 AND source IS ?12
               AND sale_id IS ?13 AND total_minor IS ?14 AND reward IS ?15";
    let reasons = serde_json::to_string(&e.reasons).unwrap_or_default();
    let (source, sale_id) = e.sale.as_ref().map(|k| (&k.source, &k.sale_id)).unzip();
    Ok(conn.prepare_cached(sql)?.exists(params![
        e.entry.0,
        op.op_id.0,
        e.member.0,
        e.kind.as_str(),
        e.points,
        e.at.0,
        shop.zone.day(e.at).to_string(),
        e.by.to_string(),
        e.rules_version,
        reasons,
        e.reverses.map(|r| r.0),
        source,
        sale_id,
        e.total_minor,
        e.reward
    ])?)
}

fn sale(conn: &Connection, shop: &Shop, op: &Operation, s: &SaleRow) -> Result<bool> {
    let sql =
        "SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND op_id = ?3 AND member_id IS ?4 AND (entry_id IS ?5 OR move = 'hold')
               AND total_minor = ?6 AND items = ?7 AND occurred_at = ?8 AND day = ?9 AND move = ?10 AND points = ?11
               AND tax_minor = ?12 AND tip_minor = ?13";
    let items = serde_json::to_string(&s.items).unwrap_or_default();
    let move_ = serde_json::to_value(s.move_).unwrap_or_default();
    Ok(conn.prepare_cached(sql)?.exists(params![
        s.key.source,
        s.key.sale_id,
        op.op_id.0,
        s.member.map(|m| m.0),
        s.entry.map(|e| e.0),
        s.total_minor,
        items,
        s.occurred_at.0,
        shop.zone.day(s.occurred_at).to_string(),
        move_.as_str(),
        s.points,
        s.tax_minor,
        s.tip_minor
    ])?)
}

/// A held sale has no line; its decision may give it one.
fn decision(conn: &Connection, key: &SaleKey, entry: Option<EntryId>) -> Result<bool> {
    let sql = "SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND decision = ?3 AND entry_id IS ?4";
    let said = if entry.is_some() { "approved" } else { "rejected" };
    let row = params![key.source, key.sale_id, said, entry.map(|e| e.0)];
    Ok(conn.prepare_cached(sql)?.exists(row)?)
}

fn rules(conn: &Connection, shop: &Shop, op: &Operation, version: i64, text: &str) -> Result<bool> {
    let kept: Option<String> = conn
        .query_row(
            "SELECT text FROM rules WHERE version = ?1 AND op_id = ?2",
            params![version, op.op_id.0],
            |r| r.get(0),
        )
        .optional()?;
    let Ok(parsed) = rulebook::parse(text, shop.currency) else {
        return Ok(false);
    };
    let sql = "SELECT name, points, cost_minor FROM rewards WHERE version = ?1 ORDER BY position";
    let mut rows = conn.prepare(sql)?;
    let rewards: Vec<(String, i64, Option<i64>)> = rows
        .query_map([version], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let expected = parsed
        .rewards()
        .iter()
        .map(|r| (r.name.clone(), r.points, r.cost.map(|c| c.minor)));
    Ok(kept.as_deref() == Some(text) && expected.eq(rewards))
}
