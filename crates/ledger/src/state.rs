//! The folded state of the file as the rows of `loyalty::state`, and their hash.

use loyalty::book::Book;
use loyalty::lapsing::{Choice, Usual};
use loyalty::op::Kind;
use loyalty::state::{self, SECTIONS, StateHash, hex, row};
use loyalty::{AwayRules, EntryId, Hlc, MemberId, OpId, Origin, Role, StaffId, UtcMs};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use crate::error::Result;

/// The hash of the whole state, all of one moment.
pub(crate) fn hash(conn: &Connection) -> Result<String> {
    let mut hash = StateHash::new();
    for section in SECTIONS {
        each(conn, section, |row| {
            hash.add(&row);
            Ok(())
        })?;
    }
    Ok(hash.finish())
}

/// Hands every row of a section to `f`, in order.
pub(crate) fn each(conn: &Connection, section: &str, mut f: impl FnMut(String) -> Result<()>) -> Result<()> {
    let Some((_, sql, read)) = READ.iter().find(|(name, ..)| *name == section) else {
        return Ok(());
    };
    let mut rows = conn.prepare(sql)?;
    let mut rows = rows.query([])?;
    while let Some(r) = rows.next()? {
        f(read(r)?)?;
    }
    Ok(())
}

/// Where a file and a book differ: the section, the row here (empty where it is missing) and the book's.
#[derive(Debug)]
pub(crate) struct Difference {
    pub section: &'static str,
    pub here: String,
    pub makes: Option<String>,
}

/// The first row in which a file and a book differ.
pub(crate) fn differs(conn: &Connection, book: &Book) -> Result<Option<Difference>> {
    for section in SECTIONS {
        let mut folded = book.rows(section).into_iter();
        let mut found = None;
        each(conn, section, |here| {
            if found.is_none() {
                let makes = folded.next();
                found = (makes.as_deref() != Some(&here)).then_some(Difference { section, here, makes });
            }
            Ok(())
        })?;
        let more = || {
            folded.next().map(|makes| Difference {
                section,
                here: String::new(),
                makes: Some(makes),
            })
        };
        if let Some(found) = found.or_else(more) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

type Read = fn(&Row<'_>) -> rusqlite::Result<String>;

/// Each section: its name, its rows in SQL, and one row as text.
const READ: [(&str, &str, Read); 23] = [
    ("head", "SELECT origin, seq, head FROM origins WHERE seq > 0 ORDER BY origin", |r| {
        Ok(row("head", &state::Head(Origin(r.get(0)?), r.get(1)?, hex(&r.get::<_, [u8; 32]>(2)?))))
    }),
    (
        "member",
        "SELECT member_id, code, coalesce(phone, phone_also), phone IS NOT NULL, name, email, birthday, email_consent, erased, merged_into,
                enrolled_at, visits, last_visit_at FROM members ORDER BY member_id",
        member,
    ),
    ("field", "SELECT subject, field, clock, op_id FROM fields ORDER BY subject, field", |r| {
        let subject: Uuid = r.get(0)?;
        Ok(row("field", &state::Field(subject.to_string(), r.get(1)?, Hlc(r.get(2)?), OpId(r.get(3)?))))
    }),
    ("withdrawal", "SELECT op_id, member_id, covered FROM withdrawals ORDER BY op_id", |r| {
        Ok(row("withdrawal", &state::Withdrawal(OpId(r.get(0)?), MemberId(r.get(1)?), r.get(2)?)))
    }),
    ("right", "SELECT member_id, holder, points FROM rights WHERE points <> 0 ORDER BY member_id, holder", |r| {
        Ok(row("right", &state::Right(MemberId(r.get(0)?), Origin(r.get(1)?), r.get(2)?)))
    }),
    ("lost", "SELECT till FROM lost ORDER BY till", |r| Ok(row("lost", &state::Lost(Origin(r.get(0)?))))),
    (
        "suspense",
        "SELECT member_id, till, net, released FROM suspense WHERE net <> 0 OR released <> 0 ORDER BY member_id, till",
        |r| {
            let suspense = state::Suspense(MemberId(r.get(0)?), Origin(r.get(1)?), r.get(2)?, r.get(3)?);
            Ok(row("suspense", &suspense))
        },
    ),
    ("away", "SELECT clock, op_id, rules FROM away_rules", |r| {
        let rules: String = r.get(2)?;
        let rules: AwayRules = serde_json::from_str(&rules).unwrap_or_default();
        Ok(row("away", &state::Away(Hlc(r.get(0)?), OpId(r.get(1)?), rules)))
    }),
    ("usual", "SELECT clock, op_id, choice, bonus FROM lapsing_usual", |r| {
        let choice = Choice::read(r.get_ref(2)?.as_str()?).unwrap_or_default();
        let usual = Usual { choice, bonus: r.get(3)? };
        Ok(row("usual", &state::Usual(Hlc(r.get(0)?), OpId(r.get(1)?), usual)))
    }),
    ("choice", "SELECT member_id, clock, op_id, at_ms, choice FROM lapsing_chosen ORDER BY member_id", |r| {
        let choice = r.get_ref(4)?.as_str_or_null()?.and_then(Choice::read);
        let one = state::Chosen(MemberId(r.get(0)?), Hlc(r.get(1)?), OpId(r.get(2)?), UtcMs(r.get(3)?), choice);
        Ok(row("choice", &one))
    }),
    ("act", "SELECT op_id, at_ms, body FROM lapsing_acts ORDER BY op_id", |r| {
        // What can't be read differs from whatever the log makes.
        let acted = serde_json::from_str(r.get_ref(2)?.as_str()?);
        Ok(acted.map_or_else(|e| e.to_string(), |acted| {
            row("act", &state::LapsingAct(OpId(r.get(0).unwrap_or_default()), UtcMs(r.get(1).unwrap_or_default()), acted))
        }))
    }),
    (
        "stamp",
        "SELECT member_id, card, holder, stamps FROM stamps WHERE stamps <> 0 ORDER BY member_id, card, holder",
        |r| {
            let stamp = state::Stamp(MemberId(r.get(0)?), r.get(1)?, Origin(r.get(2)?), r.get(3)?);
            Ok(row("stamp", &stamp))
        },
    ),
    ("birthday", "SELECT entry_id, member_id, year FROM birthdays ORDER BY entry_id", |r| {
        let birthday = state::Birthday(EntryId(r.get(0)?), MemberId(r.get(1)?), r.get(2)?);
        Ok(row("birthday", &birthday))
    }),
    ("referral", "SELECT op_id, friend, code, referrer, doubts, settled FROM referrals ORDER BY op_id", |r| {
        let referrer = r.get::<_, Option<_>>(3)?.map(MemberId);
        let doubts = serde_json::from_str(r.get_ref(4)?.as_str()?).unwrap_or_default();
        let one = state::Referral(OpId(r.get(0)?), MemberId(r.get(1)?), r.get(2)?, referrer, doubts, r.get(5)?);
        Ok(row("referral", &one))
    }),
    ("reward", "SELECT op_id, body, settled FROM referral_rewards ORDER BY op_id", |r| {
        // What can't be read differs from whatever the log makes.
        let qualified = serde_json::from_str(&r.get::<_, String>(1)?);
        Ok(qualified.map_or_else(|e| e.to_string(), |q| {
            row("reward", &state::Reward(OpId(r.get(0).unwrap_or_default()), q, r.get(2).unwrap_or_default()))
        }))
    }),
    ("grant", "SELECT entry_id, member_id, friend, side, step, round FROM referral_grants ORDER BY entry_id", |r| {
        let key = crate::referrals::rows::key(r, 2)?;
        Ok(row("grant", &state::Grant(EntryId(r.get(0)?), MemberId(r.get(1)?), key)))
    }),
    ("look", "SELECT reward, allowed, clock, op_id FROM referral_looks ORDER BY reward", |r| {
        Ok(row("look", &state::Look(OpId(r.get(0)?), r.get(1)?, Hlc(r.get(2)?), OpId(r.get(3)?))))
    }),
    ("entry", "SELECT entry_id, member_id, kind, points, reverses FROM ledger ORDER BY entry_id", |r| {
        let kind = Kind::read(r.get_ref(2)?.as_str()?).unwrap_or(Kind::Adjust);
        let reverses = r.get::<_, Option<_>>(4)?.map(EntryId);
        Ok(row("entry", &state::Line(EntryId(r.get(0)?), MemberId(r.get(1)?), kind, r.get(3)?, reverses)))
    }),
    (
        "sale",
        "SELECT op_id, source, sale_id, standing, settled, refunded_minor, reversed, decision = 'approved', entry_id FROM sales ORDER BY op_id",
        sale,
    ),
    ("refund", "SELECT op_id, settled FROM refunds ORDER BY op_id", |r| {
        Ok(row("refund", &state::Done(OpId(r.get(0)?), r.get(1)?)))
    }),
    ("decision", "SELECT op_id, settled FROM decisions ORDER BY op_id", |r| {
        Ok(row("decision", &state::Done(OpId(r.get(0)?), r.get(1)?)))
    }),
    ("staff", "SELECT staff_id, name, role, pin_hash, active FROM staff ORDER BY staff_id", |r| {
        let role = Role::read(r.get_ref(2)?.as_str()?).unwrap_or(Role::Cashier);
        Ok(row("staff", &state::Staff(StaffId(r.get(0)?), r.get(1)?, role, r.get(3)?, r.get(4)?)))
    }),
    ("rules", "SELECT version, clock, op_id FROM rules ORDER BY version, clock, op_id", |r| {
        Ok(row("rules", &state::Rules(r.get(0)?, Hlc(r.get(1)?), OpId(r.get(2)?))))
    }),
];

fn member(r: &Row<'_>) -> rusqlite::Result<String> {
    let code: String = r.get(1)?;
    let member = state::Member {
        member: MemberId(r.get(0)?),
        // What stands behind a ~ only tells apart two that drew the same code.
        code: code.split('~').next().unwrap_or_default().to_owned(),
        phone: r.get(2)?,
        found: r.get(3)?,
        name: r.get(4)?,
        email: r.get(5)?,
        birthday: r.get(6)?,
        consent: r.get(7)?,
        erased: r.get(8)?,
        card: r.get::<_, Option<_>>(9)?.map(MemberId),
        enrolled_at: UtcMs(r.get(10)?),
        visits: r.get(11)?,
        last_visit_at: r.get::<_, Option<_>>(12)?.map(UtcMs),
    };
    Ok(row("member", &member))
}

fn sale(r: &Row<'_>) -> rusqlite::Result<String> {
    let sale = state::Sale {
        op: OpId(r.get(0)?),
        source: r.get(1)?,
        sale_id: r.get(2)?,
        standing: r.get(3)?,
        settled: r.get(4)?,
        refunded_minor: r.get(5)?,
        reversed: r.get(6)?,
        approved: r.get(7)?,
        entry: r.get::<_, Option<_>>(8)?.map(EntryId),
    };
    Ok(row("sale", &sale))
}
