//! Adding, showing and listing members.

use ledger::{Key, Line, Member, NewMember, Stamps, Store};
use loyalty::{Code, MemberCode, MemberId, Money, Phone, Refusal, birthday};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::args::{MemberAdd, MemberEdit, MemberKey, MemberList};
use crate::failure::Result;
use crate::out::{Out, change, counted, grouped, local, money, points};
use crate::place::{self, Place};
use crate::referrals;

/// How many of a member's lines are shown.
const LINES: usize = 20;

/// `member add`.
pub fn add(place: &Place, args: &MemberAdd, out: Out) -> Result<()> {
    let store = place.open()?;
    let new = NewMember {
        phone: Phone::parse(&args.phone, store.shop().region)?,
        name: args.name.clone(),
        email: args.email.clone(),
        email_consent: args.consent,
        birthday: birthday::optional(&args.birthday)?,
    };
    let sent = args.referred_by.as_deref();
    let sent = sent.map(|who| store.who_sent_them(who, &new.phone)).transpose()?;
    let done = store.enrol_sent(store.new_op(), place::by(), new, sent)?;
    let member = found(store.member(Key::Id(done.member))?, "id", &done.member.to_string())?;
    let mut json = json_of(&member);
    json["created"] = done.created.into();
    if args.referred_by.is_some() {
        json["brought"] = done.brought.into();
        json["why_not"] = done.why_not.into();
        json["referral_points"] = done.points.into();
    }
    out.say(&json, || {
        let what = if done.created {
            "Added"
        } else {
            "This number has a member already; nothing was changed"
        };
        let sent = match (done.brought, done.why_not) {
            (true, _) => " It is written down who sent them.",
            (false, Some("own_email")) => " Nobody is written down as having sent them: it is their own email address.",
            (false, Some(_)) => " Who sent them is written down for new members only.",
            (false, None) => "",
        };
        format!("{what}.{sent}\n{}", words(&store, &member))
    });
    Ok(())
}

/// `member edit`.
pub fn edit(place: &Place, args: &MemberEdit, out: Out) -> Result<()> {
    let store = place.open()?;
    let phone = Phone::parse(&args.phone, store.shop().region)?;
    let now = found(store.member(Key::Phone(&phone))?, "phone", &args.phone)?;
    let birthday = args.birthday.as_deref().map(birthday::optional).transpose()?;
    let edit = ledger::MemberEdit {
        name: args.name.clone().unwrap_or(now.name),
        email: args.email.clone().unwrap_or(now.email),
        email_consent: args.consent.unwrap_or(now.email_consent),
        birthday: birthday.unwrap_or(now.birthday),
    };
    store.edit_member(store.new_op(), place::by(), now.member_id, edit)?;
    let member = found(store.member(Key::Id(now.member_id))?, "phone", &args.phone)?;
    out.say(&json_of(&member), || format!("Changed.\n{}", words(&store, &member)));
    Ok(())
}

/// `member show`.
pub fn show(place: &Place, key: &MemberKey, out: Out) -> Result<()> {
    let store = place.open()?;
    let member = match key {
        MemberKey { phone: Some(text), .. } => {
            let phone = Phone::parse(text, store.shop().region)?;
            found(store.member(Key::Phone(&phone))?, "phone", text)?
        }
        MemberKey { code: Some(text), .. } => {
            let member = MemberCode::read(text)
                .map(|code| store.member(Key::Code(&code)))
                .transpose()?;
            found(member.flatten(), "code", text)?
        }
        MemberKey { id, .. } => {
            let text = id.as_deref().unwrap_or_default();
            let member = text
                .parse::<MemberId>()
                .ok()
                .map(|id| store.member(Key::Id(id)))
                .transpose()?;
            found(member.flatten(), "id", text)?
        }
    };
    let lines = store.lines_of(member.member_id, LINES)?;
    let cards = store.stamps(member.member_id)?;
    let mut json = json_of(&member);
    json["lines"] = lines.iter().map(json_of_line).collect();
    json["stamp_cards"] = cards.iter().map(json_of_card).collect();
    let rewards = store.referral_rewards(member.member_id)?;
    let brought_by = store.brought_by(member.member_id)?;
    json["brought_by"] = brought_by.as_ref().map(referrals::json_of_referral).into();
    json["referral_rewards"] = rewards.iter().map(referrals::json_of_reward).collect();
    out.say(&json, || {
        let lines: String = lines.iter().map(|l| words_of_line(&store, l)).collect();
        let cards: String = cards.iter().map(words_of_card).collect();
        let waiting: String = rewards
            .iter()
            .filter(|r| matches!(r.state, ledger::RewardState::Pending | ledger::RewardState::Review))
            .map(|r| referrals::words_of_waiting(&store, r))
            .collect();
        format!("{}\n{waiting}{cards}{lines}", words(&store, &member))
    });
    Ok(())
}

fn found(member: Option<Member>, field: &str, value: &str) -> Result<Member> {
    Ok(member.ok_or_else(|| Refusal::of(Code::UnknownMember, field, value))?)
}

/// `member list`: `total` counts those there are, also beyond the limit; of a search, those found.
pub fn list(place: &Place, args: &MemberList, out: Out) -> Result<()> {
    let store = place.open()?;
    let (mut members, mut total) = (Vec::new(), 0);
    if let Some(text) = &args.search {
        members = store.search(text, args.limit)?.members;
        total = members.len();
    } else {
        store.each_member(|member| {
            total += 1;
            if members.len() < args.limit {
                members.push(member);
            }
            Ok(())
        })?;
    }
    let json = json!({"total": total, "members": members.iter().map(json_of).collect::<Vec<_>>()});
    out.say(&json, || {
        let mut text = String::new();
        for m in &members {
            let phone = m.phone.as_ref().map_or_else(String::new, Phone::display);
            let name = if m.name.is_empty() { "-" } else { &m.name };
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{phone:<18} {name:<28} {:>10}  {}",
                grouped(m.balance),
                counted(m.visits, "visit")
            );
        }
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        format!(
            "{text}{} of {}.",
            grouped(number(members.len())),
            counted(number(total), "member")
        )
    });
    Ok(())
}

fn json_of(m: &Member) -> Value {
    json!({
        "member_id": m.member_id, "code": m.code, "phone": m.phone, "name": m.name, "email": m.email,
        "email_consent": m.email_consent, "enrolled_at": m.enrolled_at.rfc3339(), "visits": m.visits,
        "birthday": m.birthday.map(|b| b.to_string()),
        "last_visit_at": m.last_visit_at.map(loyalty::UtcMs::rfc3339), "balance": m.balance, "spendable": m.spendable,
    })
}

fn json_of_line(l: &Line) -> Value {
    json!({
        "entry_id": l.entry, "at": l.at.rfc3339(), "kind": l.kind, "points": l.points, "by": l.by_name,
        "approved_by": l.approved_by,
        "total_minor": l.total_minor, "source": l.source, "sale_id": l.sale_id, "reward": l.reward,
        "reasons": l.reasons, "rules_version": l.rules_version, "reverses": l.reverses, "reversed": l.reversed,
    })
}

fn json_of_card(c: &Stamps) -> Value {
    json!({
        "card": c.name, "buy": c.buy, "free": c.free, "gives": c.gives, "stamps": c.stamps, "on_card": c.on_card,
        "claimable": c.claimable,
    })
}

fn words_of_card(c: &Stamps) -> String {
    let full = match c.claimable {
        0 => String::new(),
        1 => format!(", and a full card: {}", c.gives),
        n => format!(", and {n} full cards, each {}", c.gives),
    };
    format!("  {}: {} of {} stamps{full}\n", c.name, c.on_card, c.buy)
}

fn words(store: &Store, m: &Member) -> String {
    let zone = store.shop().zone;
    let phone = m.phone.as_ref().map_or_else(|| "no number".to_owned(), Phone::display);
    let name = if m.name.is_empty() { "No name" } else { &m.name };
    let email = match (m.email.is_empty(), m.email_consent) {
        (true, _) => String::new(),
        (false, true) => format!("\n{} (agreed to mail)", m.email),
        (false, false) => format!("\n{} (no mail)", m.email),
    };
    let birthday = m.birthday.map_or_else(String::new, |b| format!("\nBirthday {b}"));
    let code = MemberCode::read(&m.code).map_or_else(|| m.code.clone(), |c| c.to_string());
    let last = m
        .last_visit_at
        .map_or_else(String::new, |at| format!(", the last on {}", local(at, zone)));
    format!(
        "{name}, {phone}{email}{birthday}\nBalance: {}. {}{last}.\nMember since {}. Code {code}. Id {}",
        points(m.balance),
        counted(m.visits, "visit"),
        local(m.enrolled_at, zone),
        m.member_id
    )
}

fn words_of_line(store: &Store, l: &Line) -> String {
    let shop = store.shop();
    let total = l
        .total_minor
        .map_or_else(String::new, |t| format!(" {}", money(Money::new(t, shop.currency))));
    let why = l.reward.clone().unwrap_or_else(|| l.reasons.join("; "));
    let reversed = if l.reversed { " (reversed)" } else { "" };
    format!(
        "  {}  {:<8} {:>14}{total}  {why}{reversed}  {}\n",
        local(l.at, shop.zone),
        l.kind.as_str(),
        change(l.points),
        l.entry
    )
}

/// Whoever is named by an id, a phone number or a code.
fn any(store: &Store, text: &str) -> Result<MemberId> {
    if let Ok(id) = text.parse::<MemberId>() {
        return Ok(found(store.member(Key::Id(id))?, "id", text)?.member_id);
    }
    if let Some(code) = MemberCode::read(text)
        && let Some(member) = store.member(Key::Code(&code))?
    {
        return Ok(member.member_id);
    }
    let phone = Phone::parse(text, store.shop().region)?;
    Ok(found(store.member(Key::Phone(&phone))?, "phone", text)?.member_id)
}

/// `member merge`.
pub fn merge(place: &Place, one: &str, other: &str, out: Out) -> Result<()> {
    let store = place.open()?;
    let (one, other) = (any(&store, one)?, any(&store, other)?);
    let card = store.merge_members(store.new_op(), place::actor(), one, other)?;
    let merged = store.merged_into(card)?;
    let balance = store.member(Key::Id(card))?.map_or(0, |m| m.balance);
    out.say(
        &json!({"member_id": card, "merged": merged, "balance": balance}),
        || format!("They are one member now, with {}.", crate::out::points(balance)),
    );
    Ok(())
}

/// `member unmerge`.
pub fn unmerge(place: &Place, member_id: &str, out: Out) -> Result<()> {
    let store = place.open()?;
    let member = member_id
        .parse::<MemberId>()
        .map_err(|_| loyalty::Refusal::of(loyalty::Code::UnknownMember, "member_id", member_id))?;
    store.unmerge_member(store.new_op(), place::actor(), member)?;
    out.say(&json!({"member_id": member}), || {
        "They are two members again.".to_owned()
    });
    Ok(())
}
