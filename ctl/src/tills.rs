//! `pair`, `sync` and `state-hash`: this till as one of several.

use ledger::{Ids, SystemIds};
use secrets::Secrets;
use serde_json::json;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

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

/// How often a till that can reach its relay asks for news.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// `sync`: a line for whatever moved, and for each time the relay is lost; longer waits while it is.
pub fn keep_syncing(place: &Place, out: Out) -> Result<()> {
    let dir = place.dir()?;
    drop(place.open()?);
    let secrets = Secrets::open(link::SERVICE, dir)?;
    let (stop, stopped) = channel();
    let heard = ctrlc::set_handler(move || {
        // Where nobody listens any more it has stopped.
        let _ = stop.send(());
    });
    heard.map_err(|e| Failure::usage(format!("Ctrl-C can't be heard here: {e}.")))?;
    let mut failures = 0;
    loop {
        let wait = match link::sync(dir, &secrets, |_| {}) {
            Ok(report) => {
                if failures > 0 || report.pushed + report.pulled > 0 {
                    say(&report, out);
                }
                failures = 0;
                ASK_EVERY
            }
            Err(e) if e.passes() => {
                failures += 1;
                let asked = e.retry_ms();
                if failures == 1 {
                    out.failed(&e.into());
                }
                let random = SystemIds.random();
                let random = u64::from_le_bytes(std::array::from_fn(|i| random[i]));
                Duration::from_millis(link::wait_ms(failures, random, asked))
            }
            Err(e) => return Err(e.into()),
        };
        if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return Ok(());
        }
    }
}

/// `state-hash`.
pub fn state_hash(place: &Place, out: Out) -> Result<()> {
    let hash = place.open()?.state_hash()?;
    out.say(&json!({"state_hash": hash}), || hash.clone());
    Ok(())
}
