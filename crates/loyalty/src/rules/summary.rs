//! The document in plain words, a sentence or two for each rule and for what holds where nothing is said.
//!
//! For the owner to check that the rules say what was meant. Reasons for one sale are made in `earned`.

use super::ast::{Bonus, Earn, Per, Rule, SaleTest};
use super::programme::{Expiry, Lapsing, Referral, ReferralEvent, RewardKind, Since, Threshold, Tier};
use super::words::{listed, many, ordinal, period, picks, points, times};
use super::write::Writer;
use super::{Rounding, Rules};

/// What `rules` say, in sentences, in the document's order; what they don't say comes last.
#[must_use]
pub fn summary(rules: &Rules) -> Vec<String> {
    let words = Words(Writer(rules.currency));
    let said = rules.rules().filter_map(|rule| words.rule(rule));
    said.chain(unsaid(rules)).collect()
}

/// What holds because the document doesn't say otherwise, and what it lacks.
fn unsaid(rules: &Rules) -> Vec<String> {
    let any = |is: fn(&Rule) -> bool| rules.rules().any(is);
    let mut found = Vec::new();
    if !any(|r| matches!(r, Rule::Earn(_) | Rule::Bonus(_))) {
        found.push("Nothing earns points yet.".to_owned());
    }
    if rules.rewards().is_empty() && !any(|r| matches!(r, Rule::Stamps(_))) {
        found.push("There is nothing to spend points on yet.".to_owned());
    }
    let multipliers = rules.rules().filter(|r| match r {
        Rule::Multiply(_) => true,
        Rule::Tier(tier) => tier.hundredths > 100,
        _ => false,
    });
    if multipliers.count() > 1 && !rules.multipliers_stack() {
        found.push("Where several multipliers fit a sale, the largest counts.".to_owned());
    }
    if any(|r| matches!(r, Rule::Bonus(_))) && any(|r| matches!(r, Rule::Multiply(_) | Rule::Tier(_))) {
        found.push("Bonus points are added after multiplying, so they are never multiplied.".to_owned());
    }
    let tax = if rules.tax_included() {
        "Points are earned on tax"
    } else {
        "Points are not earned on tax"
    };
    let tips = match (rules.tax_included(), rules.tips_included()) {
        (true, true) => ", and on tips.",
        (true, false) => ", but not on tips.",
        (false, true) => ", but on tips.",
        (false, false) => ", nor on tips.",
    };
    found.push(format!("{tax}{tips}"));
    let rounding = match rules.rounding() {
        Rounding::Down => "Each sale's points are rounded down, once.",
        Rounding::Nearest => "Each sale's points are rounded to the nearest, once; a half goes up.",
        Rounding::Up => "Each sale's points are rounded up, once.",
    };
    found.push(rounding.to_owned());
    if rules.expiry().is_none() {
        found.push("Points never expire.".to_owned());
    }
    found
}

/// Says rules whose amounts are in one currency.
struct Words(Writer);

impl Words {
    /// What a rule says; nothing for those that [`unsaid`] speaks of in any case.
    fn rule(&self, rule: &Rule) -> Option<String> {
        let text = match rule {
            Rule::Earn(earn) => self.earn(earn),
            Rule::Bonus(bonus) => self.bonus(bonus),
            Rule::Multiply(m) => {
                let when = self.0.when(&m.when);
                let when = if when.is_empty() { "always".to_owned() } else { when };
                let by = match m.hundredths {
                    200 => "doubled".to_owned(),
                    300 => "tripled".to_owned(),
                    other => times(other).replace('x', "multiplied by "),
                };
                format!("Earned points are {by} {when}.")
            }
            Rule::Stack(true) => {
                "Where several multipliers fit a sale, they are multiplied with each other.".to_owned()
            }
            Rule::Cap(most) => format!("No sale gives more than {}.", points(*most)),
            Rule::Exclude(picked) => format!("Nothing is earned on {}.", picks(picked)),
            Rule::Known(picked) => format!("These items are known: {}.", picks(picked)),
            Rule::Skip(test) => format!("{} earn nothing.", self.sales(test)),
            Rule::Hold(test) => format!("{} wait for somebody to decide.", self.sales(test)),
            Rule::Reward(reward) => {
                let what = match reward.kind {
                    RewardKind::Exchange(minor) => {
                        format!(
                            "Every {} are worth {} off, as many times as a member likes.",
                            points(reward.points),
                            self.0.money(minor)
                        )
                    }
                    _ => format!("For {} a member gets: {}.", points(reward.points), reward.name),
                };
                format!("{what}{}", self.costs(reward.cost))
            }
            Rule::Stamps(card) => {
                let are = if card.free == 1 { "is" } else { "are" };
                let cost = self.costs(card.cost_minor);
                let bought = picks(&card.picks);
                format!(
                    "After {} of {bought} bought, {} more {are} free.{cost}",
                    card.buy, card.free
                )
            }
            Rule::Tier(tier) => self.tier(tier),
            Rule::Expiry(Some(expiry)) => expires(expiry),
            Rule::Lapsing(l) => lapsing(l),
            Rule::Referral(r) => self.referral(r),
            Rule::SignUp(n) => format!("Joining gives {}.", points(*n)),
            Rule::Birthday(bonus) => format!(
                "Once a year, a member's first visit on the birthday or within {} gives {}.",
                many(i64::try_from(bonus.days()).unwrap_or(1), "day"),
                points(bonus.points)
            ),
            Rule::Zone(zone) => format!("Days and hours are those of {}.", zone.name()),
            Rule::Stack(false) | Rule::Tax(_) | Rule::Tips(_) | Rule::Round(_) | Rule::Expiry(None) => return None,
        };
        Some(text)
    }

    fn costs(&self, minor: Option<i64>) -> String {
        minor.map_or_else(String::new, |minor| {
            format!(" It costs the shop {}.", self.0.money(minor))
        })
    }

    fn earn(&self, earn: &Earn) -> String {
        let n = points(earn.points);
        let for_what = match &earn.per {
            Per::Money { minor, on } if on.is_empty() => format!("for every {} they spend", self.0.money(*minor)),
            Per::Money { minor, on } => format!("for every {} they spend on {}", self.0.money(*minor), picks(on)),
            Per::Visit => "for every visit".to_owned(),
            Per::Items { count: 1, picks: on } => format!("for each {}", picks(on)),
            Per::Items { count, picks: on } => format!("for every {count} of {}", picks(on)),
        };
        let when = self.0.when(&earn.when);
        let when = if when.is_empty() {
            String::new()
        } else {
            format!(", {when}")
        };
        let max = earn
            .max
            .map(|max| format!(", at most {} a sale", points(max)))
            .unwrap_or_default();
        format!("Members earn {n} {for_what}{when}{max}.")
    }

    fn bonus(&self, bonus: &Bonus) -> String {
        let n = points(bonus.points);
        let items = match &bonus.items {
            None => String::new(),
            Some((1, on)) => format!(" for each {}", picks(on)),
            Some((count, on)) => format!(" for every {count} of {}", picks(on)),
        };
        let once = if bonus.once { ", once a sale" } else { "" };
        let when = self.0.when(&bonus.when);
        let when = if when.is_empty() {
            String::new()
        } else {
            format!(" {when}")
        };
        format!("A sale gives {n} more{items}{once}{when}.")
    }

    fn sales(&self, test: &SaleTest) -> String {
        match test {
            SaleTest::Frequent { nth, within } => {
                format!(
                    "A member's {} sale within {}, and those after it,",
                    ordinal(*nth),
                    period(*within)
                )
            }
            SaleTest::OlderThan(age) => format!("Sales that come in more than {} late", period(*age)),
            SaleTest::PointsOver(n) => format!("Sales that would give over {}", points(*n)),
            SaleTest::UnknownItem => "Sales with an item that no line here names".to_owned(),
            other => format!("Sales {}", self.0.limit(other)),
        }
    }

    fn tier(&self, tier: &Tier) -> String {
        let at = match tier.at {
            Threshold::Points(n) => format!("earned {}", points(n)),
            Threshold::Spend(minor) => format!("spent {}", self.0.money(minor)),
        };
        let earn = match tier.hundredths {
            100 => String::new(),
            more => format!(" and earns {} the points", times(more).replace('x', "")),
        };
        let earn = earn.replace("the points", "times the points");
        let grace = tier
            .grace
            .map(|g| format!(" It is kept for {} after that no longer holds.", period(g)));
        let name = &tier.name;
        format!(
            "Who has {at} within a year is {name}{earn}.{}",
            grace.unwrap_or_default()
        )
    }

    fn referral(&self, r: &Referral) -> String {
        let who = if r.second_level {
            "a friend of a friend"
        } else {
            "a friend"
        };
        let event = match r.event {
            ReferralEvent::Joins => format!("When {who} joins"),
            ReferralEvent::FirstBuys(minor) => format!("When {who} first buys for {} or more", self.0.money(minor)),
        };
        let within = r
            .within
            .map(|w| format!(" within {} of joining", period(w)))
            .unwrap_or_default();
        let friend = r.friend.map(|n| format!("the friend gets {}", points(n)));
        let referrer = r.referrer.map(|n| match r.second_level {
            true => format!("the member who sent the first friend gets {}", points(n)),
            false => format!("the member who sent them gets {}", points(n)),
        });
        let gets: Vec<String> = friend.into_iter().chain(referrer).collect();
        let most = r
            .friends_a_month_max
            .map(|n| format!(" This counts for at most {} a month.", many(n, "friend")));
        let rising = r
            .rising
            .map(|(nth, n)| format!(" From their {} friend on it is {}.", ordinal(nth), points(n)));
        let hold = r.hold.map(|p| {
            format!(
                " The points wait for {}, in case the purchase is given back.",
                period(p)
            )
        });
        let more: String = [rising, hold, most].into_iter().flatten().collect();
        format!("{event}{within}, {}.{more}", listed(&gets, "and"))
    }
}

fn expires(expiry: &Expiry) -> String {
    let what = match expiry.since {
        Since::LastVisit => format!(
            "All of a member's points expire {} after the last visit.",
            period(expiry.after)
        ),
        Since::Earned => format!(
            "Points expire {} after they were earned, the oldest first.",
            period(expiry.after)
        ),
    };
    let warn = expiry.warn.map(|w| format!(" Members are told {} before.", period(w)));
    format!("{what}{}", warn.unwrap_or_default())
}

fn lapsing(l: &Lapsing) -> String {
    let nudge = match l.nudges {
        0 => "They are not reminded.".to_owned(),
        1 => "They are reminded once at most, then left in peace.".to_owned(),
        n => format!("They are reminded {n} times at most, then left in peace."),
    };
    let visits = many(l.visits, "visit");
    format!(
        "Members with {visits} or more who stay away for {} count as lapsing. {nudge}",
        period(l.after)
    )
}
