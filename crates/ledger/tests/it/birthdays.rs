//! Birthday bonuses: with the first visit, once for each birthday, on the shop's clock, taken back like any line.

use ledger::{Key, MemberEdit, NewMember, Store};
use loyalty::op::{By, Kind};
use loyalty::{Code, MemberId, Sale, UtcMs};

use crate::support::{START_MS, by, manager, phone, refused, sale, shop_with};

const RULES: &str = "Earn 1 point per $1\nSkip sales under $2\nHold sales over $500\nReward 60 points: Cake\nBirthday bonus 50 points within 14 days\n";

fn born(store: &Store, n: u32, birthday: &str) -> MemberId {
    let new = NewMember {
        birthday: Some(birthday.parse().unwrap()),
        ..NewMember::with_phone(phone(n))
    };
    store.enrol(store.new_op(), by(), new).unwrap().0
}

fn visit_at(store: &Store, id: &str, n: u32, total: &str, at: &str) -> ledger::Credited {
    let sale = Sale {
        occurred_at: store.shop().zone.read(at).unwrap(),
        ..sale(store, id, n, total)
    };
    store.credit(store.new_op(), by(), sale).unwrap()
}

fn visit(store: &Store, id: &str, total: &str) -> ledger::Credited {
    store.credit(store.new_op(), by(), sale(store, id, 1, total)).unwrap()
}

fn balance(store: &Store, member: MemberId) -> i64 {
    store.member(Key::Id(member)).unwrap().unwrap().balance
}

#[test]
fn the_first_visit_brings_it_and_no_other() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "1990-11-15");
    let preview = store.preview(member, "12".parse_usd(), Vec::new()).unwrap();
    assert_eq!(preview.balance_after, 62);
    assert_eq!(preview.decision.reasons.last().unwrap(), "50 more: birthday bonus");
    assert_eq!(visit(store, "skipped", "1").birthday_bonus, 0);
    assert_eq!(visit(store, "held", "600").birthday_bonus, 0);
    let first = visit(store, "first", "12");
    assert_eq!((first.points, first.birthday_bonus, first.balance), (12, 50, 62));
    assert_eq!(
        first.announces.as_deref(),
        Some("Cake"),
        "the bonus counts towards what comes within reach"
    );
    let again = visit(store, "first", "12");
    assert!(again.before.is_some() && again.birthday_bonus == 0);
    assert_eq!(visit(store, "second", "12").balance, 74);
    let then = store.write(|tx| tx.balance_after_sale("pos", "first")).unwrap();
    assert_eq!(then, 62, "a webhook's replay answers as the first time");
    let approve = ledger::Decision::Approve;
    let decided = store.decide_held(store.new_op(), manager(), "pos".into(), "held".into(), approve);
    assert_eq!(decided.unwrap().1, 674, "the held one brings no second bonus");
    let lines = store.lines_of(member, 10).unwrap();
    let bonus = lines.iter().find(|l| l.kind == Kind::Bonus).unwrap();
    assert_eq!(
        (bonus.reasons[0].as_str(), bonus.rules_version),
        ("50 = birthday bonus 2026", Some(1))
    );
    s.clock.pass(360 * UtcMs::DAY_MS);
    assert_eq!(visit(store, "a year later", "5").birthday_bonus, 50);
    assert!(store.verify().unwrap().ok);
}

/// Amounts in dollars, read.
trait Usd {
    fn parse_usd(&self) -> loyalty::Money;
}

impl Usd for str {
    fn parse_usd(&self) -> loyalty::Money {
        loyalty::Money::parse(self, "USD".parse().unwrap()).unwrap()
    }
}

#[test]
fn a_held_sale_brings_it_once_it_is_approved() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "11-20");
    assert_eq!(visit(store, "held", "600").birthday_bonus, 0);
    let approve = ledger::Decision::Approve;
    store
        .decide_held(store.new_op(), manager(), "pos".into(), "held".into(), approve)
        .unwrap();
    assert_eq!(balance(store, member), 650);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn a_rejected_sale_is_no_birthday_visit() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "11-20");
    assert_eq!(visit(store, "held", "600").birthday_bonus, 0);
    let reason = "Rung up twice".to_owned();
    let reject = ledger::Decision::Reject { reason };
    let decided = store.decide_held(store.new_op(), manager(), "pos".into(), "held".into(), reject);
    assert_eq!((decided.unwrap().1, balance(store, member)), (0, 0));
    assert_eq!(
        visit(store, "next", "5").birthday_bonus,
        50,
        "the birthday is still there"
    );
}

#[test]
fn the_day_is_that_of_the_shop_and_29_february_is_kept_on_the_28th() {
    // Now it is 2028-03-01 09:00 in Los Angeles; a leap year.
    for (birthday, at, brings) in [
        ("02-29", "2028-02-28T23:59", false),
        ("02-29", "2028-02-29T00:00", true),
        ("03-01", "2028-02-29T23:59:59", false),
        ("02-15", "2028-02-29T10:00", false),
        ("02-16", "2028-02-29T10:00", true),
        ("2028-02-20", "2028-02-29T10:00", false),
    ] {
        let s = shop_with(RULES, None);
        s.clock
            .pass(s.store.shop().zone.read("2028-03-01T09:00").unwrap().0 - START_MS);
        born(&s.store, 1, birthday);
        let bonus = visit_at(&s.store, "1", 1, "5", at).birthday_bonus;
        assert_eq!(bonus > 0, brings, "{birthday} {at}");
    }
    let s = shop_with(&format!("{RULES}Time zone Pacific/Auckland\n"), None);
    s.clock
        .pass(s.store.shop().zone.read("2027-02-28T12:00").unwrap().0 - START_MS);
    born(&s.store, 1, "02-29");
    // In Auckland it is 28 February from 03:00 of the 27th in Los Angeles on.
    assert_eq!(visit_at(&s.store, "1", 1, "5", "2027-02-27T02:59").birthday_bonus, 0);
    assert_eq!(visit_at(&s.store, "2", 1, "5", "2027-02-27T03:00").birthday_bonus, 50);
}

#[test]
fn a_window_over_the_new_year_is_one_birthday_and_old_sales_bring_none() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "12-28");
    s.clock
        .pass(store.shop().zone.read("2027-01-05T12:00").unwrap().0 - START_MS);
    assert_eq!(visit_at(store, "old", 1, "5", "2025-12-29T10:00").birthday_bonus, 0);
    assert_eq!(visit_at(store, "dec", 1, "5", "2026-12-29T10:00").birthday_bonus, 50);
    assert_eq!(visit_at(store, "jan", 1, "5", "2027-01-05T10:00").birthday_bonus, 0);
    assert_eq!(balance(store, member), 65);
}

#[test]
fn it_is_taken_back_like_any_line_and_with_its_visit() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "11-20");
    let first = visit(store, "1", "12");
    // The cashier's undo of the sale takes the visit back, and what it brought.
    let cashier = ledger::Actor {
        by: by(),
        role: loyalty::Role::Cashier,
    };
    let undone = store
        .reverse(store.new_op(), cashier.clone(), first.entry.unwrap())
        .unwrap();
    assert_eq!((undone.points, undone.balance), (-12, 0));
    let second = visit(store, "2", "13");
    assert_eq!((second.birthday_bonus, second.balance), (50, 63));
    let preview = ledger::Refund {
        source: "pos".into(),
        sale_id: "2".into(),
        refund_id: "r".into(),
        amount: None,
    };
    assert_eq!(store.preview_refund(&preview).unwrap().balance, 0);
    assert_eq!(store.refund(store.new_op(), by(), preview).unwrap().balance, 0);
    visit(store, "3", "10");
    let lines = store.lines_of(member, 20).unwrap();
    let bonus = lines
        .iter()
        .find(|l| l.kind == Kind::Bonus && !l.reversed)
        .unwrap()
        .entry;
    assert_eq!(refused(store.reverse(store.new_op(), cashier, bonus)), Code::NotAllowed);
    store.reverse(store.new_op(), manager(), bonus).unwrap();
    assert_eq!(balance(store, member), 10);
    assert_eq!(
        refused(store.reverse(store.new_op(), manager(), bonus)),
        Code::AlreadyReversed
    );
    assert!(store.verify().unwrap().ok, "{:?}", store.verify());
}

#[test]
fn a_birthday_is_changed_and_taken_away_and_stays_out_of_the_log() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "1990-02-01");
    let read = || {
        store
            .member(Key::Id(member))
            .unwrap()
            .unwrap()
            .birthday
            .map(|b| b.to_string())
    };
    assert_eq!(read().as_deref(), Some("1990-02-01"));
    let edit = |birthday: &str| {
        let edit = MemberEdit {
            birthday: birthday.parse().ok(),
            ..MemberEdit::default()
        };
        store.edit_member(store.new_op(), by(), member, edit).unwrap();
    };
    edit("11-20");
    assert_eq!(read().as_deref(), Some("11-20"));
    edit("");
    assert_eq!(read(), None);
    assert_eq!(visit(store, "1", "5").birthday_bonus, 0);
    let conn = rusqlite::Connection::open(ledger::file(s.dir.path())).unwrap();
    let told: i64 = conn
        .query_row(
            "SELECT count(*) FROM ops WHERE body LIKE '%1990%' OR body LIKE '%11-20%'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(told, 0);
    assert!(store.verify().unwrap().ok, "{:?}", store.verify());
}

#[test]
fn many_tills_of_one_file_bring_it_once() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = born(store, 1, "11-20");
    let bonuses: Vec<i64> = std::thread::scope(|scope| {
        let visits: Vec<_> = (0..8)
            .map(|n| scope.spawn(move || visit(store, &n.to_string(), "5").birthday_bonus))
            .collect();
        visits.into_iter().map(|v| v.join().unwrap()).collect()
    });
    assert_eq!(bonuses.iter().sum::<i64>(), 50, "{bonuses:?}");
    assert_eq!(balance(store, member), 90);
    // The constraint itself: a second line for the same birthday is refused, whoever writes it.
    let conn = rusqlite::Connection::open(ledger::file(s.dir.path())).unwrap();
    let twice = conn.execute(
        "INSERT INTO birthdays (member_id, year, entry_id) SELECT member_id, year, randomblob(16) FROM birthdays",
        [],
    );
    assert!(twice.is_err());
    let imported = Sale {
        ..sale(store, "imported", 1, "5")
    };
    let done = store
        .credit(store.new_op(), By::Job("import".into()), imported)
        .unwrap();
    assert_eq!(done.birthday_bonus, 0);
}
