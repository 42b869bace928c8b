//! `rules backtest`: draft rules over the shop's past, with a bar while it runs; Ctrl-C stops it.

use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Key, Progress, Store};
use loyalty::Money;
use loyalty::backtest::{Change, Report, Side};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Failure, Result};
use crate::out::{Out, change, counted, grouped, local, money};
use crate::place::Place;
use crate::rules;

/// How a shell names the end by Ctrl-C.
const STOPPED: u8 = 130;
/// The bar moves after so many sales.
const STEP: i64 = 4096;

/// Runs it. Nothing is recorded, so that nothing has to be undone where it is stopped.
pub fn run(place: &Place, file: &Path, out: Out) -> Result<ExitCode> {
    let store = place.open()?;
    let stop = stopped_by_ctrl_c()?;
    let draft = rules::draft(file, store.shop().currency)?;
    let bar = bar();
    let watch = |p: Progress| {
        if p.done % STEP == 0 {
            bar.set_length(p.of.unsigned_abs());
            bar.set_position(p.done.unsigned_abs());
        }
        if stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let report = store.backtest(&draft, watch)?;
    bar.finish_and_clear();
    let Some(report) = report else {
        out.say(&json!({"stopped": true}), || "Stopped. Nothing was changed.".to_owned());
        return Ok(ExitCode::from(STOPPED));
    };
    out.say(&json_of(&store, &report)?, || words(&store, &report));
    Ok(ExitCode::SUCCESS)
}

fn stopped_by_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    let failed = |e: ctrlc::Error| Failure::usage(format!("Ctrl-C can't be listened for: {e}."));
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed)).map_err(failed)?;
    Ok(stop)
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}") {
        Ok(style) => bar.with_style(style).with_message("Back-testing"),
        Err(_) => bar,
    }
}

fn json_of(store: &Store, report: &Report) -> Result<Value> {
    let side = |s: &Side| {
        json!({
            "points": s.points, "stamps": s.stamps, "cost_minor": s.cost_minor,
            "moves": {"skip": s.skip, "add": s.add, "add_reward": s.add_reward, "hold": s.hold},
        })
    };
    let named = |list: &[Change]| {
        list.iter()
            .map(|c| json_of_change(store, c))
            .collect::<Result<Vec<_>>>()
    };
    Ok(json!({
        "sales": report.sales, "walk_ins": report.walk_ins, "different": report.different,
        "from": report.from.map(loyalty::UtcMs::rfc3339), "to": report.to.map(loyalty::UtcMs::rfc3339),
        "then": side(&report.then), "now": side(&report.now),
        "members": {"gain": report.gain, "lose": report.lose, "same": report.same},
        "winners": named(&report.winners)?, "losers": named(&report.losers)?, "months": report.months,
    }))
}

fn json_of_change(store: &Store, c: &Change) -> Result<Value> {
    let name = store.member(Key::Id(c.member))?.map(|m| m.name);
    Ok(json!({"member_id": c.member, "name": name, "then": c.then, "now": c.now, "change": c.now - c.then}))
}

fn words(store: &Store, r: &Report) -> String {
    let (zone, currency) = (store.shop().zone, store.shop().currency);
    let Some((from, to)) = r.from.zip(r.to) else {
        return "There are no sales yet to test these rules on.".to_owned();
    };
    let cost = |s: &Side| {
        s.cost_minor
            .map_or_else(|| "not stated".to_owned(), |m| money(Money::new(m, currency)))
    };
    let mut text = format!(
        "{} from {} to {}.\n\n",
        counted(r.sales, "sale"),
        local(from, zone),
        local(to, zone)
    );
    let mut row = |what: &str, then: String, now: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{what:<22}{then:>14}{now:>14}");
    };
    let sales = |n: i64| grouped(n);
    row("", "as it was".into(), "by the draft".into());
    row("Points", grouped(r.then.points), grouped(r.now.points));
    if (r.then.stamps, r.now.stamps) != (0, 0) {
        row("Stamps", grouped(r.then.stamps), grouped(r.now.stamps));
    }
    row("Cost at most", cost(&r.then), cost(&r.now));
    row("Skipped", sales(r.then.skip), sales(r.now.skip));
    row("Added", sales(r.then.add), sales(r.now.add));
    row(
        "Added, with a reward",
        sales(r.then.add_reward),
        sales(r.now.add_reward),
    );
    row("Held", sales(r.then.hold), sales(r.now.hold));
    let _ = write!(
        text,
        "\nAnother outcome: {}. More points: {}. Fewer: {}. As many: {}.",
        counted(r.different, "sale"),
        counted(r.gain, "member"),
        grouped(r.lose),
        grouped(r.same)
    );
    for (what, list) in [("Who gains most", &r.winners), ("Who loses most", &r.losers)] {
        if !list.is_empty() {
            let _ = write!(text, "\n\n{what}:");
        }
        for c in list {
            let _ = write!(text, "\n  {:>14}  {}", change(c.now - c.then), name(store, c));
        }
    }
    text
}

fn name(store: &Store, c: &Change) -> String {
    let member = store.member(Key::Id(c.member)).ok().flatten();
    member
        .map(|m| m.name)
        .filter(|n| !n.is_empty())
        .unwrap_or_else(|| c.member.to_string())
}
