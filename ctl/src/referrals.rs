//! Referrals: what came of them, what is due, and what seemed odd.

use ledger::{Funnel, Referral, ReferralReward, Store};
use loyalty::{Code, OpId, Refusal};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::args::ReferralsCommand;
use crate::failure::Result;
use crate::out::{Out, counted, local, points};
use crate::place::{self, Place};

/// `referrals`.
pub fn run(place: &Place, what: &ReferralsCommand, out: Out) -> Result<()> {
    let store = place.open()?;
    match what {
        ReferralsCommand::Funnel { csv: false } => funnel(&store, out),
        ReferralsCommand::Funnel { csv: true } => as_csv(&store),
        ReferralsCommand::Work => work(&store, out),
        ReferralsCommand::Odd => odd(&store, out),
        ReferralsCommand::Allow { reward } => decide(&store, reward, true, out),
        ReferralsCommand::Reject { reward } => decide(&store, reward, false, out),
    }
}

fn funnel(store: &Store, out: Out) -> Result<()> {
    let codes = store.funnel()?;
    let mut total = Funnel::default();
    for c in &codes {
        total.clicks += c.clicks;
        total.visitors += c.visitors;
        total.joined += c.joined;
        total.bought += c.bought;
        total.rewarded += c.rewarded;
        total.points += c.points;
    }
    let json = json!({"codes": codes, "total": total});
    out.say(&json, || {
        let row = |name: &str, f: &Funnel| {
            format!(
                "{name:<24} {:>8} {:>8} {:>8} {:>8} {:>8}  {}\n",
                f.clicks,
                f.visitors,
                f.joined,
                f.bought,
                f.rewarded,
                points(f.points)
            )
        };
        let mut text = format!(
            "{:<24} {:>8} {:>8} {:>8} {:>8} {:>8}\n",
            "code", "clicks", "unique", "joined", "bought", "rewarded"
        );
        for code in &codes {
            text.push_str(&row(&code.code, code));
        }
        text.push_str(&row("in all", &total));
        text
    });
    Ok(())
}

fn as_csv(store: &Store) -> Result<()> {
    let mut csv = csv::Writer::from_writer(std::io::stdout().lock());
    let failed = |e: csv::Error| place::io(std::path::Path::new("standard output"))(e.into());
    csv.write_record(["code", "clicks", "unique", "joined", "bought", "rewarded", "points"])
        .map_err(failed)?;
    for f in store.funnel()? {
        let numbers = [f.clicks, f.visitors, f.joined, f.bought, f.rewarded, f.points];
        let row = std::iter::once(f.code).chain(numbers.map(|n| n.to_string()));
        csv.write_record(row).map_err(failed)?;
    }
    csv.flush().map_err(place::io(std::path::Path::new("standard output")))
}

fn work(store: &Store, out: Out) -> Result<()> {
    let operations = store.look_after_referrals()?;
    out.say(&json!({"operations": operations}), || match operations {
        0 => "Nothing was due.".to_owned(),
        n => format!("Done: {}.", counted(i64::try_from(n).unwrap_or(i64::MAX), "operation")),
    });
    Ok(())
}

fn odd(store: &Store, out: Out) -> Result<()> {
    let odd = store.odd_rewards()?;
    let json = json!({"rewards": odd.iter().map(json_of_reward).collect::<Vec<_>>()});
    out.say(&json, || {
        let mut text = String::new();
        for r in &odd {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}  {}: {}", r.reward, points(r.points), r.doubts.join("; "));
        }
        if odd.is_empty() {
            text.push_str("Nothing seems odd.");
        }
        text
    });
    Ok(())
}

fn decide(store: &Store, reward: &str, allowed: bool, out: Out) -> Result<()> {
    let id = reward
        .parse()
        .map(OpId)
        .map_err(|_| Refusal::of(Code::UnknownReferralReward, "reward", reward))?;
    store.decide_reward(store.new_op(), place::actor(), id, allowed)?;
    out.say(&json!({"reward": id, "allowed": allowed}), || {
        match allowed {
            true => "It is granted when its hold is over.",
            false => "It is not granted.",
        }
        .to_owned()
    });
    Ok(())
}

/// Who brought a member.
pub fn json_of_referral(r: &Referral) -> Value {
    json!({"code": r.code, "member_id": r.referrer, "at": r.at.rfc3339(), "refused": r.refused})
}

/// A reward, and what came of it.
pub fn json_of_reward(r: &ReferralReward) -> Value {
    json!({
        "reward": r.reward, "friend": r.friend, "side": r.side, "for": r.step, "points": r.points, "state": r.state,
        "due_at": r.due_at.rfc3339(), "entry_id": r.entry, "reasons": r.reasons, "doubts": r.doubts,
    })
}

/// One that waits, in a line.
pub fn words_of_waiting(store: &Store, r: &ReferralReward) -> String {
    let until = match r.state {
        ledger::RewardState::Review => "somebody has looked at it".to_owned(),
        _ => local(r.due_at, store.shop().zone),
    };
    format!("  {} wait until {until}: {}\n", points(r.points), r.reasons.join("; "))
}
