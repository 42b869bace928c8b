//! `pair`, `sync` and `state-hash`: this till as one of several.

use ledger::{Options, Store};
use link::{Keeper, Told, Wake, keep};
use secrets::Secrets;
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::failure::{Failure, Result};
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
        let then = match (paired.shop_seq, paired.pins) {
            (0, false) => "Nothing was done in it yet. In the app, the first who opens it becomes its owner.".to_owned(),
            (_, true) => format!("{waits} to download: regularsctl sync --once."),
            (_, false) => format!(
                "{waits} to download: regularsctl sync --once.\nStaff can't sign in here with their PINs: this code came \
                 without their secret. An owner chooses one anew in the app; it works at this till alone."
            ),
        };
        format!("This till belongs to {} now. {then}", paired.shop)
    });
    Ok(())
}

/// `sync --once`.
pub fn sync(place: &Place, out: Out) -> Result<()> {
    let dir = place.dir()?;
    // Says clearly where there is no shop.
    drop(place.open()?);
    let secrets = Secrets::open(link::SERVICE, dir)?;
    say(&link::sync(dir, &secrets, |_| {})?, out);
    Ok(())
}

fn say(report: &link::Report, out: Out) {
    out.say(report, || {
        format!(
            "Sent {}, received {}; {} wait here. The shop is at {}.",
            grouped(report.pushed),
            grouped(report.pulled),
            grouped(report.pending),
            grouped(report.shop_seq)
        )
    });
}

/// `sync`: a line for whatever moved, and for each time the relay is lost; longer waits while it is.
pub fn keep_syncing(place: &Place, out: Out) -> Result<()> {
    let store = place.open()?;
    let dir = store.dir().to_owned();
    let secrets = Secrets::open(link::SERVICE, &dir)?;
    let keeper = Keeper::new();
    let stop = keeper.waker();
    let heard = ctrlc::set_handler(move || {
        // Where nobody listens any more it has stopped.
        let _ = stop.send(Wake::Stop);
    });
    heard.map_err(|e| Failure::usage(format!("Ctrl-C can't be heard here: {e}.")))?;
    let mut store = Arc::new(store);
    let opened = |anew: bool| {
        if anew {
            store = Arc::new(Store::open(&dir, Options::default())?);
        }
        Ok(Arc::clone(&store))
    };
    let (mut lost, mut ended) = (false, None);
    keep(&keeper, &secrets, opened, |told| {
        match told {
            Told::Synced(report) if lost || report.pushed + report.pulled > 0 => {
                lost = false;
                say(report, out);
            }
            Told::Lost(e) if !e.passes() => {
                ended = Some(e);
                return ControlFlow::Break(());
            }
            Told::Lost(e) => {
                if !lost {
                    out.failed(&e.into());
                }
                lost = true;
            }
            Told::Synced(_) | Told::Moving(_) => {}
        }
        ControlFlow::Continue(())
    });
    ended.map_or(Ok(()), |e| Err(e.into()))
}

/// `state-hash`.
pub fn state_hash(place: &Place, out: Out) -> Result<()> {
    let hash = place.open()?.state_hash()?;
    out.say(&json!({"state_hash": hash}), || hash.clone());
    Ok(())
}
