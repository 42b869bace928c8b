//! What the relay does with operations as they find their place in the shop's order: it carries out those of their
//! effects that it must know, and answers with the operations it must write itself, because something was done twice
//! while tills were apart. The first in shop order stands.

use loyalty::effect::{Effect, Entry};
use loyalty::hlc::Hlc;
use loyalty::op::{Body, Operation, Private, SaleKey, Twice, Undo};
use loyalty::{EntryId, MemberId, OpId, UtcMs};

use super::known::{self, First, Known};
use crate::clock;

/// The walk over a page.
pub struct Settling {
    /// What is known.
    pub known: Known,
    /// The latest clock seen.
    pub clock: Hlc,
    /// Now.
    pub now: UtcMs,
}

impl Settling {
    /// Carries an operation out. Answers what the relay must write right after it.
    pub fn carry_out(&mut self, op: &Operation, effects: &[Effect], private: &Private) -> Vec<Body> {
        let mut answers = Vec::new();
        let by = First {
            op: op.op_id,
            origin: op.origin,
        };
        for effect in effects {
            self.see_clock(effect);
            let before = match effect {
                Effect::Sale(row) => self
                    .known
                    .claim(known::sale(&row.key), by)
                    .map(|first| (Twice::Sale, first.op)),
                Effect::Decision { key, of, .. } => {
                    let once = known::decision(key);
                    self.of_sale(key, *of, by, once).map(|first| (Twice::Decision, first))
                }
                Effect::Refund { key, of, refund_id, .. } => {
                    let once = known::refund(&key.source, refund_id);
                    self.of_sale(key, *of, by, once).map(|first| (Twice::Refund, first))
                }
                Effect::Entry(Entry {
                    reverses: Some(line), ..
                }) => {
                    let before = self.known.claim(known::reversal(*line), by);
                    before.map(|first| (Twice::Reversal, first.op))
                }
                Effect::Rights {
                    member, holder, points, ..
                } => {
                    self.known.add_rights(*member, *holder, *points);
                    None
                }
                other => {
                    self.of_member(other, private, &mut answers);
                    None
                }
            };
            if let Some((what, first)) = before {
                let undo = self.undo(effects);
                answers.push(Body::Settled {
                    what,
                    first,
                    second: op.op_id,
                    undo,
                });
            }
        }
        answers
    }

    /// Something done with a sale: it counts where the sale that it is of counts, and where it is the first of its kind.
    fn of_sale(&mut self, key: &SaleKey, of: Option<OpId>, by: First, once: known::What) -> Option<OpId> {
        if let Some(stands) = self.known.first(&known::sale(key)) {
            let same = of.map_or(stands.origin == by.origin, |of| of == stands.op);
            if !same {
                return Some(stands.op);
            }
        }
        self.known.claim(once, by).map(|first| first.op)
    }

    /// What takes back the line that these effects make, if they make one that is not taken back yet.
    fn undo(&self, effects: &[Effect]) -> Option<Undo> {
        let line = effects.iter().find_map(|effect| match effect {
            Effect::Entry(line) => Some(line),
            _ => None,
        })?;
        let open = self.known.first(&known::reversal(line.entry)).is_none();
        open.then(|| Undo {
            entry: EntryId(clock::uuid(self.now)),
            reverses: line.entry,
            member: line.member,
            points: line.points.saturating_neg(),
        })
    }

    fn of_member(&mut self, effect: &Effect, private: &Private, answers: &mut Vec<Body>) {
        match effect {
            Effect::NewMember { member, .. } => self.phone(*member, Hlc::default(), private, answers),
            Effect::Member { member, clock } => self.phone(*member, *clock, private, answers),
            Effect::Merge { member, into, clock } => {
                let known = self.known.member(*member);
                if *clock >= known.merge_clock {
                    (known.into, known.merge_clock) = (*into, *clock);
                }
            }
            Effect::Erase { member } => self.known.erase(*member),
            _ => {}
        }
    }

    /// A member's phone is so, unless a later word said otherwise; whoever else has it is the same person.
    fn phone(&mut self, id: MemberId, clock: Hlc, private: &Private, answers: &mut Vec<Body>) {
        let member = self.known.member(id);
        let said = private
            .phone
            .as_ref()
            .filter(|_| !member.erased && clock >= member.phone_clock);
        let Some(phone) = said else { return };
        let mut showing = self.known.set_phone(id, phone, clock);
        if let Some(into) = showing.pop_first() {
            for from in showing {
                self.clock = Hlc::next(self.clock, self.now);
                answers.push(Body::MemberMerged {
                    from,
                    into,
                    clock: self.clock,
                });
            }
        }
    }

    fn see_clock(&mut self, effect: &Effect) {
        if let Effect::Rules { clock, .. }
        | Effect::Staff { clock, .. }
        | Effect::Member { clock, .. }
        | Effect::Merge { clock, .. } = effect
        {
            self.clock = self.clock.max(*clock);
        }
    }
}
