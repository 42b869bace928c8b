//! `rights` and what is said of lost tills: where points are, getting and giving them back, the limits of tills that are
//! cut off.

use ledger::{Exposure, HeldPoints, Key, Store};
use link::{Client, TillsRequest};
use loyalty::{AwayRules, Code, MemberId, Origin, Phone, Points, Refusal, UtcMs};
use secrets::Secrets;
use serde_json::{Value, json};

use crate::args::{Limits, RightsCommand};
use crate::failure::{Failure, Result};
use crate::out::{Out, points};
use crate::place::{self, Place};

/// `rights show|acquire|return|limits|settle`.
pub fn run(place: &Place, what: &RightsCommand, out: Out) -> Result<()> {
    let store = place.open()?;
    match what {
        RightsCommand::Show { phone } => show(&store, phone, out),
        RightsCommand::Acquire { phone, points } => acquire(&store, phone, *points, out),
        RightsCommand::Return { phone } => give_back(&store, phone.as_deref(), out),
        RightsCommand::Limits(limits) => self::limits(&store, limits, out),
        RightsCommand::Settle {
            till, phone, forgive, ..
        } => {
            let request = TillsRequest::SettleLoss {
                till: crate::till::id(till)?,
                member: member(&store, phone)?,
                forgive: *forgive,
                by: place::by().to_string(),
            };
            link::tills(&store, &secrets(&store)?, &request)?;
            let done = if *forgive { "forgiven" } else { "owed" };
            out.say(&json!({"settled": done}), || format!("Settled: {done}."));
            Ok(())
        }
    }
}

fn secrets(store: &Store) -> Result<Secrets> {
    Ok(Secrets::open(link::SERVICE, store.dir())?)
}

fn member(store: &Store, phone: &str) -> Result<MemberId> {
    let phone = Phone::parse(phone, store.shop().region)?;
    let unknown = || Refusal::of(Code::UnknownMember, "phone", phone.e164());
    Ok(store.member(Key::Phone(&phone))?.ok_or_else(unknown)?.member_id)
}

fn show(store: &Store, phone: &str, out: Out) -> Result<()> {
    let member = member(store, phone)?;
    let holders = store.holders(member)?;
    let here = store.shop().till_id;
    let suspense: Points = holders.held.iter().filter(|h| h.suspended).map(|h| h.points).sum();
    let json = json!({
        "member_id": member, "balance": holders.balance, "suspense": suspense, "loss": holders.loss,
        "holders": holders.held.iter().map(|h| of_holder(h, here)).collect::<Vec<_>>(),
    });
    out.say(&json, || {
        let mut text = format!("Balance: {}.\n", points(holders.balance));
        for held in &holders.held {
            text.push_str(&line(held, here));
        }
        if holders.loss != 0 {
            text.push_str(&format!("Lost by the shop, to be decided: {}.\n", points(holders.loss)));
        }
        text
    });
    Ok(())
}

fn of_holder(held: &HeldPoints, here: Origin) -> Value {
    json!({
        "till_id": (held.holder != Origin::RELAY).then_some(held.holder), "name": name(held), "here": held.holder == here,
        "relay": held.holder == Origin::RELAY, "points": held.points, "suspended": held.suspended,
        "seen_at": held.seen_at.map(UtcMs::rfc3339),
    })
}

fn name(held: &HeldPoints) -> &str {
    if held.holder == Origin::RELAY {
        "relay"
    } else {
        &held.name
    }
}

fn line(held: &HeldPoints, here: Origin) -> String {
    let seen = match held.seen_at {
        _ if held.holder == here => ", here".to_owned(),
        Some(at) => format!(", seen {}", at.rfc3339()),
        None => String::new(),
    };
    let lost = if held.suspended { ", lost: they wait" } else { "" };
    format!("  {}: {}{seen}{lost}\n", name(held), points(held.points))
}

fn acquire(store: &Store, phone: &str, wanted: Points, out: Out) -> Result<()> {
    let member = member(store, phone)?;
    let line = Client::of_till(store, &secrets(store)?)?;
    let acquired = link::acquire(store, &line, member, wanted)?;
    let elsewhere = acquired.elsewhere.iter().map(|e| {
        json!({"till_id": e.till, "name": e.name, "points": e.points, "seen_at": e.seen_at.map(UtcMs::rfc3339), "lost": e.lost})
    });
    let json = json!({
        "granted": acquired.granted, "missing": acquired.missing, "elsewhere": elsewhere.collect::<Vec<_>>(),
    });
    out.say(&json, || {
        format!(
            "Granted {}; {} missing.",
            points(acquired.granted),
            points(acquired.missing)
        )
    });
    Ok(())
}

fn give_back(store: &Store, phone: Option<&str>, out: Out) -> Result<()> {
    let secrets = secrets(store)?;
    let line = Client::of_till(store, &secrets)?;
    let (members, given) = match phone {
        Some(phone) => {
            let given = store.return_rights(member(store, phone)?)?;
            link::round(store, &line, &mut link::Report::default(), |_| {})?;
            (usize::from(given > 0), Some(given))
        }
        None => (link::close(store, &line)?, None),
    };
    out.say(&json!({"members": members, "points": given}), || {
        format!("Given back: the points of {members} members.")
    });
    Ok(())
}

fn limits(store: &Store, limits: &Limits, out: Out) -> Result<()> {
    let before = store.away_rules()?;
    let rules = AwayRules {
        opens_first: match limits.opens_first.as_deref() {
            None => before.opens_first,
            Some("none") => None,
            Some(till) => Some(crate::till::id(till)?),
        },
        days: limits.days.unwrap_or(before.days),
        per_member: cap(limits.per_member.as_deref(), before.per_member)?,
        in_all: cap(limits.in_all.as_deref(), before.in_all)?,
        pin_above: cap(limits.pin_above.as_deref(), before.pin_above)?,
    };
    if rules != before {
        store.set_away_rules(store.new_op(), place::actor(), rules)?;
    }
    out.say(&rules, || {
        let cap = |cap: Option<Points>| cap.map_or_else(|| "no limit".to_owned(), points);
        format!(
            "A till that can't reach the relay redeems for {} days.\nOf one member: {}.\nIn all: {}.\nWithout a manager's PIN, at once: {}.",
            rules.days, cap(rules.per_member), cap(rules.in_all), cap(rules.pin_above)
        )
    });
    Ok(())
}

fn cap(said: Option<&str>, before: Option<Points>) -> Result<Option<Points>> {
    match said {
        None => Ok(before),
        Some("none") => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|_| Refusal::of(Code::BadPoints, "points", text).into()),
    }
}

/// `till lost` and `till release`: what that exposes first, and with `yes` the request.
pub fn of_lost(store: &Store, request: TillsRequest, yes: bool, out: Out) -> Result<()> {
    let secrets = secrets(store)?;
    // What the relay has heard last is what counts.
    link::round(
        store,
        &Client::of_till(store, &secrets)?,
        &mut link::Report::default(),
        |_| {},
    )?;
    let (till, member, lost) = match &request {
        TillsRequest::Release { till, member, .. } => (*till, *member, false),
        TillsRequest::Lose { till, .. } => (*till, None, true),
        _ => return Err(Failure::usage("Nothing else is said of a lost till here.")),
    };
    let exposed = match member {
        None => store.exposure(till)?,
        Some(member) => {
            let held = store.holders(member)?.held;
            let points: Points = held
                .iter()
                .filter(|h| h.holder == till && h.points > 0)
                .map(|h| h.points)
                .sum();
            Exposure {
                members: i64::from(points > 0),
                points,
            }
        }
    };
    if yes {
        link::tills(store, &secrets, &request)?;
        link::round(
            store,
            &Client::of_till(store, &secrets)?,
            &mut link::Report::default(),
            |_| {},
        )?;
    }
    let json = json!({"till_id": till, "members": exposed.members, "points": exposed.points, "done": yes});
    out.say(&json, || {
        let what = match (lost, yes) {
            (true, false) => "would wait, and nobody could spend them",
            (true, true) => "wait now, and nobody can spend them",
            (false, false) => "could be spent, and a second time if that till has spent them",
            (false, true) => "can be spent now",
        };
        let then = if yes { "" } else { " Add --yes to do it." };
        format!(
            "{} of {} members {what}.{then}",
            points(exposed.points),
            exposed.members
        )
    });
    Ok(())
}

/// The member of an optional phone number.
pub fn of_phone(store: &Store, phone: Option<&str>) -> Result<Option<MemberId>> {
    phone.map(|phone| member(store, phone)).transpose()
}
