//! What the book comes to, as rows of [`crate::state`].

use std::collections::{BTreeMap, HashMap};

use super::Book;
use crate::UtcMs;
use crate::ids::MemberId;
use crate::state::{self, StateHash, row};

impl Book {
    /// The rows of one section, in their order.
    #[must_use]
    pub fn rows(&self, section: &str) -> Vec<String> {
        match section {
            "head" => self
                .heads
                .iter()
                .map(|(o, (seq, hash))| row("head", &state::Head(*o, *seq, state::hex(hash))))
                .collect(),
            "member" => self.members_now(),
            "field" => self.fields(),
            "withdrawal" => {
                let all = self
                    .members
                    .iter()
                    .flat_map(|(m, p)| p.withdrawals.iter().map(move |(op, w)| (op, (m, w.1))));
                let sorted: BTreeMap<_, _> = all.collect();
                sorted
                    .iter()
                    .map(|(op, (m, covered))| row("withdrawal", &state::Withdrawal(**op, **m, *covered)))
                    .collect()
            }
            "right" => {
                let rows = self.rights.iter().filter(|(_, points)| **points != 0);
                rows.map(|((m, h), points)| row("right", &state::Right(*m, *h, *points)))
                    .collect()
            }
            "lost" => self.lost.iter().map(|till| row("lost", &state::Lost(*till))).collect(),
            "suspense" => {
                let rows = self.suspense.iter().filter(|(_, s)| (s.net, s.released) != (0, 0));
                rows.map(|((m, till), s)| row("suspense", &state::Suspense(*m, *till, s.net, s.released)))
                    .collect()
            }
            "away" => self
                .away
                .iter()
                .map(|(clock, op, rules)| row("away", &state::Away(*clock, *op, *rules)))
                .collect(),
            "stamp" => {
                let rows = self.stamps.iter().filter(|(_, stamps)| **stamps != 0);
                rows.map(|((m, card, h), n)| row("stamp", &state::Stamp(*m, card.clone(), *h, *n)))
                    .collect()
            }
            "birthday" => {
                let rows = self.birthdays.iter();
                rows.map(|(entry, (m, year))| row("birthday", &state::Birthday(*entry, *m, *year)))
                    .collect()
            }
            "usual" | "choice" | "act" => self.lapses.rows(section),
            "referral" | "reward" | "grant" | "look" => self.referrals.rows(section),
            "entry" => {
                let rows = self.entries.iter();
                rows.map(|(e, l)| row("entry", &state::Line(*e, l.member, l.kind, l.points, l.reverses)))
                    .collect()
            }
            "sale" => self.sales_now().iter().map(|sale| row("sale", sale)).collect(),
            "refund" => self
                .refunds
                .iter()
                .map(|(op, r)| row("refund", &state::Done(*op, r.settled)))
                .collect(),
            "decision" => self
                .decisions
                .iter()
                .map(|(op, d)| row("decision", &state::Done(*op, d.settled)))
                .collect(),
            "staff" => {
                let rows = self.staff.iter().filter_map(|(id, s)| s.role.map(|role| (id, s, role)));
                rows.map(|(id, s, role)| {
                    row(
                        "staff",
                        &state::Staff(*id, s.name.clone(), role, s.pin_hash.clone(), s.active),
                    )
                })
                .collect()
            }
            "rules" => self
                .rules
                .iter()
                .map(|(v, clock, op)| row("rules", &state::Rules(*v, *clock, *op)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The hash of the whole state.
    #[must_use]
    pub fn state_hash(&self) -> String {
        let mut hash = StateHash::new();
        for section in state::SECTIONS {
            self.rows(section).iter().for_each(|row| hash.add(row));
        }
        hash.finish()
    }

    fn members_now(&self) -> Vec<String> {
        let mut owners: HashMap<&str, MemberId> = HashMap::new();
        let mut cards: BTreeMap<MemberId, Vec<MemberId>> = BTreeMap::new();
        for (id, person) in &self.members {
            if let Some(phone) = &person.phone {
                // Ids come in their order: the first is the oldest.
                owners.entry(phone).or_insert(*id);
            }
            cards.entry(self.card(*id)).or_default().push(*id);
        }
        let mut visits: HashMap<MemberId, (i64, Option<UtcMs>)> = HashMap::new();
        for (sale, now) in self.sales.values().zip(self.sales_now()) {
            if let (Some(member), Some(_), false) = (sale.member, now.entry, now.reversed) {
                let v = visits.entry(member).or_default();
                *v = (v.0 + 1, v.1.max(Some(sale.occurred_at)));
            }
        }
        let rows = self.members.iter().map(|(id, p)| {
            let card = self.card(*id);
            let alone = vec![*id];
            let with = if card == *id { &cards[id] } else { &alone };
            let given = with.iter().any(|m| self.members[m].given);
            let consent = given
                && with
                    .iter()
                    .all(|m| self.members[m].withdrawals.values().all(|(_, covered)| *covered));
            let (count, last) = visits.get(id).copied().unwrap_or_default();
            let member = state::Member {
                member: *id,
                code: p.code.clone(),
                phone: p.phone.clone(),
                found: p.phone.as_deref().is_some_and(|phone| owners.get(phone) == Some(id)),
                name: p.name.clone(),
                email: p.email.clone(),
                birthday: p.birthday.clone(),
                consent,
                erased: p.erased,
                card: Some(card).filter(|card| card != id),
                enrolled_at: p.enrolled_at,
                visits: count,
                last_visit_at: last,
            };
            row("member", &member)
        });
        rows.collect()
    }

    /// Members' and staff's fields together, by subject and field.
    fn fields(&self) -> Vec<String> {
        let members = self.members.iter().map(|(id, p)| (id.0, &p.fields));
        let staff = self.staff.iter().map(|(id, s)| (id.0, &s.fields));
        let all: BTreeMap<_, _> = members
            .chain(staff)
            .flat_map(|(id, fields)| fields.iter().map(move |(name, at)| ((id, *name), *at)))
            .collect();
        let rows = all.iter().map(|((id, name), (clock, op))| {
            row("field", &state::Field(id.to_string(), (*name).to_owned(), *clock, *op))
        });
        rows.collect()
    }
}
