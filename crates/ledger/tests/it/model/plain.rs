//! The small ledger beside the store: a few maps and a few lines a move, with nothing taken from the code under test.

use std::collections::{BTreeMap, HashMap};

/// A rules document and what it says, in numbers.
pub struct Rules {
    pub text: &'static str,
    /// One point per so many cents.
    pub cents_a_point: i64,
    pub skip_under: i64,
    pub hold_over: i64,
    pub rewards: &'static [(&'static str, i64)],
}

pub const RULES: [Rules; 3] = [
    Rules {
        text: "Earn 1 point per $1\nSkip sales under $2\nReward 100 points: Free coffee\nReward 250 points: $5 off\n",
        cents_a_point: 100,
        skip_under: 200,
        hold_over: i64::MAX,
        rewards: &[("Free coffee", 100), ("$5 off", 250)],
    },
    Rules {
        text: "Earn 1 point per $3\nReward 30 points: Tea\nReward 30 points: Free coffee\n",
        cents_a_point: 300,
        skip_under: 0,
        hold_over: i64::MAX,
        rewards: &[("Tea", 30), ("Free coffee", 30)],
    },
    Rules {
        text: "Earn 1 point per $1\nHold sales over $150\nReward 60 points: Free coffee\n",
        cents_a_point: 100,
        skip_under: 0,
        hold_over: 15_000,
        rewards: &[("Free coffee", 60)],
    },
];

/// What somebody asks of the ledger. Members are numbers, lines are counted from the first.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    Enrol {
        member: u32,
        name: &'static str,
        email: &'static str,
    },
    /// No member: a walk-in.
    Credit {
        sale: &'static str,
        member: Option<u32>,
        cents: i64,
    },
    Redeem {
        member: u32,
        reward: &'static str,
    },
    Reverse {
        line: usize,
        manager: bool,
        own: bool,
    },
    Adjust {
        member: u32,
        points: i64,
        reason: &'static str,
        manager: bool,
    },
    Edit {
        member: u32,
        name: &'static str,
        email: &'static str,
        consent: bool,
    },
    Publish {
        rules: usize,
    },
}

/// What comes of it: a refusal's code, or the points moved and the balance after.
pub type Outcome = Result<Done, &'static str>;

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Done {
    pub points: i64,
    pub balance: i64,
    /// For a sale: `skip`, `add`, `add_reward`, `hold`.
    pub move_: &'static str,
    /// It had been done before; nothing was added.
    pub again: bool,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Member {
    pub balance: i64,
    pub visits: i64,
    pub last_visit: Option<i64>,
    pub name: String,
    pub email: String,
    pub consent: bool,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Earn,
    Redeem,
    Adjust,
    Reverse,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub member: u32,
    pub kind: Kind,
    pub points: i64,
    pub taken_back: bool,
    /// The kind of line it takes back.
    of: Option<Kind>,
    sale: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Sale {
    member: Option<u32>,
    cents: i64,
    points: i64,
    move_: &'static str,
    at: i64,
    line: Option<usize>,
    taken_back: bool,
}

#[derive(Default)]
pub struct Ledger {
    pub members: BTreeMap<u32, Member>,
    pub lines: Vec<Line>,
    sales: HashMap<&'static str, Sale>,
    rules: usize,
}

impl Ledger {
    /// Does it, at `at`; answers also whether anything was written down.
    pub fn ask(&mut self, ask: &Ask, at: i64) -> (Outcome, bool) {
        match *ask {
            Ask::Enrol { member, name, email } => {
                let new = !self.members.contains_key(&member);
                if new && bad_email(email) {
                    return (Err("bad_email"), false);
                }
                let fresh = Member {
                    name: name.into(),
                    email: email.into(),
                    ..Member::default()
                };
                self.members.entry(member).or_insert(fresh);
                (
                    Ok(Done {
                        again: !new,
                        ..Done::default()
                    }),
                    new,
                )
            }
            Ask::Credit { sale, member, cents } => self.credit(sale, member, cents, at),
            Ask::Redeem { member, reward } => self.redeem(member, reward),
            Ask::Reverse { line, manager, own } => self.reverse(line, manager, own),
            Ask::Adjust {
                member,
                points,
                reason,
                manager,
            } => self.adjust(member, points, reason, manager),
            Ask::Edit {
                member,
                name,
                email,
                consent,
            } => {
                let Some(m) = self.members.get_mut(&member) else {
                    return (Err("unknown_member"), false);
                };
                if bad_email(email) {
                    return (Err("bad_email"), false);
                }
                let next = Member {
                    name: name.into(),
                    email: email.into(),
                    consent: consent && !email.is_empty(),
                    ..m.clone()
                };
                let changed = next != *m;
                *m = next;
                (Ok(Done::default()), changed)
            }
            Ask::Publish { rules } => {
                let changed = rules != self.rules;
                self.rules = rules;
                (Ok(Done::default()), changed)
            }
        }
    }

    fn credit(&mut self, sale: &'static str, member: Option<u32>, cents: i64, at: i64) -> (Outcome, bool) {
        if sale.is_empty() {
            return (Err("bad_sale_id"), false);
        }
        if let Some(before) = self.sales.get(sale) {
            let other = member.is_some() && before.member.is_some() && member != before.member;
            if before.cents != cents || other {
                return (Err("sale_differs"), false);
            }
            let balance = before.member.map_or(0, |m| self.members[&m].balance);
            return (
                Ok(Done {
                    points: before.points,
                    balance,
                    move_: before.move_,
                    again: true,
                }),
                false,
            );
        }
        let rules = &RULES[self.rules];
        let mut points = cents / rules.cents_a_point;
        let mut move_ = "add";
        if cents < rules.skip_under {
            (points, move_) = (0, "skip");
        } else if cents > rules.hold_over {
            move_ = "hold";
        }
        let mut balance = 0;
        let mut line = None;
        if let Some(n) = member {
            let m = self.members.entry(n).or_default();
            if move_ == "add"
                && rules
                    .rewards
                    .iter()
                    .any(|(_, p)| m.balance < *p && *p <= m.balance + points)
            {
                move_ = "add_reward";
            }
            if move_ != "hold" {
                m.balance += points;
                m.visits += 1;
                m.last_visit = m.last_visit.max(Some(at));
                line = Some(self.lines.len());
            }
            balance = m.balance;
            if line.is_some() {
                self.write(n, Kind::Earn, points, None, Some(sale));
            }
        } else {
            (points, move_) = (0, "skip");
        }
        self.sales.insert(
            sale,
            Sale {
                member,
                cents,
                points,
                move_,
                at,
                line,
                taken_back: false,
            },
        );
        (
            Ok(Done {
                points,
                balance,
                move_,
                again: false,
            }),
            true,
        )
    }

    fn redeem(&mut self, member: u32, reward: &str) -> (Outcome, bool) {
        let Some(m) = self.members.get_mut(&member) else {
            return (Err("unknown_member"), false);
        };
        let found = RULES[self.rules]
            .rewards
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(reward));
        let Some(&(_, cost)) = found else {
            return (Err("unknown_reward"), false);
        };
        if m.balance < cost {
            return (Err("not_enough_points"), false);
        }
        m.balance -= cost;
        let balance = m.balance;
        self.write(member, Kind::Redeem, -cost, None, None);
        (moved(-cost, balance), true)
    }

    fn reverse(&mut self, line: usize, manager: bool, own: bool) -> (Outcome, bool) {
        let Some(target) = self.lines.get(line).cloned() else {
            return (Err("unknown_entry"), false);
        };
        if target.kind == Kind::Reverse {
            return (Err("not_reversible"), false);
        }
        if !manager && (target.kind == Kind::Adjust || !own) {
            return (Err("not_allowed"), false);
        }
        if target.taken_back {
            return (Err("already_reversed"), false);
        }
        self.lines[line].taken_back = true;
        if let Some(sale) = target.sale {
            self.sales.get_mut(sale).unwrap().taken_back = true;
        }
        let counts = |s: &&Sale| s.line.is_some() && s.member == Some(target.member) && !s.taken_back;
        let last = self.sales.values().filter(counts).map(|s| s.at).max();
        let m = self.members.get_mut(&target.member).unwrap();
        m.balance -= target.points;
        if target.sale.is_some() {
            m.visits -= 1;
            m.last_visit = last;
        }
        let balance = m.balance;
        self.write(target.member, Kind::Reverse, -target.points, Some(target.kind), None);
        (moved(-target.points, balance), true)
    }

    fn adjust(&mut self, member: u32, points: i64, reason: &str, manager: bool) -> (Outcome, bool) {
        if !manager {
            return (Err("not_allowed"), false);
        }
        if points == 0 || points.abs() > 1_000_000 {
            return (Err("bad_points"), false);
        }
        if reason.trim().is_empty() {
            return (Err("reason_missing"), false);
        }
        let Some(m) = self.members.get_mut(&member) else {
            return (Err("unknown_member"), false);
        };
        if points < 0 && m.balance + points < 0 {
            return (Err("not_enough_points"), false);
        }
        m.balance += points;
        let balance = m.balance;
        self.write(member, Kind::Adjust, points, None, None);
        (moved(points, balance), true)
    }

    fn write(&mut self, member: u32, kind: Kind, points: i64, of: Option<Kind>, sale: Option<&'static str>) {
        self.lines.push(Line {
            member,
            kind,
            points,
            taken_back: false,
            of,
            sale,
        });
    }

    /// Members, sales, points issued, redeemed, outstanding.
    pub fn stats(&self) -> [i64; 5] {
        let spent = |l: &&Line| l.kind == Kind::Redeem || l.of == Some(Kind::Redeem);
        let redeemed: i64 = -self.lines.iter().filter(spent).map(|l| l.points).sum::<i64>();
        let outstanding: i64 = self.members.values().map(|m| m.balance).sum();
        let count = |n: usize| i64::try_from(n).unwrap();
        [
            count(self.members.len()),
            count(self.sales.len()),
            outstanding + redeemed,
            redeemed,
            outstanding,
        ]
    }
}

fn moved(points: i64, balance: i64) -> Outcome {
    Ok(Done {
        points,
        balance,
        ..Done::default()
    })
}

fn bad_email(email: &str) -> bool {
    !email.is_empty() && !email.contains('@')
}
