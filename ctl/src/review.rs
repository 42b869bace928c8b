//! Held sales and what comes after a sale: deciding, refunding, letting points expire.

use ledger::{Decision, Held, Store};
use loyalty::{Money, Refusal};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::args::{self, ReviewCommand};
use crate::failure::Result;
use crate::out::{Out, change, counted, local, money, points};
use crate::place::{self, Place};

/// `review …`.
pub fn run(place: &Place, what: ReviewCommand, out: Out) -> Result<()> {
    match what {
        ReviewCommand::List => list(place, out),
        ReviewCommand::Approve {
            sale_id,
            source,
            points,
            reason,
        } => {
            let decision = match (points, reason) {
                (Some(points), Some(reason)) => Decision::ApproveWith { points, reason },
                _ => Decision::Approve,
            };
            decide(place, source, sale_id, decision, out)
        }
        ReviewCommand::Reject {
            sale_id,
            source,
            reason,
        } => decide(place, source, sale_id, Decision::Reject { reason }, out),
    }
}

fn list(place: &Place, out: Out) -> Result<()> {
    let store = place.open()?;
    let held = store.held()?;
    let sales: Vec<Value> = held.iter().map(json_of).collect();
    out.say(&json!({"waiting": held.len(), "sales": sales}), || {
        let mut text: String = held.iter().map(|h| words_of(&store, h)).collect();
        let number = i64::try_from(held.len()).unwrap_or(i64::MAX);
        // Writing to a string does not fail.
        let _ = write!(text, "{} waiting.", counted(number, "held sale"));
        text
    });
    Ok(())
}

fn json_of(h: &Held) -> Value {
    json!({
        "source": h.source, "sale_id": h.sale_id, "member_id": h.member, "name": h.member_name, "phone": h.phone,
        "total_minor": h.total_minor, "points": h.points, "reasons": h.reasons,
        "occurred_at": h.occurred_at.rfc3339(), "held_at": h.held_at.rfc3339(), "by": h.by,
    })
}

fn words_of(store: &Store, h: &Held) -> String {
    let shop = store.shop();
    let who = [h.member_name.as_str(), h.phone.as_deref().unwrap_or_default()];
    let who: Vec<&str> = who.into_iter().filter(|w| !w.is_empty()).collect();
    let reasons: String = h.reasons.iter().map(|r| format!("    {r}\n")).collect();
    format!(
        "{}  {} ({})  {}  {}  {}\n{reasons}",
        local(h.occurred_at, shop.zone),
        h.sale_id,
        h.source,
        who.join(", "),
        money(Money::new(h.total_minor, shop.currency)),
        change(h.points)
    )
}

fn decide(place: &Place, source: String, sale_id: String, decision: Decision, out: Out) -> Result<()> {
    let store = place.open()?;
    let what = if matches!(decision, Decision::Reject { .. }) {
        "rejected"
    } else {
        "approved"
    };
    let (op, actor) = (store.new_op(), place::actor());
    let hurried = || link::Client::of_till(&store, &secrets::Secrets::open(link::SERVICE, store.dir())?);
    link::word_on_sale(&store, &source, &sale_id, hurried)?;
    let (entry, balance) = store.decide_held(op, actor, source.clone(), sale_id.clone(), decision)?;
    let json = json!({
        "source": source, "sale_id": sale_id, "decision": what, "entry_id": entry, "balance": balance,
    });
    out.say(&json, || {
        let line = entry.map_or_else(String::new, |e| format!("\nLine {e}"));
        format!("Sale {sale_id} is {what}. Balance: {}.{line}", points(balance))
    });
    Ok(())
}

/// `refund`.
pub fn refund(place: &Place, args: args::Refund, out: Out) -> Result<()> {
    let store = place.open()?;
    let currency = store.shop().currency;
    let op = store.new_op();
    let in_amount = |r: Refusal| Refusal {
        field: "amount".to_owned(),
        ..r
    };
    let amount = args
        .amount
        .as_deref()
        .map(|a| Money::parse_total(a, currency).map_err(in_amount))
        .transpose()?;
    let refund = ledger::Refund {
        source: args.source,
        sale_id: args.sale_id,
        refund_id: args.refund_id.unwrap_or_else(|| op.to_string()),
        amount,
    };
    let done = if args.preview {
        store.preview_refund(&refund)?
    } else {
        store.refund(op, place::by(), refund.clone())?
    };
    let mut json = json!({
        "source": refund.source, "sale_id": refund.sale_id, "refund_id": refund.refund_id, "member_id": done.member,
        "amount_minor": done.amount_minor, "points": done.points, "balance": done.balance, "whole": done.whole,
        "restored": done.restored,
    });
    if args.preview {
        // It has no number and no line yet.
        json["preview"] = true.into();
        json["refund_id"] = Value::Null;
    } else {
        json["entry_id"] = json!(done.entry);
        json["duplicate"] = done.before.into();
    }
    out.say(&json, || words_of_refund(&done, currency, args.preview));
    Ok(())
}

fn words_of_refund(done: &ledger::Refunded, currency: loyalty::Currency, preview: bool) -> String {
    let what = match (preview, done.before) {
        (true, _) => "Would be refunded",
        (_, true) => "This refund was recorded before; nothing was taken. Refunded then",
        _ => "Refunded",
    };
    let paid = money(Money::new(done.amount_minor, currency));
    let restored: String = done
        .restored
        .iter()
        .map(|r| format!("\nGiven back with it: {r}."))
        .collect();
    format!(
        "{what}: {paid}, {}. Balance: {}.{restored}",
        change(done.points),
        points(done.balance)
    )
}

/// `expire`.
pub fn expire(place: &Place, out: Out) -> Result<()> {
    let store = place.open()?;
    let expires = store.rules()?.rules.expiry().is_some();
    let members = store.expire()?;
    out.say(&json!({"members": members, "rules_expire": expires}), || {
        match (expires, members) {
            (false, _) => "By the rules in force, points never expire.".to_owned(),
            (true, 0) => "No points have run out of time.".to_owned(),
            (true, n) => format!(
                "Points expired: of {}.",
                counted(i64::try_from(n).unwrap_or(i64::MAX), "member")
            ),
        }
    });
    Ok(())
}
