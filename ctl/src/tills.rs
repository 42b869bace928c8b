//! `pair`, `sync` and `state-hash`: this till as one of several.

use secrets::Secrets;
use serde_json::json;

use crate::failure::Result;
use crate::out::{Out, counted, grouped};
use crate::place::Place;

/// `pair`.
pub fn pair(place: &Place, code: &str, relay: &str, till: &str, out: Out) -> Result<()> {
    let dir = place.dir()?;
    std::fs::create_dir_all(dir).map_err(crate::place::io(dir))?;
    let secrets = Secrets::open(link::SERVICE, dir)?;
    let paired = link::pair(dir, &secrets, code, relay, till)?;
    let json = json!({"shop": paired.shop, "shop_seq": paired.shop_seq, "pins": paired.pins});
    out.say(&json, || {
        let waits = counted(paired.shop_seq, "operation");
        let pins = if paired.pins {
            ""
        } else {
            "\nPINs don't work here until an owner sets them anew."
        };
        format!(
            "This till belongs to {} now. {waits} to download: regularsctl sync --once.{pins}",
            paired.shop
        )
    });
    Ok(())
}

/// `sync --once`.
pub fn sync(place: &Place, out: Out) -> Result<()> {
    let dir = place.dir()?;
    // Says clearly where there is no shop.
    drop(place.open()?);
    let secrets = Secrets::open(link::SERVICE, dir)?;
    let report = link::sync(dir, &secrets, |_| {})?;
    out.say(&report, || {
        format!(
            "Sent {}, received {}; {} wait here. The shop is at {}.",
            grouped(report.pushed),
            grouped(report.pulled),
            grouped(report.pending),
            grouped(report.shop_seq)
        )
    });
    Ok(())
}

/// `state-hash`.
pub fn state_hash(place: &Place, out: Out) -> Result<()> {
    let hash = place.open()?.state_hash()?;
    out.say(&json!({"state_hash": hash}), || hash.clone());
    Ok(())
}
