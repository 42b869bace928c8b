//! What the relay does with operations as they find their place in the shop's order: it carries out those of their
//! effects that it must know, and answers with the operations it must write itself, because something was done twice
//! while tills were apart. Who was first, and what takes the second back, is decided in `loyalty::settle`.

use loyalty::effect::Effect;
use loyalty::hlc::Hlc;
use loyalty::lapsing::Chosen;
use loyalty::op::{Body, Kind, Private};
use loyalty::settle::{self, claims, looks_at};
use loyalty::{EntryId, MemberId, OpId, Origin, UtcMs};
use std::collections::BTreeSet;

use super::known::Known;
use crate::clock;

/// The walk over a page.
pub struct Settling {
    /// What is known.
    pub known: Known,
    /// Taken back by operations of the page itself. A till shows what a restored relay forgot in its own order: those that
    /// came second in the shop may come first now, and are first with nothing.
    pub settled: BTreeSet<OpId>,
    /// The latest clock seen.
    pub clock: Hlc,
    /// Now.
    pub now: UtcMs,
}

impl Settling {
    /// Carries an operation out. Answers what the relay must write right after it.
    pub fn carry_out(
        &mut self,
        op: OpId,
        by_till: Option<Origin>,
        body: &Body,
        effects: &[Effect],
        private: &Private,
    ) -> Vec<Body> {
        let mut answers = Vec::new();
        if !self.settled.contains(&op) {
            let mut holders = self.known.holders(looks_at(body));
            holders.retain(|holder| !self.settled.contains(&holder.op_id));
            match settle::settle(op, body, &holders, EntryId(clock::uuid(self.now))) {
                Some(settled) => answers.push(settled),
                None => {
                    if let Some((claim, holder)) = settle::frees(body, &holders) {
                        self.known.free(claim, holder);
                    }
                    self.known.claim(claims(body), op, body, &self.settled);
                }
            }
        }
        for effect in effects {
            self.see_clock(effect);
            match effect {
                Effect::Rights {
                    member, holder, points, ..
                } => {
                    self.known.add_rights(*member, *holder, *points);
                    if *holder == Origin::RELAY && *points > 0 {
                        self.known.owe(*member);
                    }
                }
                Effect::Entry(line) if matches!(line.kind, Kind::Earn | Kind::Redeem) => {
                    if let Some(till) = by_till {
                        self.known.visited(line.member, till);
                    }
                }
                Effect::Away { rules, clock } => self.known.opens_first(rules.opens_first, *clock),
                Effect::Sent {
                    member,
                    from,
                    to,
                    points,
                    ..
                } => {
                    let grants = by_till.is_none() && matches!(body, Body::RightsGranted { .. });
                    if grants {
                        self.known.grant(*member, *points);
                    } else {
                        self.known.add_rights(*member, *from, -points);
                    }
                    self.known.add_rights(*member, *to, *points);
                }
                Effect::Lost { till } => self.known.lose(*till),
                Effect::Released { member, till, points } => self.known.release(*member, *till, *points),
                Effect::Renew { was, now } => self.known.renew(*was, *now),
                Effect::NewMember { member, .. } => answers.extend(self.phone(*member, Hlc::default(), private)),
                Effect::Member { member, clock } => answers.extend(self.phone(*member, *clock, private)),
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
        answers
    }

    /// A member's phone is so, unless a later word said otherwise; whoever else has it is the same person.
    fn phone(&mut self, id: MemberId, clock: Hlc, private: &Private) -> Option<Body> {
        let member = self.known.member(id);
        let said = private
            .phone
            .as_ref()
            .filter(|_| !member.erased && clock >= member.phone_clock);
        let (shows_as, all) = self.known.set_phone(id, said?, clock);
        let merged = settle::merge(shows_as, &all, Hlc::next(self.clock, self.now))?;
        self.clock = Hlc::next(self.clock, self.now);
        Some(merged)
    }

    fn see_clock(&mut self, effect: &Effect) {
        if let Effect::Rules { clock, .. }
        | Effect::Staff { clock, .. }
        | Effect::Member { clock, .. }
        | Effect::Merge { clock, .. }
        | Effect::LapsingChosen(Chosen { clock, .. })
        | Effect::LapsingSet { clock, .. }
        | Effect::Away { clock, .. } = effect
        {
            self.clock = self.clock.max(*clock);
        }
    }
}
