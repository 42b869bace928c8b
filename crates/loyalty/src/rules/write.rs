//! Rules as text, in their canonical form: what `format` prints and what reasons quote.
//!
//! Not here: the words they are made of, which need no currency (`words`).

use super::ast::{Bonus, Days, Earn, Floor, Per, RewardLine, Rule, SaleTest, Visit, When};
use super::lex::{Kind, tokens};
use super::programme::{Expiry, Lapsing, Referral, ReferralEvent, RewardKind, Rounding, Since, Threshold, Tier};
use super::words::{clock, counted, dates, days, listed, many, ordinal, period, picks, points, spaced, times};
use crate::money::{Currency, Money};

/// Writes rules whose amounts are in one currency.
#[derive(Clone, Copy)]
pub(super) struct Writer(pub Currency);

impl Writer {
    /// A rule as a line of the document.
    pub fn rule(self, rule: &Rule) -> String {
        match rule {
            Rule::Earn(earn) => self.earn(earn),
            Rule::Bonus(bonus) => self.bonus(bonus),
            Rule::Multiply(m) => {
                let times = match m.hundredths {
                    200 => "Double".to_owned(),
                    300 => "Triple".to_owned(),
                    other => times(other),
                };
                format!("{times} points{}", spaced(&self.when(&m.when)))
            }
            Rule::Stack(true) => "Multipliers stack".to_owned(),
            Rule::Stack(false) => "Largest multiplier wins".to_owned(),
            Rule::Cap(most) => format!("At most {} a sale", points(*most)),
            Rule::Exclude(picked) => format!("Exclude {}", picks(picked)),
            Rule::Known(picked) => format!("Known items {}", picks(picked)),
            Rule::Skip(test) => format!("Skip {}", self.test(test)),
            Rule::Hold(test) => format!("Hold {}", self.test(test)),
            Rule::Reward(reward) => self.reward(reward),
            Rule::Stamps(card) => {
                let cost = self.costs(card.cost_minor);
                format!("Buy {} {}, get {} free{cost}", card.buy, picks(&card.picks), card.free)
            }
            Rule::Tier(tier) => self.tier(tier),
            Rule::Expiry(None) => "Points never expire".to_owned(),
            Rule::Expiry(Some(expiry)) => expires(expiry),
            Rule::Lapsing(l) => lapsing(l),
            Rule::Referral(r) => self.referral(r),
            Rule::SignUp(n) => format!("Sign-up bonus {}", points(*n)),
            Rule::Birthday(bonus) => {
                let within = bonus
                    .within
                    .map(|p| format!(" within {}", period(p)))
                    .unwrap_or_default();
                format!("Birthday bonus {}{within}", points(bonus.points))
            }
            Rule::Tax(included) => format!("Tax {}", if *included { "included" } else { "excluded" }),
            Rule::Tips(included) => format!("Tips {}", if *included { "included" } else { "excluded" }),
            Rule::Round(Rounding::Down) => "Round down".to_owned(),
            Rule::Round(Rounding::Nearest) => "Round nearest".to_owned(),
            Rule::Round(Rounding::Up) => "Round up".to_owned(),
            Rule::Zone(zone) => format!("Time zone {}", zone.name()),
        }
    }

    fn earn(self, earn: &Earn) -> String {
        let max = earn.max.map(|max| format!(", at most {} a sale", points(max)));
        let (per, when) = (self.per(&earn.per), spaced(&self.when(&earn.when)));
        format!(
            "Earn {} per {per}{when}{}",
            points(earn.points),
            max.unwrap_or_default()
        )
    }

    fn bonus(self, bonus: &Bonus) -> String {
        let items = bonus
            .items
            .as_ref()
            .map(|(count, picked)| format!(" for {}", counted(*count, picked)));
        let once = if bonus.once { ", once a sale" } else { "" };
        let when = spaced(&self.when(&bonus.when));
        format!(
            "Bonus {}{}{once}{when}",
            points(bonus.points),
            items.unwrap_or_default()
        )
    }

    fn reward(self, reward: &RewardLine) -> String {
        if let RewardKind::Exchange(minor) = reward.kind {
            return format!("{} = {}", points(reward.points), self.money(minor));
        }
        let name = self.name(&reward.name, ",", &["costs", "cost"]);
        format!("Reward {}: {name}{}", points(reward.points), self.costs(reward.cost))
    }

    fn costs(self, minor: Option<i64>) -> String {
        minor.map_or_else(String::new, |minor| format!(", costs {}", self.money(minor)))
    }

    fn tier(self, tier: &Tier) -> String {
        let at = match tier.at {
            Threshold::Points(n) => points(n),
            Threshold::Spend(minor) => self.money(minor),
        };
        let earn = match tier.hundredths {
            100 => String::new(),
            more => format!(": earn {}", times(more)),
        };
        let grace = tier.grace.map(|p| format!(", grace {}", period(p))).unwrap_or_default();
        format!("Tier {} at {at} a year{earn}{grace}", self.name(&tier.name, "at", &[]))
    }

    fn referral(self, r: &Referral) -> String {
        let event = match r.event {
            ReferralEvent::Joins => "joins".to_owned(),
            ReferralEvent::FirstBuys(minor) => format!("first buys {}", self.money(minor)),
        };
        let within = r.within.map(|p| format!(" within {}", period(p))).unwrap_or_default();
        let friend = r.friend.map(|p| format!("friend gets {}", points(p)));
        let referrer = r.referrer.map(|p| format!("referrer gets {}", points(p)));
        let gets: Vec<String> = friend.into_iter().chain(referrer).collect();
        let of = if r.second_level { " of a friend" } else { "" };
        let rising = r
            .rising
            .map(|(nth, n)| format!(", {} from the {} friend on", points(n), ordinal(nth)));
        let hold = r.hold.map(|p| format!(", after {}", period(p)));
        let most = r
            .friends_a_month_max
            .map(|n| format!(", at most {} a month", many(n, "friend")));
        let more: String = [rising, hold, most].into_iter().flatten().collect();
        format!("Friend{of} {event}{within}: {}{more}", gets.join(" and "))
    }

    pub fn money(self, minor: i64) -> String {
        Money::new(minor, self.0).to_string()
    }

    fn per(self, per: &Per) -> String {
        match per {
            Per::Money { minor, on } if on.is_empty() => self.money(*minor),
            Per::Money { minor, on } => format!("{} on {}", self.money(*minor), picks(on)),
            Per::Visit => "visit".to_owned(),
            Per::Items { count, picks } => counted(*count, picks),
        }
    }

    fn test(self, test: &SaleTest) -> String {
        match test {
            SaleTest::Frequent { nth, within } => {
                format!("a member's {} sale within {}", ordinal(*nth), period(*within))
            }
            SaleTest::During(when) => format!("sales {}", self.when(when)),
            SaleTest::UnknownItem => "sales with an unknown item".to_owned(),
            SaleTest::With(picked) => format!("sales with {}", picks(picked)),
            other => format!("sales {}", self.limit(other)),
        }
    }

    /// The limit a sale breaks: `under $2`.
    pub fn limit(self, test: &SaleTest) -> String {
        match test {
            SaleTest::Under(minor) => format!("under {}", self.money(*minor)),
            SaleTest::Over(minor) => format!("over {}", self.money(*minor)),
            SaleTest::PointsOver(n) => format!("over {}", points(*n)),
            SaleTest::OlderThan(p) => format!("older than {}", period(*p)),
            SaleTest::Frequent { nth, within } => format!("{} sale within {}", ordinal(*nth), period(*within)),
            SaleTest::UnknownItem => "an unknown item".to_owned(),
            SaleTest::With(picked) => format!("with {}", picks(picked)),
            SaleTest::During(when) => self.when(when),
        }
    }

    /// All conditions, in their canonical order; empty for none.
    pub fn when(self, when: &When) -> String {
        let days = (when.days != Days::default()).then(|| format!("on {}", days(when.days)));
        let hours: Vec<String> = when
            .hours
            .iter()
            .map(|(a, b)| format!("{}-{}", clock(*a), clock(*b)))
            .collect();
        let visit = when.visit.map(|v| match v {
            Visit::Nth(n) => format!("on the {} visit", ordinal(n)),
            Visit::Every(n) => format!("on every {} visit", ordinal(n)),
        });
        let total = when.total.map(|floor| match floor {
            Floor::Over(minor) => format!("on sales over {}", self.money(minor)),
            Floor::From(minor) => format!("on sales of {} or more", self.money(minor)),
        });
        let tiers: Vec<String> = when.tiers.iter().map(|t| self.tier_name(t)).collect();
        let parts = [
            days,
            when.dates.as_ref().map(dates),
            (!hours.is_empty()).then(|| listed(&hours, "and")),
            visit,
            total,
            when.birthday.then(|| "on birthdays".to_owned()),
            (!tiers.is_empty()).then(|| format!("for {} members", tiers.join(" and "))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn tier_name(self, name: &str) -> String {
        match tokens(name, self.0).0.as_slice() {
            [one] if one.kind == Kind::Word => name.to_owned(),
            _ => format!("\"{name}\""),
        }
    }

    /// A name as it is read back: in quotes where it would end early or become something else.
    fn name(self, name: &str, stop: &str, after: &[&str]) -> String {
        let (found, comment) = tokens(name, self.0);
        let is = |k: usize, text: &str| found.get(k).is_some_and(|t| t.text.eq_ignore_ascii_case(text));
        let stops = (0..found.len()).any(|k| is(k, stop) && (after.is_empty() || after.iter().any(|a| is(k + 1, a))));
        let one_quoted = matches!(found.as_slice(), [one] if one.kind == Kind::Quoted);
        if stops || one_quoted || comment.is_some() || found.is_empty() {
            format!("\"{name}\"")
        } else {
            name.to_owned()
        }
    }
}

fn expires(expiry: &Expiry) -> String {
    let warn = expiry
        .warn
        .map(|p| format!(", warn {} before", period(p)))
        .unwrap_or_default();
    match expiry.since {
        Since::LastVisit => format!("Points expire after {} without a visit{warn}", period(expiry.after)),
        Since::Earned => format!("Points expire {} after earning{warn}", period(expiry.after)),
    }
}

fn lapsing(l: &Lapsing) -> String {
    let nudge = match l.nudges {
        0 => String::new(),
        n => format!("; nudge at most {}; then rest", many(n, "time")),
    };
    format!(
        "Lapsing after {} for members with {}{nudge}",
        period(l.after),
        many(l.visits, "visit")
    )
}
