//! Making a shop, and its figures.

use ledger::{NewShop, Options, Store};
use serde_json::json;

use crate::args::Init;
use crate::failure::Result;
use crate::out::{Out, counted, grouped};
use crate::place::Place;
use crate::rules;

/// `init`: a shop without staff; the till's first start asks for its owner.
pub fn init(place: &Place, new: &Init, out: Out) -> Result<()> {
    let currency: loyalty::Currency = new.currency.parse()?;
    let rules = match &new.rules {
        Some(file) => rules::read(file)?,
        None => loyalty::rules::default_document(currency),
    };
    let new = NewShop {
        name: new.shop.clone(),
        currency: new.currency.clone(),
        region: new.region.clone(),
        timezone: new.timezone.clone(),
        till_name: new.till.clone(),
        rules,
        owner: None,
    };
    let store = Store::init(place.dir()?, &new, Options::default())?;
    let (shop, version) = (store.shop(), store.rules()?.version);
    let json = json!({
        "shop_id": shop.shop_id, "till_id": shop.till_id, "shop": shop.name, "till": shop.till_name,
        "currency": shop.currency, "region": shop.region.letters(), "timezone": shop.zone.name(),
        "rules_version": version, "data": store.dir(),
    });
    out.say(&json, || {
        format!(
            "{} is open: {}, phone numbers of {}, days of {}.\nIts rules:\n{}\nIts folder: {}",
            shop.name,
            shop.currency.letters(),
            shop.region.letters(),
            shop.zone.name(),
            indented(&new.rules),
            store.dir().display()
        )
    });
    Ok(())
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|l| format!("  {l}\n"))
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// `stats`.
pub fn stats(place: &Place, out: Out) -> Result<()> {
    let store = place.open()?;
    let stats = store.stats()?;
    out.say(&stats, || {
        format!(
            "{}, {}.\nPoints issued:      {}\nPoints redeemed:    {}\nPoints expired:     {}\nPoints outstanding: {}",
            counted(stats.members, "member"),
            counted(stats.sales, "sale"),
            grouped(stats.points_issued),
            grouped(stats.points_redeemed),
            grouped(stats.points_expired),
            grouped(stats.points_outstanding)
        )
    });
    Ok(())
}
