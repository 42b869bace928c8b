//! Members who stay away, as the till knows them: who, for how long, what was done about it, what comes next; and the
//! owner's choices. Who is lapsing and what comes next is decided in `loyalty::lapsing`; the relay does it, once a week.

use loyalty::lapsing::{Act, Acted, BACK_MS, Choice, Chosen, Lapse, Next, Usual, Word, lapse, next};
use loyalty::op::{Body, Operation, Private};
use loyalty::rules::Lapsing;
use loyalty::{Code, Hlc, MemberId, OpId, Permission, Points, Refusal, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

use crate::derive::CARD;
use crate::error::Result;
use crate::points::Actor;
use crate::store::Store;
use crate::tx::{Tx, damaged, other_content};

/// The owner chose for somebody; the last word stands.
pub(crate) fn chosen(tx: &Tx<'_>, op: &Operation, chosen: &Chosen) -> Result<()> {
    let sql = "INSERT INTO lapsing_chosen (member_id, clock, op_id, at_ms, choice) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT DO UPDATE SET clock = excluded.clock, op_id = excluded.op_id, at_ms = excluded.at_ms, choice = excluded.choice
               WHERE (excluded.clock, excluded.op_id) > (clock, op_id)";
    let choice = chosen.choice.map(Choice::as_str);
    let row = params![chosen.member.0, chosen.clock.0, op.op_id.0, op.at.0, choice];
    tx.conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// What is usual; the last word stands.
pub(crate) fn set(tx: &Tx<'_>, op: &Operation, usual: Usual, clock: Hlc) -> Result<()> {
    let sql = "INSERT INTO lapsing_usual (one, clock, op_id, choice, bonus) VALUES (1, ?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET clock = excluded.clock, op_id = excluded.op_id, choice = excluded.choice, bonus = excluded.bonus
               WHERE (excluded.clock, excluded.op_id) > (clock, op_id)";
    let row = params![clock.0, op.op_id.0, usual.choice.as_str(), usual.bonus];
    tx.conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Something was done.
pub(crate) fn acted(tx: &Tx<'_>, op: &Operation, acted: &Acted) -> Result<()> {
    let body = serde_json::to_string(acted).map_err(|e| damaged(&e.to_string()))?;
    let sql = "INSERT INTO lapsing_acts (op_id, member_id, at_ms, since, nth, bonus, chosen, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let points = acted.bonus.map_or(0, |bonus| bonus.points);
    let chosen = acted.chosen.map(|op| op.0);
    let row = params![
        op.op_id.0,
        acted.member.0,
        op.at.0,
        acted.since.0,
        acted.nth,
        points,
        chosen,
        body
    ];
    tx.conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Somebody who stays away.
#[derive(Clone, Debug, PartialEq)]
pub struct Away {
    /// Who, as they show.
    pub member: MemberId,
    /// The code on their card.
    pub code: String,
    /// Their name; may be empty.
    pub name: String,
    /// The last digits of their phone; may be empty.
    pub last4: String,
    /// Visits so far.
    pub visits: i64,
    /// Points they have.
    pub points: Points,
    /// Whether they said yes to mail and there is an address. The relay also wants it confirmed.
    pub gets_mail: bool,
    /// Since when, what was done and chosen.
    pub lapse: Lapse,
    /// Who chose, as kept: a name where there is one.
    pub chosen_by: Option<String>,
    /// What comes next.
    pub next: Next,
}

/// What came of it all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Results {
    /// Mails that went out about it, those with points too.
    pub nudges: i64,
    /// Of them with points.
    pub bonuses: i64,
    /// Those points, less what was taken back.
    pub points: Points,
    /// Visits within thirty days of a mail, of members who had stayed away: one for each lapse.
    pub win_backs: i64,
}

/// The whole of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WinBack {
    /// The rule; none where the document has none: then nobody is on the list.
    pub rule: Option<Lapsing>,
    /// What is usual.
    pub usual: Usual,
    /// Who stays away, the longest last.
    pub away: Vec<Away>,
    /// What came of it.
    pub results: Results,
}

fn usual(conn: &Connection) -> Result<Usual> {
    let sql = "SELECT choice, bonus FROM lapsing_usual";
    let read = |r: &rusqlite::Row<'_>| {
        let choice = Choice::read(r.get_ref(0)?.as_str()?).unwrap_or_default();
        Ok(Usual {
            choice,
            bonus: r.get(1)?,
        })
    };
    Ok(conn
        .prepare_cached(sql)?
        .query_row([], read)
        .optional()?
        .unwrap_or_default())
}

/// All that was ever done, by card.
fn acts(conn: &Connection) -> Result<HashMap<Uuid, Vec<Act>>> {
    let sql = "SELECT coalesce(m.merged_into, m.member_id), a.at_ms, a.bonus > 0, a.chosen
               FROM lapsing_acts a JOIN members m USING (member_id)";
    let mut all: HashMap<Uuid, Vec<Act>> = HashMap::new();
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map([], |r| {
        let act = Act {
            at: UtcMs(r.get(1)?),
            bonus: r.get(2)?,
            chosen: r.get::<_, Option<_>>(3)?.map(OpId),
        };
        Ok((r.get(0)?, act))
    })?;
    for row in rows {
        let (card, act) = row?;
        all.entry(card).or_default().push(act);
    }
    Ok(all)
}

/// The last word about each card, and who said it.
fn words(conn: &Connection) -> Result<HashMap<Uuid, (Word, String)>> {
    let sql = "SELECT coalesce(m.merged_into, m.member_id), c.op_id, c.at_ms, c.choice,
                      coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(o.by, '-')), o.by)
               FROM lapsing_chosen c JOIN members m USING (member_id) JOIN ops o USING (op_id) ORDER BY c.clock, c.op_id";
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map([], |r| {
        let word = Word {
            op: OpId(r.get(1)?),
            at: UtcMs(r.get(2)?),
            choice: r.get_ref(3)?.as_str_or_null()?.and_then(Choice::read),
        };
        Ok((r.get(0)?, (word, r.get(4)?)))
    })?;
    // Of a card of several the last one stands.
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A card, before it is known whether it lapses.
struct Card {
    away: Away,
    last_visit: Option<UtcMs>,
}

const CARDS: &str = "SELECT c.card, m.code, m.name, coalesce(substr(coalesce(m.phone, m.phone_also), -4), ''), c.visits, c.last,
        m.email <> '' AND m.email_consent = 1,
        (SELECT coalesce(sum(r.points), 0) FROM rights r WHERE r.member_id IN
            (SELECT g.member_id FROM members g WHERE g.member_id = c.card OR g.merged_into = c.card))
    FROM (SELECT coalesce(merged_into, member_id) AS card, sum(visits) AS visits, max(last_visit_at) AS last FROM members
          GROUP BY card HAVING sum(visits) >= ?1 AND max(last_visit_at) <= ?2) c
    JOIN members m ON m.member_id = c.card WHERE m.erased = 0 ORDER BY c.last DESC, c.card";

fn away(conn: &Connection, shop: &crate::shop::Shop, rule: &Lapsing, usual: Usual, now: UtcMs) -> Result<Vec<Away>> {
    let (mut acts, mut words) = (acts(conn)?, words(conn)?);
    let cutoff = loyalty::standing::before(shop.zone, now, rule.after);
    let mut rows = conn.prepare_cached(CARDS)?;
    let rows = rows.query_map(params![rule.visits, cutoff.0], |r| {
        let blank = Lapse {
            since: UtcMs(0),
            nudges: 0,
            had_bonus: false,
            last: None,
            chosen: None,
        };
        let away = Away {
            member: MemberId(r.get(0)?),
            code: r.get(1)?,
            name: r.get(2)?,
            last4: r.get(3)?,
            visits: r.get(4)?,
            gets_mail: r.get(6)?,
            points: r.get(7)?,
            lapse: blank,
            chosen_by: None,
            next: Next::Wait(now),
        };
        let last_visit = r.get::<_, Option<_>>(5)?.map(UtcMs);
        Ok(Card { away, last_visit })
    })?;
    let mut all = Vec::new();
    for card in rows {
        let Card { away, last_visit } = card?;
        let acts = acts.remove(&away.member.0).unwrap_or_default();
        let word = words.remove(&away.member.0);
        let found = lapse(
            rule,
            shop.zone,
            away.visits,
            last_visit,
            &acts,
            word.as_ref().map(|w| w.0),
            now,
        );
        if let Some(lapse) = found {
            let next = next(rule, usual, &lapse, now);
            let chosen_by = word.filter(|_| lapse.chosen.is_some()).map(|(_, by)| by);
            all.push(Away {
                lapse,
                next,
                chosen_by,
                ..away
            });
        }
    }
    Ok(all)
}

/// A lapse was won back where its first visit after an act came within thirty days of the last act before that visit.
const RESULTS: &str = "WITH acts AS (
        SELECT a.at_ms, a.bonus, coalesce(m.merged_into, m.member_id) AS card FROM lapsing_acts a JOIN members m USING (member_id)),
    back AS (
        SELECT a.card, max(a.at_ms) AS at_ms, (SELECT min(s.occurred_at) FROM sales s WHERE s.member_id IN
                (SELECT g.member_id FROM members g WHERE g.member_id = a.card OR g.merged_into = a.card)
              AND s.reversed = 0 AND s.entry_id IS NOT NULL AND s.occurred_at > a.at_ms) AS visit
        FROM acts a GROUP BY a.card, visit)
    SELECT (SELECT count(*) FROM acts), (SELECT count(*) FROM acts WHERE bonus > 0),
           (SELECT coalesce(sum(l.points), 0) FROM lapsing_acts a JOIN ledger l ON l.op_id = a.op_id
              WHERE NOT EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = l.entry_id)),
           (SELECT count(*) FROM back WHERE visit IS NOT NULL AND visit - at_ms <= ?1)";

impl Tx<'_> {
    /// Chooses what is done about members who stay away, or with none leaves it to what is usual. Those who stay away no
    /// more are passed over. Answers for how many it was chosen.
    ///
    /// # Errors
    /// `not_allowed` below the owner; `bad_points` for a bonus where none is set; `unknown_member`; a storage error.
    pub fn choose_lapsing(&self, actor: &Actor, members: &[MemberId], choice: Option<Choice>) -> Result<usize> {
        actor.must(Permission::Own)?;
        if choice == Some(Choice::Bonus) && usual(self.conn)?.bonus == 0 {
            return Err(Refusal::of(Code::BadPoints, "bonus", "0").into());
        }
        let before = words(self.conn)?;
        let mut chosen = 0;
        for member in members {
            let known = self
                .conn
                .prepare_cached("SELECT 1 FROM members WHERE member_id = ?1 AND erased = 0")?
                .exists([member.0])?;
            if !known {
                return Err(Refusal::of(Code::UnknownMember, "member_id", &member.to_string()).into());
            }
            let card = self.card(*member)?;
            let same = before
                .get(&card.0)
                .map(|(word, _)| word)
                .filter(|word| !self.is_spent(word.op));
            // The same again says nothing new, unless a visit has ended what it was about.
            let stands = same.is_some_and(|word| word.choice == choice && !self.was_here_since(card, word.at));
            if stands || (choice.is_none() && same.is_none()) {
                continue;
            }
            let body = Body::LapsingChosen(Chosen {
                member: card,
                choice,
                clock: Hlc::default(),
            });
            self.append(self.new_op(), &actor.by, &body, &Private::default())?;
            chosen += 1;
        }
        Ok(chosen)
    }

    fn is_spent(&self, word: OpId) -> bool {
        let sql = "SELECT 1 FROM lapsing_acts WHERE chosen = ?1";
        self.conn
            .prepare_cached(sql)
            .and_then(|mut sql| sql.exists([word.0]))
            .unwrap_or(false)
    }

    fn was_here_since(&self, card: MemberId, at: UtcMs) -> bool {
        let sql = format!("SELECT 1 FROM members WHERE member_id IN ({CARD}) AND last_visit_at > ?2");
        let here = self
            .conn
            .prepare_cached(&sql)
            .and_then(|mut sql| sql.exists(params![card.0, at.0]));
        here.unwrap_or(false)
    }

    /// Sets what is done where nothing is chosen, and how many points a bonus is.
    ///
    /// # Errors
    /// `not_allowed` below the owner; `bad_points` for what can't be; a storage error.
    pub fn set_lapsing(&self, op: OpId, actor: &Actor, new: Usual) -> Result<()> {
        actor.must(Permission::Own)?;
        match self.earlier(op)? {
            Some((Body::LapsingSet { usual: before, .. }, _)) if before == new => return Ok(()),
            Some(_) => return Err(other_content()),
            None => {}
        }
        if !new.is_sound() {
            return Err(Refusal::of(Code::BadPoints, "bonus", &new.bonus.to_string()).into());
        }
        if new == usual(self.conn)? {
            return Ok(());
        }
        let clock = Hlc::default();
        let body = Body::LapsingSet { usual: new, clock };
        self.append(op, &actor.by, &body, &Private::default()).map(drop)
    }
}

impl Store {
    /// Who stays away now, and what came of what was done about it.
    ///
    /// # Errors
    /// A storage error.
    pub fn win_back(&self) -> Result<WinBack> {
        let rule = self.rules()?.rules.lapsing();
        let (shop, now) = (self.shop(), self.now());
        self.read(|c| {
            let usual = usual(c)?;
            let away = rule.map_or(Ok(Vec::new()), |rule| away(c, shop, &rule, usual, now))?;
            let results = c.prepare_cached(RESULTS)?.query_row([BACK_MS], |r| {
                Ok(Results {
                    nudges: r.get(0)?,
                    bonuses: r.get(1)?,
                    points: r.get(2)?,
                    win_backs: r.get(3)?,
                })
            })?;
            Ok(WinBack {
                rule,
                usual,
                away,
                results,
            })
        })
    }

    /// See [`Tx::choose_lapsing`].
    ///
    /// # Errors
    /// As there.
    pub fn choose_lapsing(&self, actor: Actor, members: Vec<MemberId>, choice: Option<Choice>) -> Result<usize> {
        self.write(move |tx| tx.choose_lapsing(&actor, &members, choice))
    }

    /// See [`Tx::set_lapsing`].
    ///
    /// # Errors
    /// As there.
    pub fn set_lapsing(&self, op: OpId, actor: Actor, usual: Usual) -> Result<()> {
        self.write(move |tx| tx.set_lapsing(op, &actor, usual))
    }
}
