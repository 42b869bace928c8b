//! The past as it is streamed, and rules tried on it.

use ledger::{Actor, Decision, Refund};
use loyalty::backtest::Past;
use loyalty::rules::{Move, Rules};
use loyalty::{Item, Money, Sale, UtcMs};
use std::ops::ControlFlow;

use crate::support::{TestShop, by, manager, sale, shop_with};

const RULES: &str = "Earn 1 point per $1\nBonus 5 points for \"Tea\"\nBonus 10 points on every 7th visit\nSkip sales under $2\n\
    Double points on Tuesday 14:00-17:00\nHold sales over $90\nHold a member's 3rd sale within 12 hours\n\
    Tier Gold at 400 points a year: earn x1.5, grace 2 months\nTier Regular at $300 a year: earn x1.2\nReward 100 points: Free coffee, costs $1.20\n";
const MEMBERS: u32 = 12;

/// A year and a half of a busy little shop: sales, wrong ones taken back, refunds, held ones decided, rewards. The
/// same every time.
fn lived(rules: &str) -> TestShop {
    let s = shop_with(rules, None);
    let mut dice = 88_172_645_463_325_252_u64;
    let mut roll = |sides: u32| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        u32::try_from(dice % u64::from(sides)).unwrap()
    };
    for n in 0..900_u32 {
        let far = roll(4) != 0;
        s.clock.pass(if far {
            i64::from(roll(26)) * 3_600_000
        } else {
            i64::from(roll(30)) * 60_000
        });
        let (cents, who) = (roll(11_000), roll(MEMBERS));
        let items = if roll(3) == 0 { "Tea x2; Bagel" } else { "Coffee" };
        one(&s, n, who, cents, items, roll(20));
    }
    s
}

fn one(s: &TestShop, n: u32, who: u32, cents: u32, items: &str, fate: u32) {
    let store = &s.store;
    let total = Money::new(i64::from(cents), store.shop().currency);
    let sale = Sale {
        total,
        items: Item::parse_list(items).unwrap(),
        ..sale(store, &format!("S{n}"), who, "1")
    };
    let done = store.credit(store.new_op(), by(), sale.clone()).unwrap();
    s.clock.pass(1000);
    let key = (sale.source.clone(), sale.sale_id.clone());
    if done.move_ == Move::Hold {
        let reason = "Seen".to_owned();
        let decision = match fate % 4 {
            0 => Decision::Reject { reason },
            1 => Decision::ApproveWith { points: 7, reason },
            2 => Decision::Approve,
            // This one still waits.
            _ => return,
        };
        store
            .decide_held(store.new_op(), manager(), key.0, key.1, decision)
            .unwrap();
        return;
    }
    let refund = |amount: Option<i64>| Refund {
        source: key.0.clone(),
        sale_id: key.1.clone(),
        refund_id: format!("R{n}"),
        amount: amount.map(|minor| Money::new(minor, total.currency)),
    };
    match (fate, done.entry) {
        (0, Some(entry)) => drop(store.reverse(store.new_op(), manager(), entry).unwrap()),
        (1, _) if total.minor > 300 => drop(store.refund(store.new_op(), by(), refund(Some(217))).unwrap()),
        (2, _) => drop(store.refund(store.new_op(), by(), refund(None)).unwrap()),
        (3..6, _) if done.balance >= 100 => {
            store
                .redeem(store.new_op(), by(), done.member.unwrap(), "Free coffee".into())
                .map(drop)
                .unwrap();
        }
        (6, _) => {
            let actor: Actor = manager();
            store
                .adjust(store.new_op(), actor, done.member.unwrap(), 25, "Sorry".into())
                .map(drop)
                .unwrap();
        }
        _ => {}
    }
    s.clock.pass(1000);
}

/// Several threads share the past, and each reads only some of it; what comes of it is what one walk in order says.
#[test]
fn a_back_test_is_one_walk_through_the_past() {
    let s = lived(RULES);
    let published = s.store.rules().unwrap();
    let in_force = &published.rules;
    let drafts = [
        RULES.to_owned(),
        "Earn 3 points per $1\nSkip sales under $9\nReward 50 points: Tea\n".to_owned(),
        RULES.replace("3rd sale within 12 hours", "2nd sale within 2 days")
            + "Skip sales with \"Bagel\"\nBuy 5 \"Tea\", get 1 free, costs $1\n",
    ];
    for text in drafts {
        let draft = Rules::parse(&text, in_force.currency()).unwrap();
        let mut by_hand = loyalty::backtest::Backtest::new(&draft, s.store.shop().zone);
        let feed = |past: Past, _| {
            by_hand.feed(&past);
            ControlFlow::Continue(())
        };
        s.store.history(true, feed).unwrap();
        let mut heard = Vec::new();
        let watch = |progress: ledger::Progress| {
            heard.push(progress.done);
            ControlFlow::Continue(())
        };
        let report = s.store.backtest(&draft, watch).unwrap().unwrap();
        assert_eq!(report, by_hand.report(in_force, &[]), "{text}");
        assert!(heard.is_sorted() && heard.last() == Some(&900), "{:?}", heard.last());
    }
}

#[test]
fn the_rules_in_force_make_of_the_past_what_happened() {
    let s = lived(RULES);
    let in_force = s.store.rules().unwrap();
    let report = s
        .store
        .backtest(&in_force.rules, |_| ControlFlow::Continue(()))
        .unwrap()
        .unwrap();
    assert_eq!((report.different, &report.then), (0, &report.now), "{report:#?}");
    assert_eq!(
        (report.sales, report.gain, report.lose, report.same),
        (900, 0, 0, i64::from(MEMBERS))
    );
    // All four moves, and grace, tiers, bonuses and rewards were on the way.
    let then = &report.then;
    assert!(
        [then.skip, then.add, then.add_reward, then.hold].iter().all(|n| *n > 5),
        "{then:?}"
    );
    let stats = s.store.stats().unwrap();
    let adjusted = |past: Past| match past {
        Past::Moved(m) if m.points == 25 => 25,
        _ => 0,
    };
    let mut by_hand = 0;
    s.store
        .history(true, |past, _| {
            by_hand += adjusted(past);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(
        then.points,
        stats.points_issued - by_hand,
        "what sales gave, as the ledger has it"
    );
    assert_eq!(then.cost_minor, Some((then.points * 120 + 99) / 100));
    assert!(report.months.len() > 8 && report.months.is_sorted_by(|a, b| a.month < b.month));

    let twice = Rules::parse(
        &RULES.replace("Earn 1 point", "Earn 2 points"),
        in_force.rules.currency(),
    )
    .unwrap();
    let report = s
        .store
        .backtest(&twice, |_| ControlFlow::Continue(()))
        .unwrap()
        .unwrap();
    assert!(report.now.points > report.then.points && report.gain == i64::from(MEMBERS));
    assert_eq!(report.winners.len(), 10);
    assert!(report.winners.is_sorted_by_key(|c| c.then - c.now));
    assert!(s.store.verify().unwrap().ok);
}

#[test]
fn the_past_comes_in_the_order_of_time_and_stops_when_told() {
    let s = shop_with("Earn 1 point per $1\n", None);
    let store = &s.store;
    for (n, days) in [5_i64, 1, 9, 1, 0].into_iter().enumerate() {
        let at = UtcMs(store.now().0 - days * UtcMs::DAY_MS);
        let sale = Sale {
            occurred_at: at,
            items: Item::parse_list("Tea").unwrap(),
            ..sale(store, &format!("{n}"), 1, "10")
        };
        store.credit(store.new_op(), by(), sale).unwrap();
    }
    let mut seen = Vec::new();
    let read = |with_items: bool, most: i64, seen: &mut Vec<(i64, usize)>| {
        store
            .history(with_items, |past, progress| {
                let Past::Sale(sale) = past else { panic!("{past:?}") };
                assert_eq!((progress.of, sale.recorded_at), (5, store.now()));
                seen.push((sale.occurred_at.0, sale.items.len()));
                if progress.done == most {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .unwrap();
    };
    read(true, 5, &mut seen);
    assert!(seen.len() == 5 && seen.is_sorted() && seen.iter().all(|(_, items)| *items == 1));
    seen.clear();
    read(false, 2, &mut seen);
    assert!(seen.len() == 2 && seen.iter().all(|(_, items)| *items == 0));

    let rules = &store.rules().unwrap().rules;
    let stop = |progress: ledger::Progress| {
        assert!(progress.done <= 3);
        if progress.done == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    assert_eq!(store.backtest(rules, stop).unwrap(), None);
}

#[test]
fn tax_tip_and_birthdays_are_kept_and_told_to_a_back_test() {
    let s = shop_with("Earn 1 point per $1\nTax excluded\n", None);
    let store = &s.store;
    let new = ledger::NewMember {
        birthday: "11-20".parse().ok(),
        ..ledger::NewMember::with_phone(crate::support::phone(1))
    };
    store.enrol(store.new_op(), by(), new).unwrap();
    let taxed = Sale {
        tax_minor: 300,
        tip_minor: 500,
        ..sale(store, "1", 1, "20")
    };
    // By default tips earn nothing; here tax does not, either.
    let done = store.credit(store.new_op(), by(), taxed.clone()).unwrap();
    assert_eq!(
        (done.points, done.reasons[1].as_str(), done.reasons[2].as_str()),
        (12, "Left out: $3 tax", "Left out: $5 tip")
    );
    let negative = Sale {
        tip_minor: -1,
        ..sale(store, "2", 1, "20")
    };
    assert_eq!(
        crate::support::refused(store.credit(store.new_op(), by(), negative)),
        loyalty::Code::BadAmount
    );
    let now = |draft: &str| {
        let draft = Rules::parse(draft, store.shop().currency).unwrap();
        let report = store.backtest(&draft, |_| ControlFlow::Continue(())).unwrap().unwrap();
        report.now.points
    };
    assert_eq!(now("Earn 1 point per $1"), 15);
    assert_eq!(now("Earn 1 point per $1\nTips included"), 20);
    assert_eq!(now("Earn 1 point per $1\nTax excluded\nDouble points on birthdays"), 24);
    assert!(store.verify().unwrap().ok);
}
