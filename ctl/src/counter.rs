//! What is done at a counter: credit, redeem, reverse, adjust.

use ledger::{Credited, Key, Moved, Redemption, Shop, Store};
use link::Client;
use loyalty::op::SaleKey;
use loyalty::rules::Move;
use loyalty::{Code, EntryId, Item, MemberId, Money, Phone, Points, Refusal, Sale, Who};
use secrets::Secrets;
use serde_json::{Value, json};

use crate::args::Credit;
use crate::failure::{Failure, Result};
use crate::out::{Out, change, local, money, points};
use crate::place::{self, Place};

/// The source of sales that nobody numbered: they bear the id of their operation, as at the window's counter.
const SOURCE_COUNTER: &str = "counter";

/// `credit`.
pub fn credit(place: &Place, args: &Credit, out: Out) -> Result<()> {
    let store = place.open()?;
    let sale = sale(&store, args)?;
    let (op, enrol, total) = (store.new_op(), args.enrol, sale.total);
    let done = store.write(move |tx| {
        if let (Who::Phone(phone), false) = (&sale.who, enrol) {
            tx.member(Key::Phone(phone))?;
        }
        tx.credit(op, &place::by(), &sale)
    })?;
    out.say(&json_of_credit(&done), || words_of_credit(&store, &done, total));
    Ok(())
}

fn sale(store: &Store, args: &Credit) -> Result<Sale> {
    let shop = store.shop();
    let field = |field: &'static str| {
        move |mut r: Refusal| {
            field.clone_into(&mut r.field);
            r
        }
    };
    let (source, sale_id) = match &args.sale_id {
        Some(id) => (args.source.clone(), id.clone()),
        None => (SOURCE_COUNTER.to_owned(), store.new_op().to_string()),
    };
    let mut items = Vec::new();
    for text in &args.item {
        items.extend(Item::parse_list(text)?);
    }
    let at = args
        .at
        .as_deref()
        .map(|t| shop.zone.read(t).map_err(field("at")))
        .transpose()?;
    Ok(Sale {
        source,
        sale_id,
        who: Who::Phone(Phone::parse(&args.phone, shop.region)?),
        total: Money::parse_total(&args.total, shop.currency).map_err(field("total"))?,
        tax_minor: share(shop, args.tax.as_deref()).map_err(field("tax"))?,
        tip_minor: share(shop, args.tip.as_deref()).map_err(field("tip"))?,
        items,
        occurred_at: at.unwrap_or_else(|| store.now()),
    })
}

/// What of a total is tax, or tip; 0 where nobody said.
pub fn share(shop: &Shop, text: Option<&str>) -> std::result::Result<i64, Refusal> {
    text.map_or(Ok(0), |text| Ok(Money::parse_total(text, shop.currency)?.minor))
}

fn json_of_credit(done: &Credited) -> Value {
    let mut json = json!({
        "move": done.move_, "points": done.points, "balance": done.balance, "entry_id": done.entry,
        "reasons": done.reasons, "member_id": done.member, "announces": done.announces,
    });
    let Some(map) = json.as_object_mut() else {
        return json;
    };
    if let Some(before) = done.before {
        map.insert("duplicate".into(), true.into());
        map.insert("recorded_at".into(), before.rfc3339().into());
        map.insert("reversed".into(), done.reversed.into());
    }
    if done.birthday_bonus > 0 {
        map.insert("birthday_bonus".into(), done.birthday_bonus.into());
    }
    if done.enrolled {
        map.insert("enrolled".into(), true.into());
    }
    json
}

fn words_of_credit(store: &Store, done: &Credited, total: Money) -> String {
    let reasons = done.reasons.join("; ");
    let what = match (done.before, done.move_) {
        (Some(before), _) => {
            let since = if done.reversed { ", and taken back since" } else { "" };
            let when = local(before, store.shop().zone);
            format!("This sale was recorded on {when}{since}. Nothing was added.")
        }
        (None, Move::Skip) => format!("{} recorded, no points. {reasons}.", money(total)),
        (None, Move::Hold) => format!("{} held for review: {reasons}.", money(total)),
        (None, Move::Add | Move::AddReward) => format!("{} for {} ({reasons}).", change(done.points), money(total)),
    };
    let reward = done
        .announces
        .as_ref()
        .map_or_else(String::new, |r| format!("\nNow within reach: {r}."));
    let entry = done.entry.map_or_else(String::new, |e| format!("\nLine {e}"));
    let birthday = match done.birthday_bonus {
        0 => String::new(),
        bonus => format!("\nBirthday bonus: {}.", change(bonus)),
    };
    format!("{what}{birthday} Balance: {}.{reward}{entry}", points(done.balance))
}

/// What the options of `redeem` name.
pub fn what(reward: Option<String>, lots: i64, stamps: Option<String>) -> Redemption {
    match stamps {
        Some(card) => Redemption::Card { card },
        None => Redemption::Reward {
            name: reward.unwrap_or_default(),
            lots,
        },
    }
}

/// `redeem`.
pub fn redeem(place: &Place, phone: &str, what: Redemption, with: Option<SaleKey>, out: Out) -> Result<()> {
    let store = place.open()?;
    let member = member(&store, phone)?;
    let lots = match &what {
        Redemption::Reward { lots, .. } => Some(*lots),
        Redemption::Card { .. } => None,
    };
    let redeems = link::Redeems {
        op: store.new_op(),
        by: place::by(),
        member,
        what,
        with,
        // Whoever can run this program may do what a manager may.
        approver: Some(place::actor()),
    };
    let hurried = || Client::of_till(&store, &Secrets::open(link::SERVICE, store.dir())?);
    let moved = link::redeem(&store, &redeems, hurried).map_err(|e| elsewhere(&store, member, e))?;
    if store.relay()?.is_some() {
        link::keep_mark(&store, &Secrets::open(link::SERVICE, store.dir())?)?;
    }
    let more = [("reward", json!(moved.reward)), ("lots", json!(lots))];
    say_moved(out, &moved, &more, || {
        let reward = moved.reward.as_deref().unwrap_or_default();
        match lots {
            Some(1) => format!("{reward} given for {}.", points(-moved.points)),
            Some(lots) => format!("{reward} given {lots} times for {}.", points(-moved.points)),
            None => format!("{reward}: given for stamps."),
        }
    });
    Ok(())
}

/// Where points are missing here that other tills hold, it says which.
fn elsewhere(store: &Store, member: MemberId, error: ledger::Error) -> Failure {
    match error {
        ledger::Error::Refused(refusal) if refusal.code == Code::NotEnoughPoints => match store.tills_holding(member) {
            Ok(tills) if !tills.is_empty() => Failure::Elsewhere(refusal, tills),
            _ => refusal.into(),
        },
        e => e.into(),
    }
}

/// `reverse`.
pub fn reverse(place: &Place, entry: &str, out: Out) -> Result<()> {
    let store = place.open()?;
    let unknown = |_| Refusal::of(Code::UnknownEntry, "entry_id", entry);
    let reverses: EntryId = entry.parse().map_err(unknown)?;
    let hurried = || Client::of_till(&store, &Secrets::open(link::SERVICE, store.dir())?);
    link::word_on_line(&store, reverses, hurried)?;
    let moved = store.reverse(store.new_op(), place::actor(), reverses)?;
    say_moved(out, &moved, &[("reverses", json!(reverses))], || {
        format!("Reversed: {}.", change(moved.points))
    });
    Ok(())
}

/// `adjust`.
pub fn adjust(place: &Place, phone: &str, points: Points, reason: String, out: Out) -> Result<()> {
    let store = place.open()?;
    let member = member(&store, phone)?;
    let moved = store.adjust(store.new_op(), place::actor(), member, points, reason)?;
    say_moved(out, &moved, &[], || format!("Adjusted: {}.", change(moved.points)));
    Ok(())
}

fn member(store: &Store, phone: &str) -> Result<MemberId> {
    let phone = Phone::parse(phone, store.shop().region)?;
    let unknown = || Refusal::of(Code::UnknownMember, "phone", phone.e164());
    Ok(store.member(Key::Phone(&phone))?.ok_or_else(unknown)?.member_id)
}

fn say_moved(out: Out, moved: &Moved, more: &[(&str, Value)], words: impl FnOnce() -> String) {
    let mut json = json!({
        "entry_id": moved.entry, "member_id": moved.member, "points": moved.points, "balance": moved.balance,
    });
    if let Some(map) = json.as_object_mut() {
        map.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    out.say(&json, || {
        format!("{} Balance: {}.\nLine {}", words(), points(moved.balance), moved.entry)
    });
}
