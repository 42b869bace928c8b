//! What the programme can cost, in the owner's reports: points, stamps and lots, each by what the rules state.

use ledger::{Redemption, Store};
use loyalty::backtest::Report;
use loyalty::rules::Rules;
use loyalty::{Item, MemberId, Sale};
use rusqlite::Connection;
use std::ops::ControlFlow;

use crate::support::{TestShop, by, manager, sale, shop_with};

const RULES: &str = "Earn 1 point per $1\n100 points = $5\nReward 50 points: Tea, costs $2\n\
    Buy 9 \"Coffee\", get 1 free, costs $0.80\nBuy 4 \"Coffee\", get 1 free, costs $0.80\nBuy 5 \"Bagel\", get 2 free\n";

fn buy(store: &Store, id: &str, n: u32, total: &str, items: &str) -> ledger::Credited {
    let sale = Sale {
        items: Item::parse_list(items).unwrap(),
        ..sale(store, id, n, total)
    };
    store.credit(store.new_op(), by(), sale).unwrap()
}

fn claim(store: &Store, member: MemberId) -> ledger::Moved {
    let card = Redemption::Card { card: "coffee".into() };
    store.redeem(store.new_op(), by(), member, card).unwrap()
}

fn read<T: rusqlite::types::FromSql>(s: &TestShop, sql: &str) -> T {
    let conn = Connection::open(ledger::file(s.dir.path())).unwrap();
    conn.query_row(sql, [], |r| r.get(0)).unwrap()
}

/// What points, and what stamps, would cost at most: both, then the stamps alone.
fn owed(s: &TestShop) -> (Option<i64>, Option<i64>) {
    (
        read(s, "SELECT liability_minor FROM report_totals"),
        read(s, "SELECT liability_stamps_minor FROM report_totals"),
    )
}

fn test(store: &Store, draft: &str) -> Report {
    let draft = Rules::parse(draft, store.shop().currency).unwrap();
    store.backtest(&draft, |_| ControlFlow::Continue(())).unwrap().unwrap()
}

#[test]
fn stamps_that_wait_cost_what_their_card_says() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", 1, "30", "Coffee x8; Bagel x9").member.unwrap();
    let two = buy(store, "2", 2, "20", "Coffee x3");
    // 50 points at $5 for 100 are $2.50, at $2 for 50 they are $2: the dearest counts. 11 stamps at $0.80 for 4.
    assert_eq!(owed(&s), (Some(250 + 220), Some(220)));
    let name: String = read(&s, "SELECT liability_reward FROM report_totals");
    assert_eq!(name, "$5 off");
    // A sale that is taken back takes its stamps along; a claim uses them, and gives them back.
    store.reverse(store.new_op(), manager(), two.entry.unwrap()).unwrap();
    assert_eq!(owed(&s), (Some(150 + 160), Some(160)));
    buy(store, "3", 1, "10", "Coffee x1");
    let claimed = claim(store, member);
    assert_eq!(owed(&s), (Some(200), Some(0)));
    let redeemed = "SELECT redeemed FROM report_rewards WHERE name = '1 Coffee free'";
    assert_eq!(read::<i64>(&s, redeemed), 1);
    store.reverse(store.new_op(), manager(), claimed.entry).unwrap();
    assert_eq!((owed(&s).1, read::<i64>(&s, redeemed)), (Some(180), 0));
    // The two cards of coffee give the same and are one row; nobody said what two bagels cost.
    assert_eq!(read::<i64>(&s, "SELECT count(*) FROM report_rewards"), 4);
    let unknown = "SELECT cost_minor FROM report_rewards WHERE name = '2 Bagel free'";
    assert_eq!(read::<Option<i64>>(&s, unknown), None);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn nothing_stated_is_not_nothing_owed() {
    let s = shop_with(
        "Earn 1 point per $1\nReward 50 points: Tea\nBuy 9 \"Coffee\", get 1 free\n",
        None,
    );
    buy(&s.store, "1", 1, "30", "Coffee x8");
    assert_eq!(owed(&s), (None, None));
    let stated = "Earn 1 point per $1\nBuy 9 \"Coffee\", get 1 free, costs $0.90\n";
    s.store.publish_rules(s.store.new_op(), by(), stated.into()).unwrap();
    assert_eq!(owed(&s), (Some(80), Some(80)));
    assert_eq!(
        read::<Option<String>>(&s, "SELECT liability_reward FROM report_totals"),
        None
    );
}

#[test]
fn lots_of_a_reward_are_counted() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", 1, "400", "Coffee x9").member.unwrap();
    let lots = Redemption::Reward {
        name: "$5 off".into(),
        lots: 3,
    };
    store.redeem(store.new_op(), by(), member, lots).unwrap();
    store.redeem(store.new_op(), by(), member, "Tea".into()).unwrap();
    claim(store, member);
    let cost = "SELECT sum(w.cost_minor * l.lots) FROM report_ledger l JOIN report_rewards w ON w.name = l.reward
                WHERE l.kind = 'redeem' AND NOT l.reversed";
    assert_eq!(read::<i64>(&s, cost), 3 * 500 + 200 + 80);
}

#[test]
fn a_backtest_counts_stamps_on_both_sides() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", 1, "30", "Coffee x9").member.unwrap();
    let wrong = buy(store, "2", 1, "10", "Coffee x5");
    store.reverse(store.new_op(), manager(), wrong.entry.unwrap()).unwrap();
    claim(store, member);
    buy(store, "3", 2, "20", "Coffee x2; Bagel x1");
    let report = test(store, "Earn 1 point per $1\nBuy 10 \"Coffee\", get 1 free, costs $1\n");
    // 50 points at $5 for 100; 11 stamps of coffee, 9 of them used since, at $0.80 for 4. Then 11 at $1 for 10.
    assert_eq!((report.then.stamps, report.then.cost_minor), (12, Some(250 + 220)));
    assert_eq!((report.now.stamps, report.now.cost_minor), (11, Some(110)));
    let report = test(store, "Earn 1 point per $1\nBuy 10 \"Coffee\", get 1 free\n");
    assert_eq!((report.now.stamps, report.now.cost_minor), (11, None));
}

#[test]
fn verify_sees_a_card_that_the_rules_do_not_name() {
    for tampered in [
        "UPDATE cards SET cost_minor = 1 WHERE position = 0",
        "DELETE FROM cards",
        "UPDATE cards SET name = 'x' WHERE position = 2",
        "INSERT INTO cards SELECT op_id, 9, card, name, stamps, NULL FROM cards WHERE position = 0",
    ] {
        let s = shop_with(RULES, None);
        assert!(s.store.verify().unwrap().ok);
        let conn = Connection::open(ledger::file(s.dir.path())).unwrap();
        conn.execute_batch(tampered).unwrap();
        assert!(!s.store.verify().unwrap().ok, "{tampered}");
    }
}
