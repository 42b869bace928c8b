//! Trying rules on a sale that is only typed.

use ledger::{Key, Store};
use loyalty::rules::Move;
use loyalty::{Code, Item, MemberId, Money, Phone, Refusal};
use serde_json::json;

use crate::args::Try;
use crate::counter;
use crate::failure::Result;
use crate::out::{Out, change, points};
use crate::place::Place;
use crate::rules;

/// `rules try`.
pub fn run(place: &Place, args: &Try, out: Out) -> Result<()> {
    let store = place.open()?;
    let draft = args
        .file
        .as_deref()
        .map(|file| rules::draft(file, store.shop().currency))
        .transpose()?;
    let tried = store.try_sale(draft.as_ref(), &sale(&store, args)?)?;
    let version = if draft.is_some() {
        None
    } else {
        Some(store.rules()?.version)
    };
    let decision = &tried.decision;
    let json = json!({
        "move": decision.move_, "points": decision.points, "reasons": decision.reasons,
        "announces": decision.announces, "balance_after": tried.balance_after, "rules_version": version,
    });
    out.say(&json, || {
        let what = match decision.move_ {
            Move::Skip => "No points.".to_owned(),
            Move::Hold => format!("Held for review, {}.", change(decision.points)),
            Move::Add | Move::AddReward => format!("{}.", change(decision.points)),
        };
        let reasons: String = decision.reasons.iter().map(|r| format!("\n  {r}")).collect();
        let reward = decision
            .announces
            .as_ref()
            .map_or_else(String::new, |r| format!("\nWithin reach: {r}."));
        format!(
            "{what}{reasons}{reward}\nBalance after it: {}. Nothing was recorded.",
            points(tried.balance_after)
        )
    });
    Ok(())
}

fn sale(store: &Store, args: &Try) -> Result<ledger::Try> {
    let shop = store.shop();
    let field = |name: &'static str| {
        move |r: Refusal| Refusal {
            field: name.to_owned(),
            ..r
        }
    };
    let mut items = Vec::new();
    for text in &args.item {
        items.extend(Item::parse_list(text)?);
    }
    Ok(ledger::Try {
        member: args.phone.as_deref().map(|phone| member(store, phone)).transpose()?,
        tier: None,
        total: Money::parse_total(&args.total, shop.currency).map_err(field("total"))?,
        tax_minor: counter::share(shop, args.tax.as_deref()).map_err(field("tax"))?,
        tip_minor: counter::share(shop, args.tip.as_deref()).map_err(field("tip"))?,
        items,
        at: args
            .at
            .as_deref()
            .map(|at| shop.zone.read(at).map_err(field("at")))
            .transpose()?,
    })
}

fn member(store: &Store, phone: &str) -> Result<MemberId> {
    let phone = Phone::parse(phone, store.shop().region)?;
    let unknown = || Refusal::of(Code::UnknownMember, "phone", phone.e164());
    Ok(store.member(Key::Phone(&phone))?.ok_or_else(unknown)?.member_id)
}
