//! What tills that were apart did and somebody should look at: what a lost till spent beyond its suspense, what was done
//! twice and taken back by the relay, balances below zero. And this machine's marks on them: settled, or to be asked.
//!
//! The marks are settings of this machine, not operations: another till shows the same card until it is settled there
//! or the operation behind the settling arrives. Moving points is adjusting and reversing (`points`); what the shop lost
//! is settled by the relay.

use loyalty::op::{Body, Twice};
use loyalty::{Code, EntryId, MemberId, OpId, Origin, Points, Refusal, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::derive::CARD;
use crate::error::Result;
use crate::lines::{self, Line};
use crate::points::Actor;
use crate::store::Store;
use crate::tx::{Tx, damaged, read_body};

/// How many of the newest things done twice are looked at.
const TWICE_MAX: i64 = 100;
/// What the names of the marks begin with.
const MARK: &str = "conflict:";

/// What it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A lost till spent points that were released from suspense: the shop's loss.
    LostSpend,
    /// The same sale was recorded at two tills.
    SaleTwice,
    /// The same line was reversed at two tills.
    ReversalTwice,
    /// The same held sale was decided at two tills.
    DecisionTwice,
    /// The same refund was recorded at two tills.
    RefundTwice,
    /// The bonus of the same birthday was granted at two tills.
    BirthdayTwice,
    /// A balance is below zero.
    BelowZero,
}

/// What a thing done twice is about. None for a referral's reward: nobody stood at the counter for it, and what came
/// twice was taken back at once.
fn about(twice: Twice) -> Option<About> {
    Some(match twice {
        Twice::Sale => About::SaleTwice,
        Twice::Reversal => About::ReversalTwice,
        Twice::Decision => About::DecisionTwice,
        Twice::Refund => About::RefundTwice,
        Twice::Birthday => About::BirthdayTwice,
        Twice::Referral | Twice::Qualified | Twice::Rewarded => return None,
    })
}

/// Something to settle.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What it is known by here.
    pub key: String,
    /// What it is about.
    pub about: About,
    /// Whose points.
    pub member: MemberId,
    /// How many are at stake: lost, below zero, or taken back (below zero: given back) by the relay.
    pub points: Points,
    /// The member's points now.
    pub balance: Points,
    /// The line behind it, where one is known: the late spend, the second one, or what led below zero.
    pub line: Option<Line>,
    /// The till that wrote that line; empty where it is not known.
    pub till: String,
    /// For what was done twice: the till that was first.
    pub first_till: String,
    /// And when that was.
    pub first_at: Option<UtcMs>,
    /// The lost till, for a late spend.
    pub lost: Option<Origin>,
    /// What somebody noted who left it open.
    pub asked: Option<Mark>,
}

/// How something was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The shop gives the points.
    Forgiven,
    /// The member owes them: the next earnings pay them off.
    Owed,
    /// Nothing more was to be done.
    Noted,
    /// Still open: somebody is to be asked.
    Asked,
}

/// What this machine remembers of a conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// How it was settled.
    pub verdict: Verdict,
    /// What it was about.
    pub about: About,
    /// Whose points.
    pub member: MemberId,
    /// How many.
    pub points: Points,
    /// What was said.
    pub note: String,
    /// On whose word, as in an operation.
    pub by: String,
    /// When.
    pub at: UtcMs,
    /// The line that gave the points, where there is one: taking it back opens the conflict again.
    pub entry: Option<EntryId>,
}

impl Mark {
    /// Whether it can be undone. What the relay settled can't.
    #[must_use]
    pub fn may_undo(&self) -> bool {
        self.about != About::LostSpend && self.verdict != Verdict::Asked
    }
}

impl Store {
    /// What waits to be settled: late spends, then balances below zero, then what was done twice.
    ///
    /// # Errors
    /// A storage error.
    pub fn conflicts(&self) -> Result<Vec<Conflict>> {
        self.read(|c| {
            let mut all = late_spends(c)?;
            all.extend(below_zero(c)?);
            all.extend(twice(c)?);
            Ok(all)
        })
    }

    /// What was settled here, newest first, by its key.
    ///
    /// # Errors
    /// A storage error.
    pub fn settled_conflicts(&self, at_most: usize) -> Result<Vec<(String, Mark)>> {
        self.read(|c| {
            let sql = "SELECT substr(name, 10), value FROM settings WHERE name GLOB 'conflict:*'";
            let mut rows = c.prepare_cached(sql)?;
            let rows = rows.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get::<_, String>(1)?)))?;
            let mut all = Vec::new();
            for row in rows {
                let (key, text) = row?;
                let mark = parse(&text)?;
                if mark.verdict != Verdict::Asked {
                    all.push((key, mark));
                }
            }
            all.sort_by_key(|(_, mark)| std::cmp::Reverse(mark.at));
            all.truncate(at_most);
            Ok(all)
        })
    }

    /// What waits under a key.
    ///
    /// # Errors
    /// `already_decided` where nothing waits under that key (any more); a storage error.
    pub fn conflict(&self, key: &str) -> Result<Conflict> {
        let found = self.conflicts()?.into_iter().find(|c| c.key == key);
        found.ok_or_else(|| Refusal::of(Code::AlreadyDecided, "key", key).into())
    }

    /// Settles a conflict with what is done here: `Forgiven` gives the points (of a balance below zero, or what the relay
    /// took back), each other verdict only marks it. A late spend is settled by the relay; here it is only marked.
    ///
    /// # Errors
    /// `already_decided`; those of adjusting; a storage error.
    pub fn settle_conflict(
        &self,
        op: OpId,
        actor: Actor,
        conflict: Conflict,
        verdict: Verdict,
        note: String,
    ) -> Result<()> {
        self.write(move |tx| tx.settle_conflict(op, &actor, &conflict, verdict, &note))
    }

    /// Opens a conflict again that was settled here: a line that gave points is taken back.
    ///
    /// # Errors
    /// `already_decided` where it can't be undone or is open; those of reversing; a storage error.
    pub fn reopen_conflict(&self, op: OpId, actor: Actor, key: String) -> Result<()> {
        self.write(move |tx| {
            let name = format!("{MARK}{key}");
            let mark = tx.setting(&name)?.map(|text| parse(&text)).transpose()?;
            let Some(mark) = mark.filter(Mark::may_undo) else {
                return Err(Refusal::of(Code::AlreadyDecided, "key", &key).into());
            };
            if let Some(entry) = mark.entry {
                tx.reverse(op, &actor, entry)?;
            }
            tx.forget_setting(&name)
        })
    }
}

impl Tx<'_> {
    fn settle_conflict(&self, op: OpId, actor: &Actor, c: &Conflict, verdict: Verdict, note: &str) -> Result<()> {
        // What the relay took back has its sign: that many points were given, and are again.
        let given = match (verdict, c.about) {
            (Verdict::Forgiven, About::BelowZero) => Some(c.points),
            (Verdict::Forgiven, about) if about != About::LostSpend && c.points > 0 => Some(c.points),
            _ => None,
        };
        let entry = match given {
            Some(points) => Some(self.adjust(op, actor, c.member, points, note)?.entry),
            None => None,
        };
        let mark = Mark {
            verdict,
            about: c.about,
            member: c.member,
            points: c.points,
            note: note.split_whitespace().collect::<Vec<_>>().join(" "),
            by: actor.by.to_string(),
            at: self.now(),
            entry,
        };
        self.mark(&c.key, &mark)?;
        // What the member owes now is a balance below zero, and that is what was decided.
        if (verdict, c.about) == (Verdict::Owed, About::LostSpend) {
            let below = -self.balance(c.member)?;
            if below > 0 {
                let owed = Mark {
                    about: About::BelowZero,
                    points: below,
                    ..mark
                };
                self.mark(&below_key(c.member), &owed)?;
            }
        }
        Ok(())
    }

    fn mark(&self, key: &str, mark: &Mark) -> Result<()> {
        let text = serde_json::to_string(mark).map_err(|e| damaged(&e.to_string()))?;
        self.set_setting(&format!("{MARK}{key}"), &text)
    }
}

fn parse(text: &str) -> Result<Mark> {
    serde_json::from_str(text).map_err(|e| damaged(&e.to_string()).into())
}

fn marked(conn: &Connection, key: &str) -> Result<Option<Mark>> {
    let text = crate::shop::setting(conn, &format!("{MARK}{key}"))?;
    text.map(|text| parse(&text)).transpose()
}

fn below_key(member: MemberId) -> String {
    format!("below:{member}")
}

/// What lost tills spent of points that had been released. It stays until the relay has settled it.
fn late_spends(conn: &Connection) -> Result<Vec<Conflict>> {
    let sql = "SELECT m.member_id, s.till, sum(s.loss) FROM suspense s JOIN members k USING (member_id)
        JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id)
        WHERE s.loss > 0 GROUP BY m.member_id, s.till";
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map([], |r| Ok((MemberId(r.get(0)?), Origin(r.get(1)?), r.get(2)?)))?;
    let found: Vec<(MemberId, Origin, Points)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::with_capacity(found.len());
    for (member, till, points) in found {
        let sql = format!(
            "SELECT l.entry_id FROM ledger l JOIN ops o USING (op_id)
             WHERE l.member_id IN ({CARD}) AND l.kind = 'redeem' AND o.origin = ?2 ORDER BY l.at_ms DESC, l.line DESC LIMIT 1"
        );
        let entry: Option<Uuid> = conn
            .prepare_cached(&sql)?
            .query_row(params![member.0, till.0], |r| r.get(0))
            .optional()?;
        let key = format!("loss:{till}:{member}");
        all.push(Conflict {
            lost: Some(till),
            till: till_name(conn, till)?,
            asked: marked(conn, &key)?.filter(|mark| mark.verdict == Verdict::Asked),
            ..bare(conn, key, About::LostSpend, member, points, entry.map(EntryId))?
        });
    }
    Ok(all)
}

/// Balances below zero, but for those that were settled when they were no higher.
fn below_zero(conn: &Connection) -> Result<Vec<Conflict>> {
    let sql = "SELECT m.member_id, sum(r.points) FROM rights r JOIN members k USING (member_id)
        JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id)
        GROUP BY m.member_id HAVING sum(r.points) < 0 ORDER BY 2";
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map([], |r| Ok((MemberId(r.get(0)?), r.get(1)?)))?;
    let found: Vec<(MemberId, Points)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::with_capacity(found.len());
    for (member, balance) in found {
        let key = below_key(member);
        let mark = marked(conn, &key)?;
        if mark
            .as_ref()
            .is_some_and(|m| m.verdict == Verdict::Owed && -balance <= m.points)
        {
            continue;
        }
        let sql = format!(
            "SELECT entry_id FROM ledger WHERE member_id IN ({CARD}) AND points < 0 ORDER BY at_ms DESC, line DESC LIMIT 1"
        );
        let entry: Option<Uuid> = conn
            .prepare_cached(&sql)?
            .query_row([member.0], |r| r.get(0))
            .optional()?;
        all.push(Conflict {
            asked: mark.filter(|mark| mark.verdict == Verdict::Asked),
            ..bare(conn, key, About::BelowZero, member, -balance, entry.map(EntryId))?
        });
    }
    Ok(all)
}

/// What was done twice and the relay took back, the newest first.
fn twice(conn: &Connection) -> Result<Vec<Conflict>> {
    // The tag is the first thing in an operation's JSON; only the relay writes these.
    let sql = r#"SELECT op_id, body FROM ops WHERE origin = (SELECT origin FROM relay)
        AND substr(body, 1, 17) = '{"body":"settled"' ORDER BY op DESC LIMIT ?1"#;
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map([TWICE_MAX], |r| Ok((OpId(r.get(0)?), r.get::<_, String>(1)?)))?;
    let found: Vec<(OpId, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::new();
    for (op, body) in found {
        let Body::Settled { what, first, undo, .. } = read_body(&body)? else {
            return Err(damaged("an operation is not what it is tagged as").into());
        };
        let Some(about) = about(what) else { continue };
        let key = format!("twice:{op}");
        let mark = marked(conn, &key)?;
        let open = mark.as_ref().is_none_or(|mark| mark.verdict == Verdict::Asked);
        // Where nothing was given twice, there is nothing to look at.
        let Some(undo) = undo.filter(|undo| open && undo.points != 0) else {
            continue;
        };
        let sql = "SELECT origin, at_ms FROM ops WHERE op_id = ?1";
        let read = |r: &rusqlite::Row<'_>| Ok((Origin(r.get(0)?), UtcMs(r.get(1)?)));
        let was = conn.prepare_cached(sql)?.query_row([first.0], read).optional()?;
        let shows = crate::tx::card(conn, undo.member)?;
        all.push(Conflict {
            first_till: was.map_or_else(|| Ok(String::new()), |(till, _)| till_name(conn, till))?,
            first_at: was.map(|(_, at)| at),
            asked: mark,
            ..bare(conn, key, about, shows, -undo.points, Some(undo.reverses))?
        });
    }
    Ok(all)
}

fn bare(
    conn: &Connection,
    key: String,
    about: About,
    member: MemberId,
    points: Points,
    entry: Option<EntryId>,
) -> Result<Conflict> {
    let line = entry.map_or(Ok(None), |entry| lines::one(conn, entry))?;
    let sql = "SELECT o.origin FROM ledger l JOIN ops o USING (op_id) WHERE l.entry_id = ?1";
    let till: Option<Uuid> = match entry {
        Some(entry) => conn
            .prepare_cached(sql)?
            .query_row([entry.0], |r| r.get(0))
            .optional()?,
        None => None,
    };
    Ok(Conflict {
        key,
        about,
        member,
        points,
        balance: crate::tx::balance(conn, member)?,
        line,
        till: till.map_or_else(|| Ok(String::new()), |till| till_name(conn, Origin(till)))?,
        first_till: String::new(),
        first_at: None,
        lost: None,
        asked: None,
    })
}

fn till_name(conn: &Connection, till: Origin) -> Result<String> {
    let sql = "SELECT coalesce((SELECT name FROM tills WHERE till_id = ?1), (SELECT till_name FROM shop WHERE till_id = ?1), '')";
    Ok(conn.prepare_cached(sql)?.query_row([till.0], |r| r.get(0))?)
}
