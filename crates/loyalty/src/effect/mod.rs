//! What an operation does, decided once: from an operation to a list of effects. Each store only carries them out. The
//! effects are here, which operation has which is in `of`.

mod given;
mod of;

pub use of::effects;

use crate::Points;
use crate::away::AwayRules;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId, Origin, StaffId};
use crate::lapsing::{Acted, Chosen, Usual};
use crate::op::{Body, By, Kind, Operation, SaleKey, Twice};
use crate::referral::{Qualified, Reviewed, Rewarded};
use crate::rules::Move;
use crate::sale::Item;
use crate::staff::Role;
use crate::time::UtcMs;

/// One change to a store. An operation's effects happen all together or not at all.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// The shop exists.
    Shop {
        /// The whole of its settings, as in [`Body::ShopOpened`].
        opened: Body,
    },
    /// These rules are known. The highest (version, clock, operation) of all is in force.
    Rules {
        /// Counts from 1; a till gives its own the next. Tills that are apart may give the same.
        version: i64,
        /// The document.
        text: String,
        /// When.
        clock: Hlc,
    },
    /// A member of staff is so, unless a later clock has said otherwise (the PIN is a field by itself). Name and PIN
    /// hash are in the private data; what is absent there stays.
    Staff {
        /// Who.
        staff: StaffId,
        /// What they may do.
        role: Role,
        /// Whether they may sign in.
        active: bool,
        /// When; the lowest for somebody new.
        clock: Hlc,
    },
    /// A member exists. Phone, name and email are in the private data.
    NewMember {
        /// Who.
        member: MemberId,
        /// The code on their card.
        code: String,
    },
    /// A member's private fields change to what the private data holds, each unless a later clock has changed it; what
    /// is absent there stays.
    Member {
        /// Who.
        member: MemberId,
        /// When.
        clock: Hlc,
    },
    /// The member agreed to get mail: they get it once no withdrawal is left that no giving covers.
    Given {
        /// Who.
        member: MemberId,
        /// The withdrawals it overrules; none for all of the same origin before it.
        covers: Option<Vec<OpId>>,
    },
    /// The member wants no more mail.
    Withdrawn {
        /// Who.
        member: MemberId,
    },
    /// The member shows as another, or stands alone again, unless a later clock has said otherwise.
    Merge {
        /// The younger.
        member: MemberId,
        /// The older; none to stand alone.
        into: Option<MemberId>,
        /// When.
        clock: Hlc,
    },
    /// A member's personal data goes, also what comes later.
    Erase {
        /// Who.
        member: MemberId,
    },
    /// A sale is known, and a visit where it has a line. Refused at the till that records it where its key is known.
    Sale(SaleRow),
    /// A line in the ledger. Refused at the till that writes it where a line reverses the same one.
    Entry(Entry),
    /// The rights a holder has to a member's points change by `points`, in one statement.
    Rights {
        /// Whose points.
        member: MemberId,
        /// Who may spend them.
        holder: Origin,
        /// Signed.
        points: Points,
        /// Whether the holder must have as many as are taken: a redemption must, a taking back need not.
        covered: bool,
    },
    /// The stamps a holder has of a member's card change by `count`, in one statement.
    Stamps {
        /// Whose.
        member: MemberId,
        /// Which card, by its key.
        card: String,
        /// Who may use them.
        holder: Origin,
        /// Signed.
        count: i64,
        /// Whether the holder must have as many as are taken: a claim must, a taking back need not.
        covered: bool,
    },
    /// A birthday has brought its bonus. Refused at the till that grants it where that birthday has brought one.
    Birthday {
        /// Whose.
        member: MemberId,
        /// Of the birthday.
        year: i32,
        /// The bonus's line.
        entry: EntryId,
    },
    /// A new member came through a code.
    Referred {
        /// Who came.
        friend: MemberId,
        /// The code.
        code: String,
        /// Whose it is; none for a vendor's.
        referrer: Option<MemberId>,
        /// What looked odd.
        doubts: Vec<String>,
    },
    /// A referral's reward waits. Refused at the till that says so where that reward does already.
    Qualified(Qualified),
    /// A referral's reward is granted; its line is an effect of its own. Refused at the till that does it where it is.
    Rewarded(Rewarded),
    /// Somebody looked at a reward, unless a later clock has said otherwise.
    Reviewed(Reviewed),
    /// The owner chose what is done about a member who stays away, unless a later clock has said otherwise.
    LapsingChosen(Chosen),
    /// So is what is done as usual.
    LapsingSet {
        /// The whole of it.
        usual: Usual,
        /// When.
        clock: Hlc,
    },
    /// Something was done about a member who stays away; a bonus's line is an effect of its own.
    LapsingActed(Acted),
    /// A bonus was taken back; where it was a birthday's, that birthday may bring one again.
    BonusTakenBack {
        /// The bonus's line.
        entry: EntryId,
    },
    /// The sale was taken back with its line: it counts as a visit no more. Refused at the till that does it where
    /// nothing of it is left.
    SaleReversed(SaleKey),
    /// A held sale is decided. Refused at the till that does it where it is not held or is decided.
    Decision {
        /// Which.
        key: SaleKey,
        /// Its line, where it was approved.
        entry: Option<EntryId>,
    },
    /// Money was given back. Refused at the till that does it where that has this refund, or not that much is left.
    Refund {
        /// For which sale.
        key: SaleKey,
        /// The refund's number.
        refund_id: String,
        /// In minor units.
        amount_minor: i64,
        /// Points taken: zero or below.
        points: Points,
        /// Whether nothing of the sale is left.
        whole: bool,
    },
    /// What this operation did (beside its ledger line) no longer counts: another did it first.
    Settle {
        /// What was done twice.
        what: Twice,
        /// The operation.
        second: OpId,
    },
    /// Rights of one holder are another's from now on, in one statement each.
    Sent {
        /// Whose points.
        member: MemberId,
        /// Who had them.
        from: Origin,
        /// Who has them.
        to: Origin,
        /// Above zero.
        points: Points,
        /// Whether whoever had them must have so many: a till must. What a relay granted it had, and what its database
        /// forgot since is granted all the same.
        held: bool,
    },
    /// A till is lost: what it holds is in suspense, now and for what of its log comes later. It appends no more.
    Lost {
        /// Which.
        till: Origin,
    },
    /// Rights in suspense are the relay's. Of what the lost till's log spends beyond, up to as much is the shop's loss.
    Released {
        /// Whose points.
        member: MemberId,
        /// The lost till.
        till: Origin,
        /// Above zero.
        points: Points,
    },
    /// How tills go on without the relay, unless a later clock has said otherwise.
    Away {
        /// The whole of it.
        rules: AwayRules,
        /// When.
        clock: Hlc,
    },
    /// All rights and stamps of one holder are another's. The rights of a lost till stay in suspense. Points that it owed
    /// are the relay's to get back, and stamps that it owed stay with it: before it hears of this, the new one may have
    /// spent all that it earned.
    Renew {
        /// Whose they were.
        was: Origin,
        /// Whose they are.
        now: Origin,
    },
}

/// A row of the sales.
#[derive(Clone, PartialEq, Debug)]
pub struct SaleRow {
    /// Its unique key.
    pub key: SaleKey,
    /// Whose; none for a walk-in.
    pub member: Option<MemberId>,
    /// Its ledger line.
    pub entry: Option<EntryId>,
    /// Paid, in minor units.
    pub total_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// The tip in it.
    pub tip_minor: i64,
    /// What was sold.
    pub items: Vec<Item>,
    /// When it happened.
    pub occurred_at: UtcMs,
    /// What was done with it.
    pub move_: Move,
    /// Points added.
    pub points: Points,
}

/// A row of the points ledger.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its id.
    pub entry: EntryId,
    /// Whose.
    pub member: MemberId,
    /// What kind.
    pub kind: Kind,
    /// Signed.
    pub points: Points,
    /// When: for a sale when it happened, else when it was recorded.
    pub at: UtcMs,
    /// On whose word.
    pub by: By,
    /// The rules it follows, where it follows any.
    pub rules_version: Option<i64>,
    /// Why, in plain words.
    pub reasons: Vec<String>,
    /// The line it takes back.
    pub reverses: Option<EntryId>,
    /// The sale it is for.
    pub sale: Option<SaleKey>,
    /// Paid in that sale, in minor units.
    pub total_minor: Option<i64>,
    /// The reward it is for.
    pub reward: Option<String>,
}

impl Entry {
    fn of(op: &Operation, entry: EntryId, member: MemberId, kind: Kind, points: Points) -> Self {
        Self {
            entry,
            member,
            kind,
            points,
            at: op.at,
            by: op.by.clone(),
            rules_version: None,
            reasons: Vec::new(),
            reverses: None,
            sale: None,
            total_minor: None,
            reward: None,
        }
    }
}
