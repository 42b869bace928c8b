//! Rules about the programme around the sales: rewards, stamps, tiers, expiry, lapsing, referrals, settings.

use winnow::combinator::{alt, opt, preceded, separated, terminated};
use winnow::prelude::*;

use super::amounts::{money, period, signed_money, sure_times};
use super::input::{Input, Parsed, Want, at, fault, miss};
use super::picks::picks;
use super::small::{count, goes_on, name, ordinal, points, word_of, words};
use crate::Points;
use crate::money::Money;
use crate::rules::ast::{RewardLine, Rule};
use crate::rules::errors;
use crate::rules::lex::{Kind, Token, tokens};
use crate::rules::programme::{
    BirthdayBonus, Expiry, Lapsing, Referral, ReferralEvent, RewardKind, Rounding, Since, StampCard, Threshold, Tier,
    Unit,
};
use crate::time::ShopZone;

/// `Reward 100 points: Free coffee, costs $1.20`
pub(super) fn reward(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Reward").parse_next(i)?;
    let points = points(i)?;
    words(":").parse_next(i)?;
    let start = at(i);
    let name = name(i, "the reward's name", |left| goes_on(left, &["costs", "cost"]))?;
    let kind = reward_kind(&name, i.state.currency);
    if matches!(kind, RewardKind::PercentOff(percent) if !(1..=100).contains(&percent)) {
        return fault(i, start, 2, "a percentage from 1% to 100%".to_owned(), None);
    }
    let cost = costs(i)?;
    Ok(Rule::Reward(RewardLine {
        name,
        points,
        cost,
        kind,
    }))
}

/// `, costs $1.20`, where it is said.
fn costs(i: &mut Input<'_>) -> Parsed<Option<i64>> {
    opt(preceded((words(","), word_of(&["costs", "cost"])), money)).parse_next(i)
}

/// What a reward of this name is: `$5 off` and `10% off` say it themselves.
fn reward_kind(name: &str, currency: crate::Currency) -> RewardKind {
    let (found, _) = tokens(name, currency);
    let is_off = |t: &Token<'_>| t.text.eq_ignore_ascii_case("off");
    match found.as_slice() {
        [amount, off] if is_off(off) => match amount.kind {
            Kind::Money(Some(minor)) if minor > 0 => RewardKind::AmountOff(minor),
            _ => RewardKind::Item,
        },
        [number, sign, off] if is_off(off) && sign.text == "%" => {
            number.text.parse().map_or(RewardKind::Item, RewardKind::PercentOff)
        }
        _ => RewardKind::Item,
    }
}

/// `100 points = $5`: any number of such lots, as the member likes.
pub(super) fn exchange(i: &mut Input<'_>) -> Parsed<Rule> {
    let points = terminated(points, words("=")).parse_next(i)?;
    let minor = money(i)?;
    let name = format!("{} off", Money::new(minor, i.state.currency));
    Ok(Rule::Reward(RewardLine {
        name,
        points,
        cost: None,
        kind: RewardKind::Exchange(minor),
    }))
}

/// `Buy 9 "Coffee", get 1 free, costs $0.80`
pub(super) fn stamps(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Buy").parse_next(i)?;
    let buy = count(i, "a number of items", 1000)?;
    let picks = picks(i)?;
    opt(words(",")).parse_next(i)?;
    words("get").parse_next(i)?;
    let free = count(i, "a number of free items", 100)?;
    words("free").parse_next(i)?;
    let cost_minor = costs(i)?;
    Ok(Rule::Stamps(StampCard {
        buy,
        picks,
        free,
        cost_minor,
    }))
}

/// `Sign-up bonus 20 points`
pub(super) fn sign_up(i: &mut Input<'_>) -> Parsed<Rule> {
    preceded(word_of(&["Sign - up bonus", "Sign up bonus", "Signup bonus"]), points)
        .map(Rule::SignUp)
        .parse_next(i)
}

/// `Birthday bonus 50 points within 14 days`
pub(super) fn birthday(i: &mut Input<'_>) -> Parsed<Rule> {
    let points = preceded(words("Birthday bonus"), points).parse_next(i)?;
    let start = at(i);
    let within = opt(preceded(words("within"), |i: &mut Input<'_>| {
        period(i, Unit::Days, Unit::Weeks)
    }))
    .parse_next(i)?;
    let bonus = BirthdayBonus { points, within };
    if bonus.days() > 180 {
        return fault(i, start, at(i) - start, "at most 180 days".to_owned(), None);
    }
    Ok(Rule::Birthday(bonus))
}

/// `Tier Gold at 1000 points a year: earn x1.5, grace 3 months`
pub(super) fn tier(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Tier").parse_next(i)?;
    let at_word = |left: &[Token<'_>]| {
        left.first()
            .is_some_and(|t| t.kind == Kind::Word && t.text.eq_ignore_ascii_case("at"))
    };
    let name = name(i, "the tier's name", at_word)?;
    words("at").parse_next(i)?;
    let at = alt((points.map(Threshold::Points), signed_money.map(Threshold::Spend))).parse_next(i)?;
    word_of(&["a year", "per year"]).parse_next(i)?;
    let hundredths = opt(preceded((opt(words(":")), word_of(&["earn"])), sure_times))
        .parse_next(i)?
        .unwrap_or(100);
    let grace = |i: &mut Input<'_>| period(i, Unit::Days, Unit::Years);
    let grace = opt(preceded((opt(words(",")), words("grace")), grace)).parse_next(i)?;
    Ok(Rule::Tier(Tier {
        name,
        at,
        hundredths,
        grace,
    }))
}

/// `Points expire after 12 months without a visit, warn 30 days before`
pub(super) fn expiry(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Points").parse_next(i)?;
    let long = |i: &mut Input<'_>| period(i, Unit::Days, Unit::Years);
    let found = alt((
        words("never expire").value(None),
        (preceded(words("expire after"), long), words("without a visit"))
            .map(|(after, ())| Some((after, Since::LastVisit))),
        (preceded(words("expire"), long), words("after earning")).map(|(after, ())| Some((after, Since::Earned))),
    ))
    .parse_next(i)?;
    let Some((after, since)) = found else {
        return Ok(Rule::Expiry(None));
    };
    let start = at(i);
    let warn = opt(terminated(
        preceded((opt(words(",")), words("warn")), long),
        words("before"),
    ))
    .parse_next(i)?;
    if warn.is_some_and(|warn| warn.ms() >= after.ms()) {
        return fault(
            i,
            start,
            at(i) - start,
            "a warning later than the start of the time".to_owned(),
            None,
        );
    }
    Ok(Rule::Expiry(Some(Expiry { after, since, warn })))
}

/// `Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest`
pub(super) fn lapsing(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Lapsing after").parse_next(i)?;
    let after = period(i, Unit::Days, Unit::Years)?;
    let visits = |i: &mut Input<'_>| {
        let n = count(i, "a number of visits", 1000)?;
        word_of(if n == 1 {
            &["visit", "visits"]
        } else {
            &["visits", "visit"]
        })
        .parse_next(i)?;
        Ok(n)
    };
    let visits = opt(preceded(words("for members with"), visits))
        .parse_next(i)?
        .unwrap_or(1);
    let nudges = |i: &mut Input<'_>| {
        let n = count(i, "a number of reminders", 20)?;
        word_of(if n == 1 { &["time", "times"] } else { &["times", "time"] }).parse_next(i)?;
        Ok(n)
    };
    let nudges = opt(terminated(
        preceded((opt(pause), words("nudge at most")), nudges),
        opt((opt(pause), words("then rest"))),
    ))
    .parse_next(i)?;
    Ok(Rule::Lapsing(Lapsing {
        after,
        visits,
        nudges: nudges.unwrap_or(0),
    }))
}

fn pause(i: &mut Input<'_>) -> Parsed<()> {
    word_of(&[";", ","]).parse_next(i)
}

/// Who gets points for a referral.
enum Gets {
    Friend(Points),
    Referrer(Points),
}

/// `Friend joins: friend gets 20 points`, `Friend first buys $10 within 30 days: referrer gets 50 points, 100 points
/// from the 5th friend on, after 14 days, at most 10 friends a month`, `Friend of a friend first buys $10: referrer gets 10 points`
pub(super) fn referral(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Friend").parse_next(i)?;
    let second_level = opt(words("of a friend")).parse_next(i)?.is_some();
    let time = |i: &mut Input<'_>| period(i, Unit::Days, Unit::Years);
    let (event, within) = alt((
        words("joins").value((ReferralEvent::Joins, None)),
        (
            preceded(words("first buys"), money),
            opt(preceded(words("within"), time)),
        )
            .map(|(minor, within)| (ReferralEvent::FirstBuys(minor), within)),
    ))
    .parse_next(i)?;
    words(":").parse_next(i)?;
    let start = at(i);
    let (friend, referrer) = both(i)?;
    if second_level && friend.is_some() {
        let expected = "what the referrer gets: a friend of a friend brings the first of the three something";
        return fault(i, start, at(i) - start, expected.to_owned(), None);
    }
    let rising = if referrer.is_some() {
        opt(rising).parse_next(i)?
    } else {
        None
    };
    let hold = opt(preceded((opt(words(",")), words("after")), time)).parse_next(i)?;
    let friends = |i: &mut Input<'_>| count(i, "a number of friends", 1000);
    let most = preceded((opt(words(",")), words("at most")), friends);
    let friends_a_month_max =
        opt(terminated(most, (word_of(&["friends", "friend"]), words("a month")))).parse_next(i)?;
    Ok(Rule::Referral(Referral {
        event,
        second_level,
        within,
        friend,
        referrer,
        rising,
        hold,
        friends_a_month_max,
    }))
}

/// What the friend and the referrer get, each said once at most.
fn both(i: &mut Input<'_>) -> Parsed<(Option<Points>, Option<Points>)> {
    let start = at(i);
    let all: Vec<Gets> = separated(1..=2, gets, alt((words(","), words("and")))).parse_next(i)?;
    let (mut friend, mut referrer) = (None, None);
    for got in all {
        let again = match got {
            Gets::Friend(points) => friend.replace(points).is_some(),
            Gets::Referrer(points) => referrer.replace(points).is_some(),
        };
        if again {
            let expected = "each of friend and referrer once".to_owned();
            return fault(i, start, at(i) - start, expected, None);
        }
    }
    Ok((friend, referrer))
}

/// `, 100 points from the 5th friend on`
fn rising(i: &mut Input<'_>) -> Parsed<(i64, Points)> {
    let nth = |i: &mut Input<'_>| ordinal(i, 1000);
    let more = preceded(words(","), points).parse_next(i)?;
    let nth = preceded(words("from the"), terminated(nth, words("friend on"))).parse_next(i)?;
    Ok((nth, more))
}

fn gets(i: &mut Input<'_>) -> Parsed<Gets> {
    alt((
        preceded(words("friend gets"), points).map(Gets::Friend),
        preceded(words("referrer gets"), points).map(Gets::Referrer),
    ))
    .parse_next(i)
}

/// `Tax included`, `Tips excluded`, `Round down`, `Time zone Europe/Berlin`
pub(super) fn setting(i: &mut Input<'_>) -> Parsed<Rule> {
    alt((
        preceded(words("Tax"), included).map(Rule::Tax),
        preceded(words("Tips"), included).map(Rule::Tips),
        preceded(word_of(&["Round", "Rounding"]), rounding).map(Rule::Round),
        preceded(words("Time zone"), zone).map(Rule::Zone),
    ))
    .parse_next(i)
}

fn included(i: &mut Input<'_>) -> Parsed<bool> {
    alt((words("included").value(true), words("excluded").value(false))).parse_next(i)
}

fn rounding(i: &mut Input<'_>) -> Parsed<Rounding> {
    alt((
        words("down").value(Rounding::Down),
        words("nearest").value(Rounding::Nearest),
        words("up").value(Rounding::Up),
    ))
    .parse_next(i)
}

fn zone(i: &mut Input<'_>) -> Parsed<ShopZone> {
    let start = at(i);
    let what = "a time zone, such as Europe/Berlin";
    if i.input.is_empty() {
        return miss(i, Want::kind(what));
    }
    let length = i.input.len();
    let written = name(i, what, |_| false)?;
    match written.parse() {
        Ok(zone) => Ok(zone),
        Err(_) => {
            let known = chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name());
            let by_city = |city: &str| {
                chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name()).find(|n| {
                    n.rsplit('/')
                        .next()
                        .is_some_and(|last| last.eq_ignore_ascii_case(&city.replace(' ', "_")))
                })
            };
            let near = by_city(&written)
                .or_else(|| errors::nearest(&written, known))
                .map(str::to_owned);
            fault(i, start, length, what.to_owned(), near)
        }
    }
}
