//! Appending to a shop's log: a page of a till's checked operations, and between them what the relay answers with, in
//! one transaction under the shop's lock.

use loyalty::effect::{Effect, effects};
use loyalty::op::{Body, By, Operation, Private, Twice};
use loyalty::{MemberId, OpId, Origin, UtcMs, chain};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use sync::page::{Checked, Head};

use super::bulk;
use super::db::{Arg, DbError, Result, Tx};
use super::joins;
use super::known::Known;
use super::log;
use super::settle::Settling;
use super::shops::Shop;
use crate::mail::take;
use crate::{args, clock};

/// Under whose name the relay writes.
const BY: &str = "relay";

/// What was appended.
#[derive(Debug, Default)]
pub struct Appended {
    /// What was found done twice.
    pub settled: Vec<Twice>,
    /// How many members were merged.
    pub merged: usize,
}

/// Appends a till's operations, which continue its chain, to a shop whose row is locked.
///
/// # Errors
/// Where the database is away, or refuses: an id was used before.
pub async fn page(tx: &mut Tx, shop: &mut Shop, new: Vec<Checked>, now: UtcMs) -> Result<Appended> {
    let effects: Vec<Vec<Effect>> = new.iter().map(|c| effects(&c.op, &c.body)).collect();
    let touched: Vec<(&Checked, &[Effect])> = new.iter().zip(effects.iter().map(Vec::as_slice)).collect();
    let known = Known::load(tx, shop.shop_id, &touched).await?;
    let mut walk = Walk::begin(tx, shop, known, now).await?;
    // What a forgotten relay settled is settled.
    walk.settling.settled = new.iter().filter_map(|c| settles(&c.body)).collect();
    let mut ends = BTreeMap::new();
    for (checked, effects) in new.into_iter().zip(effects) {
        ends.insert(checked.op.origin, (checked.op.origin_seq, checked.op.hash));
        walk.take(checked, &effects)?;
    }
    for (origin, head) in ends {
        log::set_end(tx, shop.shop_id, origin, &head).await?;
    }
    walk.finish(tx, shop).await
}

/// The operation that one takes back.
fn settles(body: &Body) -> Option<OpId> {
    match body {
        Body::Settled { second, .. } => Some(*second),
        _ => None,
    }
}

/// Appends operations of the relay's own to a shop whose row is locked.
///
/// # Errors
/// Where the database is away.
pub async fn own(tx: &mut Tx, shop: &mut Shop, bodies: Vec<Body>, now: UtcMs) -> Result<Appended> {
    own_by(tx, shop, bodies, By::Job(BY.into()), now).await
}

/// The same, on somebody's word.
///
/// # Errors
/// Where the database is away.
pub async fn own_by(tx: &mut Tx, shop: &mut Shop, bodies: Vec<Body>, by: By, now: UtcMs) -> Result<Appended> {
    let mut walk = Walk::begin(tx, shop, Known::default(), now).await?;
    walk.by = by;
    walk.answer(bodies)?;
    walk.finish(tx, shop).await
}

/// An operation that somebody asked the relay to write.
#[derive(Debug)]
pub struct Asked {
    /// What was done.
    pub body: Body,
    /// On whose word.
    pub by: By,
    /// The personal data beside it; may be empty.
    pub private: Private,
}

/// Appends what somebody asked for (a member, on the web) to a shop whose row is locked, as operations of the relay's.
///
/// # Errors
/// Where the database is away.
pub async fn asked(tx: &mut Tx, shop: &mut Shop, all: Vec<Asked>, now: UtcMs) -> Result<Appended> {
    let mut walk = Walk::begin(tx, shop, Known::default(), now).await?;
    for asked in all {
        walk.write(asked)?;
    }
    walk.finish(tx, shop).await
}

struct Walk {
    log_id: loyalty::ShopId,
    relay: Origin,
    head: Head,
    relay_wrote: bool,
    by: By,
    settling: Settling,
    rows: Vec<(Checked, Option<MemberId>)>,
    done: Appended,
}

impl Walk {
    async fn begin(tx: &mut Tx, shop: &Shop, known: Known, now: UtcMs) -> Result<Self> {
        let end = log::end_within(tx, shop.shop_id, shop.relay).await?;
        let end = end.ok_or_else(|| DbError::Broken("the relay's own chain is not there".into()))?;
        Ok(Self {
            log_id: shop.log_id,
            relay: shop.relay,
            head: end.head,
            relay_wrote: false,
            by: By::Job(BY.into()),
            settling: Settling {
                known,
                settled: BTreeSet::new(),
                clock: shop.clock,
                now,
            },
            rows: Vec::new(),
            done: Appended::default(),
        })
    }

    /// Takes an operation of a till's, or one that the relay was asked to write.
    fn take(&mut self, checked: Checked, effects: &[Effect]) -> Result<()> {
        let till = Some(checked.op.origin).filter(|origin| *origin != self.relay);
        let answers = self
            .settling
            .carry_out(checked.op.op_id, till, &checked.body, effects, &checked.private);
        let of = effects.iter().find_map(|effect| match effect {
            Effect::NewMember { member, .. } | Effect::Member { member, .. } => Some(*member),
            _ => None,
        });
        self.rows.push((checked, of));
        self.answer(answers)
    }

    /// Writes what somebody asked for, and whatever it calls for.
    fn write(&mut self, Asked { body, by, private }: Asked) -> Result<()> {
        let json =
            |private: &Private| serde_json::to_string(private).map_err(|error| DbError::Broken(error.to_string()));
        let kept = if private.is_empty() {
            None
        } else {
            Some((clock::random::<16>(), json(&private)?))
        };
        let op = self.seal(
            &body,
            by,
            kept.as_ref().map(|(salt, data)| chain::private_digest(salt, data)),
        )?;
        let effects = effects(&op, &body);
        let checked = Checked {
            op,
            body,
            private,
            kept,
        };
        self.take(checked, &effects)
    }

    /// Writes the relay's operations, and whatever they in turn call for.
    fn answer(&mut self, bodies: Vec<Body>) -> Result<()> {
        let mut waiting = VecDeque::from(bodies);
        while let Some(body) = waiting.pop_front() {
            match &body {
                Body::Settled { what, .. } => self.done.settled.push(*what),
                Body::MemberMerged { .. } => self.done.merged += 1,
                _ => {}
            }
            let op = self.seal(&body, self.by.clone(), None)?;
            let effects = effects(&op, &body);
            waiting.extend(
                self.settling
                    .carry_out(op.op_id, None, &body, &effects, &Private::default()),
            );
            self.rows.push((
                Checked {
                    op,
                    body,
                    private: Private::default(),
                    kept: None,
                },
                None,
            ));
        }
        Ok(())
    }

    /// An operation of the relay's, as the next of its chain.
    fn seal(&mut self, body: &Body, by: By, private_digest: Option<[u8; 32]>) -> Result<Operation> {
        let now = self.settling.now;
        let mut op = Operation {
            op_id: OpId(clock::uuid(now)),
            shop: self.log_id,
            origin: self.relay,
            origin_seq: self.head.0 + 1,
            at: now,
            by,
            body_json: serde_json::to_string(body).map_err(|error| DbError::Broken(error.to_string()))?,
            private_digest,
            prev: self.head.1,
            hash: [0; 32],
        };
        op.hash = chain::hash(&op);
        (self.head, self.relay_wrote) = ((op.origin_seq, op.hash), true);
        Ok(op)
    }

    async fn finish(self, tx: &mut Tx, shop: &mut Shop) -> Result<Appended> {
        let id = shop.shop_id;
        // An erasure in the page takes away what came before it, on disk and in the page; nothing later is kept.
        self.settling.known.write(tx, id).await?;
        let (ops, of): (Vec<Checked>, Vec<Option<MemberId>>) = self.rows.into_iter().unzip();
        log::write(tx, id, shop.shop_seq + 1, &ops).await?;
        let bodies: Vec<_> = ops
            .iter()
            .map(|checked| (checked.op.op_id, checked.op.at, &checked.body))
            .collect();
        joins::take(tx, id, &bodies).await?;
        let kept = ops
            .iter()
            .zip(&of)
            .filter_map(|(checked, of)| Some((checked, of, checked.kept.as_ref()?)));
        let kept = kept.filter(|(_, of, _)| !of.is_some_and(|of| self.settling.known.is_erased(of)));
        let rows = kept.map(|(checked, of, (salt, data))| -> [Arg<'_>; 5] {
            let of = of.as_ref().map(|of| &of.0);
            [
                (&id.0).into(),
                (&checked.op.op_id.0).into(),
                of.into(),
                salt.into(),
                data.into(),
            ]
        });
        bulk::insert(
            tx,
            "INSERT INTO private (shop_id, op_id, member_id, salt, data)",
            rows,
            "",
        )
        .await?;
        take::take(tx, shop, &ops, self.settling.now).await?;
        if self.relay_wrote {
            log::set_end(tx, id, shop.relay, &self.head).await?;
        }
        shop.shop_seq += i64::try_from(ops.len()).unwrap_or(0);
        shop.clock = self.settling.clock;
        let sql = "UPDATE shops SET shop_seq = $2, clock = $3 WHERE shop_id = $1";
        tx.run(sql, args![&id.0, shop.shop_seq, shop.clock.0]).await?;
        Ok(self.done)
    }
}
