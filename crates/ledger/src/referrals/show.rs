//! What there is to show of referrals: who brought a member and whom they brought, with what that came to; and deciding
//! about what seemed odd.

use loyalty::op::{Body, Private};
use loyalty::referral::{Qualified, Reviewed, Side};
use loyalty::{Code, EntryId, Hlc, MemberId, OpId, Permission, Points, Refusal, UtcMs};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;

use crate::derive::CARD;
use crate::error::Result;
use crate::points::Actor;
use crate::store::Store;
use crate::tx::{Tx, damaged, other_content};

/// What a reward has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It waits for its hold to be over.
    Pending,
    /// It waits for somebody to look at it.
    Review,
    /// The points are there.
    Granted,
    /// They were, and were taken back.
    Reversed,
    /// What it was for went before they were.
    Cancelled,
    /// Somebody looked at it and turned it down.
    Rejected,
    /// The rules' limit was reached.
    Refused,
}

impl State {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "pending" => Self::Pending,
            "review" => Self::Review,
            "granted" => Self::Granted,
            "reversed" => Self::Reversed,
            "cancelled" => Self::Cancelled,
            "rejected" => Self::Rejected,
            "refused" => Self::Refused,
            _ => return None,
        })
    }
}

/// A reward of a referral's.
#[derive(Clone, Debug, PartialEq)]
pub struct Reward {
    /// The operation that qualified it: what it is decided by.
    pub reward: OpId,
    /// Who came.
    pub friend: MemberId,
    /// Whether it is the friend's or the referrer's.
    pub side: Side,
    /// For joining or for buying: `joins`, `buys`.
    pub step: String,
    /// Whose points.
    pub member: MemberId,
    /// How many.
    pub points: Points,
    /// What has come of it.
    pub state: State,
    /// When its hold is over.
    pub due_at: UtcMs,
    /// Its line, where it has one.
    pub entry: Option<EntryId>,
    /// What it is for, or why it was refused.
    pub reasons: Vec<String>,
    /// What looks odd.
    pub doubts: Vec<String>,
}

/// A member who was brought by somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Referral {
    /// Who came.
    pub friend: MemberId,
    /// The code they came through.
    pub code: String,
    /// The member who sent them; none for a vendor's link.
    pub referrer: Option<MemberId>,
    /// When they joined.
    pub at: UtcMs,
    /// Why it does not count: `self`, `merged`, `member_already`, `erased`.
    pub refused: Option<String>,
}

/// One code's way from a click to a reward.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Funnel {
    /// The code.
    pub code: String,
    /// Clicks by people, as the relay last told.
    pub clicks: i64,
    /// The same, repeats within an hour counted once.
    pub visitors: i64,
    /// Friends who joined and count.
    pub joined: i64,
    /// Of them, who bought something.
    pub bought: i64,
    /// Of them, who brought somebody points.
    pub rewarded: i64,
    /// Those points.
    pub points: Points,
}

const REWARD: &str = "op_id, friend, side, step, member_id, points, state, due_at, entry_id, body";

fn read(r: &Row<'_>) -> rusqlite::Result<(Reward, String)> {
    let reward = Reward {
        reward: OpId(r.get(0)?),
        friend: MemberId(r.get(1)?),
        side: Side::read(r.get_ref(2)?.as_str()?).unwrap_or(Side::Friend),
        step: r.get(3)?,
        member: MemberId(r.get(4)?),
        points: r.get(5)?,
        state: State::read(r.get_ref(6)?.as_str()?).unwrap_or(State::Pending),
        due_at: UtcMs(r.get(7)?),
        entry: r.get::<_, Option<_>>(8)?.map(EntryId),
        reasons: Vec::new(),
        doubts: Vec::new(),
    };
    Ok((reward, r.get(9)?))
}

fn rewards(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Reward>> {
    let mut rows = conn.prepare_cached(sql)?;
    let found: Vec<(Reward, String)> = rows.query_map(params, read)?.collect::<rusqlite::Result<_>>()?;
    let whole = |(reward, body): (Reward, String)| {
        let q: Qualified = serde_json::from_str(&body).map_err(|e| damaged(&e.to_string()))?;
        Ok(Reward {
            reasons: q.reasons,
            doubts: q.doubts,
            ..reward
        })
    };
    found.into_iter().map(whole).collect()
}

impl Store {
    /// The rewards that are a member's own (also waiting and lost ones), newest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn referral_rewards(&self, member: MemberId) -> Result<Vec<Reward>> {
        let sql =
            format!("SELECT {REWARD} FROM reward_list WHERE member_id IN ({CARD}) ORDER BY at_ms DESC, op_id DESC");
        self.read(|c| rewards(c, &sql, [member.0]))
    }

    /// The rewards that wait for somebody to look at them, oldest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn odd_rewards(&self) -> Result<Vec<Reward>> {
        let sql = format!("SELECT {REWARD} FROM reward_list WHERE state = 'review' ORDER BY at_ms, op_id");
        self.read(|c| rewards(c, &sql, []))
    }

    /// From clicks to rewards, by code, the code that brought most members first.
    ///
    /// # Errors
    /// A storage error.
    pub fn funnel(&self) -> Result<Vec<Funnel>> {
        let sql = "SELECT code, sum(clicks), sum(visitors), sum(joined), sum(bought), sum(rewarded), sum(points) FROM report_funnel
                   GROUP BY code ORDER BY sum(joined) DESC, sum(clicks) DESC, code";
        self.read(|c| {
            let mut rows = c.prepare_cached(sql)?;
            let rows = rows.query_map([], |r| {
                Ok(Funnel {
                    code: r.get(0)?,
                    clicks: r.get(1)?,
                    visitors: r.get(2)?,
                    joined: r.get(3)?,
                    bought: r.get(4)?,
                    rewarded: r.get(5)?,
                    points: r.get(6)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Who brought a member, where somebody did.
    ///
    /// # Errors
    /// A storage error.
    pub fn brought_by(&self, member: MemberId) -> Result<Option<Referral>> {
        let sql = format!(
            "SELECT friend, code, referrer_card, at_ms, refused FROM referral_list WHERE friend IN ({CARD})
             ORDER BY refused IS NOT NULL, at_ms, op_id LIMIT 1"
        );
        self.read(|c| {
            Ok(c.prepare_cached(&sql)?
                .query_row([member.0], |r| {
                    Ok(Referral {
                        friend: MemberId(r.get(0)?),
                        code: r.get(1)?,
                        referrer: r.get::<_, Option<_>>(2)?.map(MemberId),
                        at: UtcMs(r.get(3)?),
                        refused: r.get(4)?,
                    })
                })
                .optional()?)
        })
    }

    /// See [`Tx::decide_reward`].
    ///
    /// # Errors
    /// As there.
    pub fn decide_reward(&self, op: OpId, actor: Actor, reward: OpId, allowed: bool) -> Result<()> {
        self.write(move |tx| tx.decide_reward(op, &actor, reward, allowed))
    }
}

impl Tx<'_> {
    /// Says whether a reward that seemed odd is granted; where its hold is over, it is at once.
    ///
    /// # Errors
    /// `not_allowed` below a manager; `unknown_referral_reward`; `already_decided` where it waits for nobody's word; a storage error.
    pub fn decide_reward(&self, op: OpId, actor: &Actor, reward: OpId, allowed: bool) -> Result<()> {
        match self.earlier(op)? {
            Some((Body::ReferralReviewed(before), _)) if (before.reward, before.allowed) == (reward, allowed) => {
                return Ok(());
            }
            Some(_) => return Err(other_content()),
            None => {}
        }
        actor.must(Permission::DecideHeld)?;
        let sql = "SELECT friend FROM reward_list WHERE op_id = ?1 AND state = 'review'";
        let friend = self
            .conn
            .prepare_cached(sql)?
            .query_row([reward.0], |r| r.get(0))
            .optional()?;
        let Some(friend) = friend.map(MemberId) else {
            let sql = "SELECT EXISTS (SELECT 1 FROM referral_rewards WHERE op_id = ?1)";
            if !self
                .conn
                .prepare_cached(sql)?
                .query_row([reward.0], |r| r.get::<_, bool>(0))?
            {
                return Err(Refusal::of(Code::UnknownReferralReward, "reward", &reward.to_string()).into());
            }
            return Err(Refusal::of(Code::AlreadyDecided, "reward", &reward.to_string()).into());
        };
        let body = Body::ReferralReviewed(Reviewed {
            reward,
            allowed,
            clock: Hlc::default(),
        });
        self.append(op, &actor.by, &body, &Private::default())?;
        self.referral_steps(friend).map(drop)
    }
}
