//! What the relay knows of a shop that a page of operations touches: loaded at once, changed as the page is walked,
//! written back at once, all under the shop's lock. What is done with it is in `settle`.

use loyalty::effect::Effect;
use loyalty::hlc::Hlc;
use loyalty::op::Body;
use loyalty::settle::{self, Claim, Holder};
use loyalty::{MemberId, OpId, Origin, Points, ShopId};
use sha2::{Digest, Sha256};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::page::Checked;

use super::bulk;
use super::db::{Arg, DbError, Result, Row, Tx};
use super::rights::Rights;
use crate::args;

/// A claim as it is stored: short, whatever the claim is about.
pub(super) fn stored(claim: &Claim) -> [u8; 32] {
    Sha256::digest(claim.text()).into()
}

/// A member, as far as the relay must know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// E.164.
    pub phone: Option<String>,
    /// When that was said.
    pub phone_clock: Hlc,
    /// The older member that this one shows as.
    pub into: Option<MemberId>,
    /// When that was said.
    pub merge_clock: Hlc,
    /// Whether their data is to be kept no more.
    pub erased: bool,
}

async fn write_claims(tx: &mut Tx, shop: ShopId, claims: &[(Claim, OpId)], then: &str) -> Result<()> {
    // One statement must not meet a claim twice: the last word counts.
    let last: BTreeMap<[u8; 32], OpId> = claims.iter().map(|(claim, op)| (stored(claim), *op)).collect();
    let rows = last
        .iter()
        .map(|(key, op)| -> [Arg<'_>; 3] { [(&shop.0).into(), key.into(), (&op.0).into()] });
    bulk::insert(tx, "INSERT INTO claims (shop_id, what, op_id)", rows, then).await
}

/// The part of a shop that a page touches.
#[derive(Debug, Default)]
pub struct Known {
    holders: HashMap<Claim, (OpId, Body)>,
    claimed: Vec<(Claim, OpId)>,
    /// Claimed, where whoever had it was taken back.
    inherited: Vec<(Claim, OpId)>,
    freed: Vec<(Claim, OpId)>,
    members: BTreeMap<MemberId, Member>,
    /// Whoever has or had a phone: a shortcut into `members`.
    phones: HashMap<String, BTreeSet<MemberId>>,
    changed: BTreeSet<MemberId>,
    erased: BTreeSet<MemberId>,
    rights: Rights,
    /// The till of whoever's last visit is in the page.
    homes: BTreeMap<MemberId, Origin>,
    /// Whose points the relay made.
    owed: BTreeSet<MemberId>,
    /// The till that opens first, and when that was said.
    opens_first: Option<(Option<Origin>, Hlc)>,
}

impl Known {
    /// Loads what operations with these effects touch.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn load(tx: &mut Tx, shop: ShopId, page: &[(&Checked, &[Effect])]) -> Result<Self> {
        let mut known = Self::default();
        let (mut claims, mut members, mut phones) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (checked, effects) in page {
            claims.extend(settle::looks_at(&checked.body));
            effects.iter().for_each(|effect| touched(effect, &mut members));
            phones.extend(checked.private.phone.as_deref());
        }
        known.load_holders(tx, shop, claims).await?;
        let by_phone: Vec<Arg<'_>> = phones.into_iter().map(Arg::from).collect();
        let sql = format!("{MEMBERS} AND phone IN");
        known.take_members(&bulk::select(tx, &sql, (&shop.0).into(), &by_phone).await?)?;
        // Whoever they were merged into, and those again.
        let mut wanted = members;
        loop {
            wanted.extend(known.members.values().filter_map(|member| member.into));
            wanted.retain(|id| !known.members.contains_key(id));
            if wanted.is_empty() {
                return Ok(known);
            }
            let ids: Vec<Arg<'_>> = wanted.iter().map(|id| (&id.0).into()).collect();
            let sql = format!("{MEMBERS} AND member_id IN");
            known.take_members(&bulk::select(tx, &sql, (&shop.0).into(), &ids).await?)?;
            for id in std::mem::take(&mut wanted) {
                known.members.entry(id).or_default();
            }
        }
    }

    async fn load_holders(&mut self, tx: &mut Tx, shop: ShopId, claims: BTreeSet<Claim>) -> Result<()> {
        let by_key: HashMap<[u8; 32], Claim> = claims.into_iter().map(|claim| (stored(&claim), claim)).collect();
        let keys: Vec<Arg<'_>> = by_key.keys().map(Arg::from).collect();
        let sql = "SELECT c.what, c.op_id, o.body FROM claims c
                   JOIN ops o ON o.shop_id = c.shop_id AND o.op_id = c.op_id WHERE c.shop_id = $1 AND c.what IN";
        for row in bulk::select(tx, sql, (&shop.0).into(), &keys).await? {
            let body = serde_json::from_str(&row.text(2)?).map_err(|error| DbError::Broken(error.to_string()))?;
            if let Some(claim) = by_key.get(&row.array::<32>(0)?) {
                self.holders.insert(claim.clone(), (OpId(row.id(1)?), body));
            }
        }
        Ok(())
    }

    fn take_members(&mut self, rows: &[Row]) -> Result<()> {
        for row in rows {
            let member = Member {
                phone: row.opt_text(1)?,
                phone_clock: Hlc(row.int(2)?),
                into: row.opt_id(3)?.map(MemberId),
                merge_clock: Hlc(row.int(4)?),
                erased: row.int(5)? != 0,
            };
            let id = MemberId(row.id(0)?);
            if let Some(phone) = &member.phone {
                self.phones.entry(phone.clone()).or_default().insert(id);
            }
            self.members.insert(id, member);
        }
        Ok(())
    }

    /// Who was first with each of these, where anybody was.
    #[must_use]
    pub fn holders(&self, claims: Vec<Claim>) -> Vec<Holder> {
        let held = claims.into_iter().filter_map(|claim| {
            let (op_id, body) = self.holders.get(&claim)?.clone();
            Some(Holder { claim, op_id, body })
        });
        held.collect()
    }

    /// An operation was the first with these; what another has stays with that one, unless that was taken back.
    pub fn claim(&mut self, claims: Vec<Claim>, op_id: OpId, body: &Body, taken_back: &BTreeSet<OpId>) {
        for claim in claims {
            match self.holders.entry(claim.clone()) {
                Entry::Vacant(free) => {
                    free.insert((op_id, body.clone()));
                    self.claimed.push((claim, op_id));
                }
                Entry::Occupied(mut held) if taken_back.contains(&held.get().0) => {
                    held.insert((op_id, body.clone()));
                    self.inherited.push((claim, op_id));
                }
                Entry::Occupied(_) => {}
            }
        }
    }

    /// What an operation was the first with is nobody's any more.
    pub fn free(&mut self, claim: Claim, op_id: OpId) {
        if self.holders.get(&claim).is_some_and(|(holder, _)| *holder == op_id) {
            self.holders.remove(&claim);
        }
        self.claimed.retain(|claimed| *claimed != (claim.clone(), op_id));
        self.freed.push((claim, op_id));
    }

    /// A member, to be changed.
    pub fn member(&mut self, id: MemberId) -> &mut Member {
        self.changed.insert(id);
        self.members.entry(id).or_default()
    }

    /// Forgets a member's data, also what comes later.
    pub fn erase(&mut self, id: MemberId) {
        let member = self.member(id);
        (member.phone, member.erased) = (None, true);
        self.erased.insert(id);
    }

    /// Whether a member's data is to be kept no more.
    #[must_use]
    pub fn is_erased(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.erased)
    }

    /// A member has this phone from now on. Answers whom they show as, and whom all who have it show as.
    pub fn set_phone(&mut self, id: MemberId, phone: &str, clock: Hlc) -> (MemberId, Vec<MemberId>) {
        let member = self.member(id);
        (member.phone, member.phone_clock) = (Some(phone.to_owned()), clock);
        let with = self.phones.entry(phone.to_owned()).or_default();
        with.insert(id);
        let members = &self.members;
        let has = |id: &&MemberId| members.get(id).is_some_and(|m| m.phone.as_deref() == Some(phone));
        let showing = with.iter().filter(has).map(|id| shows_as(members, *id)).collect();
        (shows_as(members, id), showing)
    }

    /// Changes what a holder may spend of a member's points.
    pub fn add_rights(&mut self, member: MemberId, holder: Origin, points: Points) {
        self.rights.add(member, holder, points);
    }

    /// A member was at this till.
    pub fn visited(&mut self, member: MemberId, till: Origin) {
        self.homes.insert(member, till);
    }

    /// The relay made points for a member: they go to where the member is next.
    pub fn owe(&mut self, member: MemberId) {
        self.owed.insert(member);
    }

    /// Which till opens first.
    pub fn opens_first(&mut self, till: Option<Origin>, clock: Hlc) {
        if self.opens_first.is_none_or(|(_, before)| before <= clock) {
            self.opens_first = Some((till, clock));
        }
    }

    /// The relay grants of what it holds, which it must.
    pub fn grant(&mut self, member: MemberId, points: Points) {
        self.rights.granted.push((member, points));
    }

    /// A till is lost.
    pub fn lose(&mut self, till: Origin) {
        self.rights.lost.push(till);
    }

    /// Rights in suspense are the relay's.
    pub fn release(&mut self, member: MemberId, till: Origin, points: Points) {
        self.rights.released.push((member, till, points));
        self.rights.add(member, Origin::RELAY, points);
    }

    /// All rights of one holder are another's.
    pub fn renew(&mut self, was: Origin, now: Origin) {
        self.rights.renewed.push((was, now));
    }

    /// Writes all that changed.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn write(&self, tx: &mut Tx, shop: ShopId) -> Result<()> {
        for (claim, op) in &self.freed {
            let sql = "DELETE FROM claims WHERE shop_id = $1 AND what = $2 AND op_id = $3";
            tx.run(sql, args![&shop.0, &stored(claim), &op.0]).await?;
        }
        // Claims that nobody looked at may be held by an earlier operation: it keeps them.
        write_claims(tx, shop, &self.claimed, "ON CONFLICT DO NOTHING").await?;
        let then = "ON CONFLICT (shop_id, what) DO UPDATE SET op_id = excluded.op_id";
        write_claims(tx, shop, &self.inherited, then).await?;
        self.write_members(tx, shop).await?;
        self.write_homes(tx, shop).await?;
        self.rights.write(tx, shop).await
    }

    async fn write_homes(&self, tx: &mut Tx, shop: ShopId) -> Result<()> {
        let rows = self.homes.iter().map(|(member, till)| -> [Arg<'_>; 4] {
            [(&shop.0).into(), (&member.0).into(), (&till.0).into(), 0_i64.into()]
        });
        let into = "INSERT INTO homes (shop_id, member_id, till, owed)";
        let then = "ON CONFLICT (shop_id, member_id) DO UPDATE SET till = excluded.till";
        bulk::insert(tx, into, rows, then).await?;
        let rows = self
            .owed
            .iter()
            .map(|member| -> [Arg<'_>; 3] { [(&shop.0).into(), (&member.0).into(), 1_i64.into()] });
        let into = "INSERT INTO homes (shop_id, member_id, owed)";
        let then = "ON CONFLICT (shop_id, member_id) DO UPDATE SET owed = 1";
        bulk::insert(tx, into, rows, then).await?;
        let Some((till, clock)) = &self.opens_first else {
            return Ok(());
        };
        let sql = "UPDATE shops SET opens_first = $2, away_clock = $3 WHERE shop_id = $1 AND away_clock <= $3";
        tx.run(sql, args![&shop.0, till.as_ref().map(|till| &till.0), clock.0])
            .await
            .map(drop)
    }

    async fn write_members(&self, tx: &mut Tx, shop: ShopId) -> Result<()> {
        let changed = self.changed.iter().filter_map(|id| Some((id, self.members.get(id)?)));
        let rows = changed.map(|(id, member)| -> [Arg<'_>; 7] {
            [
                (&shop.0).into(),
                (&id.0).into(),
                member.phone.as_deref().into(),
                member.phone_clock.0.into(),
                member.into.as_ref().map(|into| &into.0).into(),
                member.merge_clock.0.into(),
                i64::from(member.erased).into(),
            ]
        });
        let into = "INSERT INTO members (shop_id, member_id, phone, phone_clock, merged_into, merge_clock, erased)";
        let then =
            "ON CONFLICT (shop_id, member_id) DO UPDATE SET phone = excluded.phone, phone_clock = excluded.phone_clock,
                    merged_into = excluded.merged_into, merge_clock = excluded.merge_clock, erased = excluded.erased";
        bulk::insert(tx, into, rows, then).await?;
        let erased: Vec<Arg<'_>> = self.erased.iter().map(|id| (&id.0).into()).collect();
        for table in ["member_addresses", "member_places", "member_tokens"] {
            let delete = format!("DELETE FROM {table} WHERE shop_id = $1 AND member_id IN");
            bulk::select(tx, &delete, (&shop.0).into(), &erased).await?;
        }
        let delete = "DELETE FROM private WHERE shop_id = $1 AND member_id IN";
        bulk::select(tx, delete, (&shop.0).into(), &erased).await.map(drop)
    }
}

const MEMBERS: &str =
    "SELECT member_id, phone, phone_clock, merged_into, merge_clock, erased FROM members WHERE shop_id = $1";

/// The member that this one shows as. The older id is always the smaller, so this ends.
fn shows_as(members: &BTreeMap<MemberId, Member>, mut id: MemberId) -> MemberId {
    while let Some(into) = members
        .get(&id)
        .and_then(|member| member.into)
        .filter(|into| *into < id)
    {
        id = into;
    }
    id
}

/// The members that an effect touches.
fn touched(effect: &Effect, members: &mut BTreeSet<MemberId>) {
    match effect {
        Effect::NewMember { member, .. } | Effect::Member { member, .. } | Effect::Erase { member } => {
            members.insert(*member);
        }
        Effect::Merge { member, into, .. } => {
            members.insert(*member);
            members.extend(*into);
        }
        _ => {}
    }
}
