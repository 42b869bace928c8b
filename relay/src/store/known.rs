//! What the relay knows of a shop that a page of operations touches: loaded at once, changed as the page is walked,
//! written back at once, all under the shop's lock. What is done with it is in `settle`.

use loyalty::effect::Effect;
use loyalty::hlc::Hlc;
use loyalty::op::SaleKey;
use loyalty::{EntryId, MemberId, OpId, Origin, Points, ShopId};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use sync::page::Checked;

use super::bulk;
use super::db::{Arg, Result, Row, Tx};

/// What can be done once in a shop, as a hash of what it is.
pub type What = [u8; 32];

fn what(kind: &str, parts: &[&[u8]]) -> What {
    let mut hash = Sha256::new().chain_update(kind);
    for part in parts {
        hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    }
    hash.finalize().into()
}

/// A sale is recorded.
#[must_use]
pub fn sale(key: &SaleKey) -> What {
    what("sale", &[key.source.as_bytes(), key.sale_id.as_bytes()])
}

/// A held sale is decided.
#[must_use]
pub fn decision(key: &SaleKey) -> What {
    what("decision", &[key.source.as_bytes(), key.sale_id.as_bytes()])
}

/// A refund is recorded.
#[must_use]
pub fn refund(source: &str, refund_id: &str) -> What {
    what("refund", &[source.as_bytes(), refund_id.as_bytes()])
}

/// A line is reversed.
#[must_use]
pub fn reversal(line: EntryId) -> What {
    what("reversal", &[line.0.as_bytes()])
}

/// Who did something first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// The operation.
    pub op: OpId,
    /// Whose.
    pub origin: Origin,
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

/// The part of a shop that a page touches.
#[derive(Debug, Default)]
pub struct Known {
    claims: HashMap<What, First>,
    claimed: Vec<(What, First)>,
    members: BTreeMap<MemberId, Member>,
    /// Whoever has or had a phone: a shortcut into `members`.
    phones: HashMap<String, BTreeSet<MemberId>>,
    changed: BTreeSet<MemberId>,
    erased: BTreeSet<MemberId>,
    rights: BTreeMap<(MemberId, Origin), Points>,
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
            for effect in *effects {
                touched(effect, &mut claims, &mut members);
            }
            phones.extend(checked.private.phone.as_deref());
        }
        known.load_claims(tx, shop, &claims).await?;
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

    async fn load_claims(&mut self, tx: &mut Tx, shop: ShopId, claims: &BTreeSet<What>) -> Result<()> {
        let keys: Vec<Arg<'_>> = claims.iter().map(Arg::from).collect();
        let sql = "SELECT what, op_id, origin FROM claims WHERE shop_id = $1 AND what IN";
        for row in bulk::select(tx, sql, (&shop.0).into(), &keys).await? {
            let first = First {
                op: OpId(row.id(1)?),
                origin: Origin(row.id(2)?),
            };
            self.claims.insert(row.array(0)?, first);
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

    /// Who did it first, if anybody has.
    #[must_use]
    pub fn first(&self, what: &What) -> Option<First> {
        self.claims.get(what).copied()
    }

    /// Notes that it is done. Answers who did it before, and then nothing is noted.
    pub fn claim(&mut self, what: What, by: First) -> Option<First> {
        let before = self.first(&what);
        if before.is_none() {
            self.claims.insert(what, by);
            self.claimed.push((what, by));
        }
        before
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

    /// A member has this phone from now on. Answers who all have it, as the members they show as.
    pub fn set_phone(&mut self, id: MemberId, phone: &str, clock: Hlc) -> BTreeSet<MemberId> {
        let member = self.member(id);
        (member.phone, member.phone_clock) = (Some(phone.to_owned()), clock);
        let with = self.phones.entry(phone.to_owned()).or_default();
        with.insert(id);
        let has = |id: &&MemberId| self.members.get(id).is_some_and(|m| m.phone.as_deref() == Some(phone));
        with.iter().filter(has).map(|id| shows_as(&self.members, *id)).collect()
    }

    /// Changes what a holder may spend of a member's points.
    pub fn add_rights(&mut self, member: MemberId, holder: Origin, points: Points) {
        let sum = self.rights.entry((member, holder)).or_default();
        *sum = sum.saturating_add(points);
    }

    /// Writes all that changed.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn write(&self, tx: &mut Tx, shop: ShopId) -> Result<()> {
        let claims = self.claimed.iter().map(|(what, by)| -> [Arg<'_>; 4] {
            [(&shop.0).into(), what.into(), (&by.op.0).into(), (&by.origin.0).into()]
        });
        bulk::insert(tx, "INSERT INTO claims (shop_id, what, op_id, origin)", claims, "").await?;
        self.write_members(tx, shop).await?;
        let rights = self.rights.iter().filter(|(_, points)| **points != 0);
        let rights = rights.map(|((member, holder), points)| -> [Arg<'_>; 4] {
            [
                (&shop.0).into(),
                (&member.0).into(),
                (&holder.0).into(),
                (*points).into(),
            ]
        });
        let then = "ON CONFLICT (shop_id, member_id, holder) DO UPDATE SET points = rights.points + excluded.points";
        bulk::insert(
            tx,
            "INSERT INTO rights (shop_id, member_id, holder, points)",
            rights,
            then,
        )
        .await
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
        bulk::select(
            tx,
            "DELETE FROM private WHERE shop_id = $1 AND member_id IN",
            (&shop.0).into(),
            &erased,
        )
        .await?;
        Ok(())
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

/// What an effect touches: claims and members.
fn touched(effect: &Effect, claims: &mut BTreeSet<What>, members: &mut BTreeSet<MemberId>) {
    match effect {
        Effect::Sale(row) => {
            claims.insert(sale(&row.key));
            // Should it be taken back, its line must not have been.
            claims.extend(row.entry.map(reversal));
        }
        Effect::Decision { key, entry, .. } => {
            claims.extend([sale(key), decision(key)]);
            claims.extend(entry.map(reversal));
        }
        Effect::Refund { key, refund_id, .. } => claims.extend([sale(key), refund(&key.source, refund_id)]),
        Effect::Entry(line) => {
            claims.insert(reversal(line.entry));
            claims.extend(line.reverses.map(reversal));
        }
        Effect::NewMember { member, .. } | Effect::Member { member, .. } | Effect::Erase { member } => {
            members.insert(*member);
        }
        Effect::Merge { member, into, .. } => {
            members.insert(*member);
            members.extend(*into);
        }
        Effect::Shop { .. }
        | Effect::Rules { .. }
        | Effect::Staff { .. }
        | Effect::Given { .. }
        | Effect::Withdrawn { .. }
        | Effect::Rights { .. }
        | Effect::Visit { .. }
        | Effect::SaleReversed(_)
        | Effect::Settle { .. }
        | Effect::Renew { .. } => {}
    }
}
