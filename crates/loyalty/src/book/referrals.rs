//! Referrals in the book: what was said of them, each by its operation. What that comes to (which wait, which are off)
//! follows from sales, cards and time, and is no state of its own.

use std::collections::{BTreeMap, HashSet};

use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId, Origin};
use crate::referral::{Qualified, Reviewed, RewardKey, Rewarded};
use crate::state::{self, row};
use crate::{Code, Refusal};

/// The friend, the code, whose it is, what looked odd.
type Joined = (MemberId, String, Option<MemberId>, Vec<String>);

/// What was said of referrals.
#[derive(Clone, Debug, Default)]
pub(super) struct Referrals {
    joined: BTreeMap<OpId, Joined>,
    qualified: BTreeMap<OpId, Qualified>,
    granted: BTreeMap<EntryId, (MemberId, RewardKey)>,
    looked: BTreeMap<OpId, (Hlc, OpId, bool)>,
    /// Another was first.
    settled: HashSet<OpId>,
    /// What each origin has granted and may not grant again.
    done: HashSet<(Origin, RewardKey)>,
}

impl Referrals {
    pub fn joined(&mut self, op: OpId, joined: Joined) {
        self.joined.insert(op, joined);
    }

    pub fn qualified(&mut self, op: OpId, qualified: &Qualified) {
        self.qualified.insert(op, qualified.clone());
    }

    pub fn rewarded(&mut self, origin: Origin, rewarded: &Rewarded) -> Result<(), Refusal> {
        if !self.done.insert((origin, rewarded.key.clone())) {
            return Err(Code::AlreadyGranted.into());
        }
        let granted = (rewarded.member, rewarded.key.clone());
        self.granted.insert(rewarded.entry, granted);
        Ok(())
    }

    pub fn reviewed(&mut self, op: OpId, reviewed: &Reviewed) {
        let now = (reviewed.clock, op, reviewed.allowed);
        let last = self.looked.entry(reviewed.reward).or_insert(now);
        if (last.0, last.1) < (now.0, now.1) {
            *last = now;
        }
    }

    pub fn settle(&mut self, second: OpId) {
        self.settled.insert(second);
    }

    pub fn rows(&self, section: &str) -> Vec<String> {
        match section {
            "referral" => {
                let rows = self.joined.iter();
                rows.map(|(op, (friend, code, referrer, doubts))| {
                    let settled = self.settled.contains(op);
                    let one = state::Referral(*op, *friend, code.clone(), *referrer, doubts.clone(), settled);
                    row(section, &one)
                })
                .collect()
            }
            "reward" => {
                let rows = self.qualified.iter();
                rows.map(|(op, q)| row(section, &state::Reward(*op, q.clone(), self.settled.contains(op))))
                    .collect()
            }
            "grant" => {
                let rows = self.granted.iter();
                rows.map(|(entry, (member, key))| row(section, &state::Grant(*entry, *member, key.clone())))
                    .collect()
            }
            _ => {
                let rows = self.looked.iter();
                rows.map(|(reward, (clock, op, allowed))| row(section, &state::Look(*reward, *allowed, *clock, *op)))
                    .collect()
            }
        }
    }
}
