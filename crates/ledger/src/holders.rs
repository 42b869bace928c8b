//! Who holds which of a member's points, giving them back to the relay, and the owner's rules for a till that is cut off.
//! How rights change is in `rights`; asking the relay for more is not here.

use loyalty::op::{Body, By, Private};
use loyalty::{AwayRules, Code, EntryId, Hlc, MemberId, OpId, Origin, Permission, Points, Refusal, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};

use crate::derive::CARD;
use crate::error::Result;
use crate::points::Actor;
use crate::store::Store;
use crate::tx::{Tx, damaged, other_content};

/// A till that heard from its relay within this is not cut off: it asks at least twice in that time.
const CUT_OFF_MS: i64 = 120_000;
const DAY_MS: i64 = 86_400_000;

/// Part of a member's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who may spend them: a till, or [`Origin::RELAY`].
    pub holder: Origin,
    /// What the till is called; empty where it is not known here.
    pub name: String,
    /// When the relay last heard from it, as far as is known here.
    pub seen_at: Option<UtcMs>,
    /// How many; below zero where points were taken back that it had given out.
    pub points: Points,
    /// Whether the till is lost, so that nobody may spend them.
    pub suspended: bool,
}

/// Where a member's points are.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Holders {
    /// Them all together: what is in suspense counts, what the shop lost does not weigh.
    pub balance: Points,
    /// Who has how many, the most first; nobody who has none.
    pub held: Vec<Held>,
    /// What lost tills spent a second time, until it is decided.
    pub loss: Points,
}

/// What a lost till could still spend, or has spent unheard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Exposure {
    /// Of how many members.
    pub members: i64,
    /// How many points.
    pub points: Points,
}

impl Tx<'_> {
    /// Gives all of a member's points that this till holds back to the relay. Answers how many.
    ///
    /// # Errors
    /// A storage error.
    pub fn return_rights(&self, member: MemberId) -> Result<Points> {
        let sql =
            format!("SELECT member_id, points FROM rights WHERE holder = ?2 AND points > 0 AND member_id IN ({CARD})");
        let held = self.held_here(&sql, params![member.0, self.shop().till_id.0])?;
        self.give_back(held)
    }

    /// Gives the points of some members back; answers of how many, at most `at_most`.
    ///
    /// # Errors
    /// A storage error.
    pub fn return_some(&self, at_most: usize) -> Result<usize> {
        let sql = "SELECT member_id, points FROM rights WHERE holder = ?1 AND points > 0 LIMIT ?2";
        let held = self.held_here(sql, params![self.shop().till_id.0, at_most])?;
        let members = held.len();
        self.give_back(held)?;
        Ok(members)
    }

    fn held_here(&self, sql: &str, params: impl rusqlite::Params) -> Result<Vec<(MemberId, Points)>> {
        let mut rows = self.conn.prepare_cached(sql)?;
        let rows = rows.query_map(params, |r| Ok((MemberId(r.get(0)?), r.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn give_back(&self, held: Vec<(MemberId, Points)>) -> Result<Points> {
        let mut all = 0;
        for (member, points) in held {
            let body = Body::RightsReturned { member, points };
            self.append(self.new_op(), &By::Job("till".into()), &body, &Private::default())?;
            all += points;
        }
        Ok(all)
    }

    /// Changes how the shop's tills go on without the relay.
    ///
    /// # Errors
    /// `not_allowed` below the owner, `bad_points` for numbers that can't be; a storage error.
    pub fn set_away_rules(&self, op: OpId, actor: &Actor, rules: AwayRules) -> Result<()> {
        actor.must(Permission::Own)?;
        match self.earlier(op)? {
            Some((Body::AwayRulesSet { rules: before, .. }, _)) if before == rules => return Ok(()),
            Some(_) => return Err(other_content()),
            None => {}
        }
        if !rules.is_sound() {
            return Err(Refusal::of(Code::BadPoints, "away_rules", "").into());
        }
        let clock = Hlc::default();
        let body = Body::AwayRulesSet { rules, clock };
        self.append(op, &actor.by, &body, &Private::default()).map(drop)
    }

    /// Whether the owner lets this till redeem `points` of a member now (none: what takes stamps), if it is cut off from
    /// its relay. `approver`: a manager has given their PIN for it. Answers who that was, where it was wanted. Whoever
    /// redeems does it in the same transaction, so that two at once can't both have what is left of a cap.
    ///
    /// # Errors
    /// `away_too_long` with the days, `away_cap` with what is left, `needs_manager` with the limit, `not_allowed` for an
    /// approver below a manager; a storage error.
    pub(crate) fn may_redeem(&self, member: MemberId, points: Points, approver: Option<&Actor>) -> Result<Option<By>> {
        let Some(relay) = crate::relay::relay(self.conn)? else {
            return Ok(None);
        };
        let away = relay.synced_at.map_or(0, |at| self.now().0 - at.0);
        // A clock that was set back says nothing of how long it has been: the caps hold all the same.
        if (-CUT_OFF_MS..=CUT_OFF_MS).contains(&away) {
            return Ok(None);
        }
        let rules = away_rules(self.conn)?;
        let refuse = |code: Code, number: i64| Err(Refusal::from(code).with(number).into());
        if away > rules.days.saturating_mul(DAY_MS) {
            return refuse(Code::AwayTooLong, rules.days);
        }
        let allowed = match (rules.pin_above, approver) {
            (Some(most), None) if points > most => return refuse(Code::NeedsManager, most),
            (Some(most), Some(manager)) if points > most => {
                manager.must(Permission::Adjust)?;
                Some(manager.by.clone())
            }
            _ => None,
        };
        for (cap, of) in [(rules.per_member, Some(member)), (rules.in_all, None)] {
            let Some(cap) = cap else { continue };
            let left = (cap - self.redeemed_unheard(relay.accepted, of)?).max(0);
            if points > left {
                return refuse(Code::AwayCap, left);
            }
        }
        Ok(allowed)
    }

    /// What was redeemed here that the relay has not heard of, of one member or of all.
    fn redeemed_unheard(&self, accepted: i64, of: Option<MemberId>) -> Result<Points> {
        let sql = format!(
            "SELECT coalesce(sum(json_extract(body, '$.points')), 0) FROM ops
             WHERE origin = ?2 AND origin_seq > ?3 AND body GLOB '{{\"body\":\"reward_redeemed\"*'
               AND (?1 IS NULL OR unhex(json_extract(body, '$.member'), '-') IN ({CARD}))"
        );
        let row = params![of.map(|m| m.0), self.shop().till_id.0, accepted];
        Ok(self.conn.prepare_cached(&sql)?.query_row(row, |r| r.get(0))?)
    }
}

fn away_rules(conn: &Connection) -> Result<AwayRules> {
    let sql = "SELECT rules FROM away_rules";
    let kept: Option<String> = conn.prepare_cached(sql)?.query_row([], |r| r.get(0)).optional()?;
    kept.map_or(Ok(AwayRules::default()), |text| {
        serde_json::from_str(&text).map_err(|e| damaged(&e.to_string()).into())
    })
}

impl Store {
    /// How the shop's tills go on without the relay.
    ///
    /// # Errors
    /// A storage error.
    pub fn away_rules(&self) -> Result<AwayRules> {
        self.read(away_rules)
    }

    /// Whether a line is a redemption that another till of the shop made: taking it back needs the relay's word.
    ///
    /// # Errors
    /// A storage error.
    pub fn is_anothers_redemption(&self, entry: EntryId) -> Result<bool> {
        self.read(|c| {
            let sql = "SELECT EXISTS (SELECT 1 FROM ledger l JOIN ops o USING (op_id), shop s, relay
                       WHERE l.entry_id = ?1 AND l.kind = 'redeem' AND o.origin <> s.till_id)";
            Ok(c.prepare_cached(sql)?.query_row([entry.0], |r| r.get(0))?)
        })
    }

    /// Whether a sale was recorded at another till: deciding it needs the relay's word.
    ///
    /// # Errors
    /// A storage error.
    pub fn is_anothers_sale(&self, source: &str, sale_id: &str) -> Result<bool> {
        self.read(|c| {
            let sql = "SELECT EXISTS (SELECT 1 FROM sales x JOIN ops o USING (op_id), shop s, relay
                       WHERE x.source = ?1 AND x.sale_id = ?2 AND x.standing = 1 AND o.origin <> s.till_id)";
            Ok(c.prepare_cached(sql)?.query_row([source, sale_id], |r| r.get(0))?)
        })
    }

    /// Whether this till was declared lost, as far as it knows.
    ///
    /// # Errors
    /// A storage error.
    pub fn is_lost(&self) -> Result<bool> {
        self.read(|c| {
            let sql = "SELECT EXISTS (SELECT 1 FROM lost WHERE till = (SELECT till_id FROM shop))";
            Ok(c.prepare_cached(sql)?.query_row([], |r| r.get(0))?)
        })
    }

    /// See [`Tx::set_away_rules`].
    ///
    /// # Errors
    /// As there.
    pub fn set_away_rules(&self, op: OpId, actor: Actor, rules: AwayRules) -> Result<()> {
        self.write(move |tx| tx.set_away_rules(op, &actor, rules))
    }

    /// See [`Tx::return_rights`].
    ///
    /// # Errors
    /// As there.
    pub fn return_rights(&self, member: MemberId) -> Result<Points> {
        self.write(move |tx| tx.return_rights(member))
    }

    /// Where the points of a member are, with those of whoever shows on the same card.
    ///
    /// # Errors
    /// A storage error.
    pub fn holders(&self, member: MemberId) -> Result<Holders> {
        self.read(|c| {
            let sql = format!(
                "SELECT r.holder, coalesce(t.name, iif(r.holder = s.till_id, s.till_name, '')), t.seen_at, sum(r.points),
                        EXISTS (SELECT 1 FROM lost l WHERE l.till = r.holder)
                 FROM rights r JOIN shop s LEFT JOIN tills t ON t.till_id = r.holder
                 WHERE r.member_id IN ({CARD}) GROUP BY r.holder HAVING sum(r.points) <> 0 ORDER BY 4 DESC, 1"
            );
            let mut rows = c.prepare_cached(&sql)?;
            let held = rows.query_map([member.0], |r| {
                Ok(Held {
                    holder: Origin(r.get(0)?),
                    name: r.get(1)?,
                    seen_at: r.get::<_, Option<_>>(2)?.map(UtcMs),
                    points: r.get(3)?,
                    suspended: r.get(4)?,
                })
            })?;
            let held: Vec<Held> = held.collect::<rusqlite::Result<_>>()?;
            let sql = format!("SELECT coalesce(sum(loss), 0) FROM suspense WHERE member_id IN ({CARD})");
            Ok(Holders {
                balance: held.iter().map(|h| h.points).sum(),
                held,
                loss: c.prepare_cached(&sql)?.query_row([member.0], |r| r.get(0))?,
            })
        })
    }

    /// What a till holds, as far as is known here: what declaring it lost puts into suspense, and what releasing that
    /// exposes.
    ///
    /// # Errors
    /// A storage error.
    pub fn exposure(&self, till: Origin) -> Result<Exposure> {
        self.read(|c| {
            let sql = "SELECT count(*), coalesce(sum(points), 0) FROM rights WHERE holder = ?1 AND points > 0";
            let read = |r: &rusqlite::Row<'_>| {
                Ok(Exposure {
                    members: r.get(0)?,
                    points: r.get(1)?,
                })
            };
            Ok(c.prepare_cached(sql)?.query_row([till.0], read)?)
        })
    }
}
