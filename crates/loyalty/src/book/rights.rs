//! Rights in the book: what holders have, lost tills, suspense and what of it the shop lost.

use super::Book;
use crate::ids::{MemberId, Origin};
use crate::state::loss;
use crate::{Code, Points, Refusal};

/// What a lost till has of a member's points.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Suspense {
    /// All that its log says, less what was released.
    pub net: Points,
    /// What was released.
    pub released: Points,
}

impl Book {
    /// A holder has so many more, or fewer. Where it must have them, it must; a lost till need not: what it did was
    /// possible before its rights were released.
    pub(super) fn change_rights(
        &mut self,
        member: MemberId,
        holder: Origin,
        points: Points,
        covered: bool,
    ) -> Result<(), Refusal> {
        if self.lost.contains(&holder) {
            self.suspense.entry((member, holder)).or_default().net += points;
            self.show(member, holder);
            return Ok(());
        }
        let rights = self.rights.entry((member, holder)).or_default();
        if covered && *rights + points < 0 {
            return Err(Refusal::from(Code::NotEnoughPoints).with(-(*rights + points)));
        }
        *rights += points;
        Ok(())
    }

    pub(super) fn lose(&mut self, till: Origin) {
        if !self.lost.insert(till) {
            return;
        }
        for ((member, holder), points) in &self.rights {
            if *holder == till {
                let released = 0;
                let held = Suspense { net: *points, released };
                self.suspense.insert((*member, till), held);
            }
        }
    }

    pub(super) fn release(&mut self, member: MemberId, till: Origin, points: Points) {
        let suspense = self.suspense.entry((member, till)).or_default();
        suspense.net -= points;
        suspense.released += points;
        self.show(member, till);
        *self.rights.entry((member, Origin::RELAY)).or_default() += points;
    }

    /// What is left in suspense belongs to the balance; what is the shop's loss does not weigh on the member.
    fn show(&mut self, member: MemberId, till: Origin) {
        let Suspense { net, released } = self.suspense[&(member, till)];
        self.rights.insert((member, till), net + loss(net, released));
    }

    /// What the shop lost of a member's points to lost tills, until it was decided.
    #[must_use]
    pub fn lost_points(&self, member: MemberId) -> Points {
        let theirs = self.suspense.iter().filter(|((m, _), _)| *m == member);
        theirs.map(|(_, s)| loss(s.net, s.released)).sum()
    }

    /// The tills that are lost.
    #[must_use]
    pub fn is_lost(&self, till: Origin) -> bool {
        self.lost.contains(&till)
    }
}
