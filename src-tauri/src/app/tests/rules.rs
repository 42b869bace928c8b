//! The rules in the owner's window: completing, formatting, taking back, trying, back-testing.

use std::cell::RefCell;

use super::*;
use crate::app::rules::STEP;
use crate::views::{BacktestProgress, Move, TryItem, TrySale};

const RULES: &str = "Earn 1 point per $1\nReward 100 points: Free coffee, costs $1.20\n";

fn owner() -> Rig {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    rig
}

fn sale(total: &str) -> TrySale {
    TrySale {
        total: total.to_owned(),
        ..TrySale::default()
    }
}

#[test]
fn what_fits_is_offered_and_what_is_written_is_tidied() {
    let rig = owner();
    let fits = rig.app.rules_complete("Earn 1 point p", 1, 15).unwrap();
    assert!(fits.iter().any(|fit| fit == "per"), "{fits:?}");
    let checked = rig
        .app
        .rules_check("earn   1 point per $1.00\nTier Gold at 10 points a year: earn x2 # !")
        .unwrap();
    let formatted = "Earn 1 point per $1\nTier Gold at 10 points a year: earn x2 # !\n";
    assert_eq!(
        (checked.formatted.as_deref(), checked.tiers),
        (Some(formatted), vec!["Gold".to_owned()])
    );
    assert_eq!(rig.app.rules_check("Ern").unwrap().formatted, None);
}

#[test]
fn an_older_version_comes_back_as_a_new_one() {
    let rig = owner();
    let first = rig.app.owner_context().unwrap().rules_text;
    rig.app.rules_publish(&op(), "Earn 3 points per $1\n").unwrap();
    let op_id = op();
    let context = rig.app.rules_roll_back(&op_id, 1).unwrap();
    assert_eq!((context.shop.rules_version, &context.rules_text), (3, &first));
    assert_eq!(rig.app.rules_roll_back(&op_id, 1).unwrap().shop.rules_version, 3);
    assert_eq!(code(rig.app.rules_roll_back(&op(), 9)), "missing");
}

#[test]
fn a_typed_sale_is_tried_on_the_draft_and_on_the_rules_in_force() {
    let rig = owner();
    let (maria, _) = rig.maria();
    let draft = "Earn 2 points per $1\nBonus 10 points for \"Flat white\"\nSkip sales under $2\nTier Gold at 999 points a year: earn x3\n";
    let tried = rig.app.rules_try(draft, &sale("1.50")).unwrap();
    let by_draft = tried.draft.unwrap();
    assert_eq!((by_draft.r#move, by_draft.points), (Move::Skip, 0));
    assert_eq!((tried.in_force.r#move, tried.in_force.points), (Move::Add, 1));
    let item = TryItem {
        name: " flat white ".to_owned(),
        quantity: 2,
        price: "9".to_owned(),
        ..TryItem::default()
    };
    let full = TrySale {
        items: vec![item.clone()],
        at: Some("2026-11-20T09:00".to_owned()),
        member_id: Some(maria),
        tier: Some("Gold".to_owned()),
        ..sale("10")
    };
    let tried = rig.app.rules_try(draft, &full).unwrap();
    assert_eq!(tried.draft.unwrap().points, 10 * 2 * 3 + 20);
    assert_eq!((tried.in_force.points, tried.in_force.balance_after), (10, 130));
    assert!(rig.app.rules_try("Ern", &sale("10")).unwrap().draft.is_none());

    let field = |sale: TrySale| refused(rig.app.rules_try(RULES, &sale)).1;
    assert_eq!(field(sale("ten")), "total");
    let tax = "x".to_owned();
    assert_eq!(field(TrySale { tax, ..sale("1") }), "tax");
    let tip = "2".to_owned();
    let tipped = rig.app.rules_try(RULES, &TrySale { tip, ..sale("12") }).unwrap();
    assert_eq!(tipped.in_force.points, 10, "tips earn nothing unless the rules say so");
    let at = Some("soon".to_owned());
    assert_eq!(field(TrySale { at, ..sale("1") }), "at");
    let with = |item: TryItem| TrySale {
        items: vec![item],
        ..sale("1")
    };
    let unpriced = TryItem {
        price: "x".to_owned(),
        ..item.clone()
    };
    assert_eq!(field(with(unpriced)), "items.0.price");
    let none = TryItem { quantity: 0, ..item };
    assert_eq!(field(with(none)), "items.0.quantity");
    assert_eq!(field(with(TryItem::default())), "items.0.name");
}

#[test]
fn a_draft_is_tested_on_the_past_and_can_be_stopped() {
    let rig = owner();
    rig.app.rules_publish(&op(), RULES).unwrap();
    rig.maria();
    let heard = RefCell::new(Vec::new());
    let hear = |progress: BacktestProgress| heard.borrow_mut().push(progress);
    let report = rig
        .app
        .rules_backtest("Earn 2 points per $1\nHold sales over $500\n", hear)
        .unwrap()
        .unwrap();
    assert_eq!((report.sales, report.different, report.gain), (1, 1, 1));
    assert_eq!((report.then.points, report.then.cost_minor), (120, Some(144)));
    assert_eq!((report.now.points, report.now.cost_minor), (240, None));
    assert_eq!(
        (
            report.winners[0].name.as_str(),
            report.winners[0].last4.as_str(),
            report.winners[0].now
        ),
        ("Maria Lopez", "0123", 240)
    );
    assert!(!report.winners[0].code.is_empty() && report.losers.is_empty());
    assert_eq!((report.months.len(), report.months[0].month.as_str()), (1, "2026-11"));
    assert_eq!(heard.take(), [BacktestProgress { done: 1, of: 1 }]);

    // The window's closing, here in the middle of it, stops it.
    let stopped = rig.app.rules_backtest(RULES, |_| rig.app.owner_closed()).unwrap();
    assert!(stopped.is_none());
    assert_eq!(code(rig.app.rules_backtest(RULES, |_| ())), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert!(
        rig.app
            .rules_backtest(RULES, |_| rig.app.stop_backtest())
            .unwrap()
            .is_none()
    );
    assert_eq!(code(rig.app.rules_backtest("Ern", |_| ())), "bad_rules");
}

/// A past of some chunks: it is told how far it is after each, never backwards, and stopped it ends within one.
#[test]
fn a_long_test_tells_how_far_it_is_and_ends_within_a_chunk_of_stop() {
    let rig = owner();
    let (maria, _) = rig.maria();
    let most = 3 * STEP + 100;
    let (store, _) = rig.app.owning().unwrap();
    let member = maria.parse().unwrap();
    let fill = move |tx: &ledger::Tx<'_>| {
        for n in 1..most {
            let sale = loyalty::Sale {
                source: "pos".to_owned(),
                sale_id: n.to_string(),
                who: loyalty::Who::Member(member),
                total: loyalty::Money::new(n % 900, tx.shop().currency),
                tax_minor: 0,
                tip_minor: 0,
                items: Vec::new(),
                occurred_at: tx.now(),
            };
            tx.credit(tx.new_op(), &loyalty::op::By::Job("test".to_owned()), &sale)?;
        }
        Ok(())
    };
    store.write(fill).unwrap();
    let heard = RefCell::new(Vec::new());
    let hear = |progress: BacktestProgress| {
        heard
            .borrow_mut()
            .push((i64::from(progress.done), i64::from(progress.of)))
    };
    let report = rig.app.rules_backtest("Earn 2 points per $1\n", hear).unwrap().unwrap();
    assert_eq!(i64::from(report.sales), most);
    let chunks = (1..=3).map(|n| n * STEP).chain([most]);
    assert_eq!(heard.take(), chunks.map(|done| (done, most)).collect::<Vec<_>>());

    // Stopped while the second chunk is told: nothing more is heard, and nothing comes of it.
    let stop = |progress: BacktestProgress| {
        hear(progress);
        if i64::from(progress.done) == 2 * STEP {
            rig.app.stop_backtest();
        }
    };
    assert!(
        rig.app
            .rules_backtest("Earn 2 points per $1\n", stop)
            .unwrap()
            .is_none()
    );
    assert_eq!(heard.take(), [(STEP, most), (2 * STEP, most)]);
    // The next one is not stopped with it.
    assert!(rig.app.rules_backtest(RULES, |_| ()).unwrap().is_some());
}

#[test]
fn only_the_owners_window_may() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.rules_complete("", 1, 1)), "locked");
    assert_eq!(code(rig.app.rules_roll_back(&op(), 1)), "locked");
    assert_eq!(code(rig.app.rules_try("", &sale("1"))), "locked");
    assert_eq!(code(rig.app.rules_backtest(RULES, |_| ())), "locked");
}
