//! Stamp cards as a reward, and points that become money in lots: taken once, never overdrawn, given back.

use ledger::{Redemption, Refund, Store};
use loyalty::op::SaleKey;
use loyalty::{Code, EntryId, Item, MemberId, Sale};
use proptest::prelude::*;

use crate::child;
use crate::support::{TestShop, by, manager, open, refused, sale, shop_with};

const RULES: &str = "Earn 1 point per $1\nSkip sales under $1\nHold sales over $500\n100 points = $5\nReward 50 points: Tea\nBuy 9 \"Coffee\", get 1 free\n";

fn buy(store: &Store, id: &str, total: &str, items: &str) -> ledger::Credited {
    let sale = Sale {
        items: Item::parse_list(items).unwrap(),
        ..sale(store, id, 1, total)
    };
    store.credit(store.new_op(), by(), sale).unwrap()
}

fn coffee() -> Redemption {
    Redemption::Card { card: "coffee".into() }
}

fn claim(store: &Store, member: MemberId) -> ledger::Result<ledger::Moved> {
    store.redeem(store.new_op(), by(), member, coffee())
}

/// Stamps there are, and full cards to claim.
fn stamps(store: &Store, member: MemberId) -> (i64, i64) {
    let cards = store.stamps(member).unwrap();
    (cards[0].stamps, cards[0].claimable)
}

fn refund_all(store: &Store, sale_id: &str) -> ledger::Refunded {
    let refund = Refund {
        source: "pos".into(),
        sale_id: sale_id.into(),
        refund_id: format!("r-{sale_id}"),
        amount: None,
    };
    store.refund(store.new_op(), by(), refund).unwrap()
}

#[test]
fn a_full_card_is_claimed_once_and_a_claim_can_be_taken_back() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", "30", "Coffee x8").member.unwrap();
    let Err(ledger::Error::Refused(no)) = claim(store, member) else {
        panic!("8 are not 9")
    };
    assert_eq!((no.code, no.number), (Code::NotEnoughStamps, Some(1)));
    buy(store, "2", "30", "Coffee x2; Bagel x4");
    assert_eq!(stamps(store, member), (10, 1));

    let op = store.new_op();
    let done = store.redeem(op, by(), member, coffee()).unwrap();
    assert_eq!((done.points, done.balance), (0, 60));
    assert_eq!(done.reward.as_deref(), Some("1 Coffee free"));
    assert_eq!(
        store.redeem(op, by(), member, coffee()).unwrap(),
        done,
        "a retry is the same claim"
    );
    assert_eq!(refused(store.redeem(op, by(), member, "Tea".into())), Code::SaleDiffers);
    assert_eq!(stamps(store, member), (1, 0));
    assert_eq!(refused(claim(store, member)), Code::NotEnoughStamps);
    let card = Redemption::Card { card: "Tea".into() };
    assert_eq!(
        refused(store.redeem(store.new_op(), by(), member, card)),
        Code::UnknownReward
    );

    let line = &store.lines_of(member, 5).unwrap()[0];
    assert_eq!((line.points, line.reasons[0].as_str()), (0, "9 stamps used"));
    store.reverse(store.new_op(), manager(), done.entry).unwrap();
    assert_eq!(stamps(store, member), (10, 1));
    assert_eq!(
        refused(store.reverse(store.new_op(), manager(), done.entry)),
        Code::AlreadyReversed
    );
    let found = store.verify().unwrap();
    assert!(found.ok, "{found:?}");
}

#[test]
fn stamps_come_by_the_rules_of_their_day_and_only_for_what_was_bought() {
    let s = shop_with("Earn 1 point per $1\n", None);
    let store = &s.store;
    let member = buy(store, "before", "30", "Coffee x20").member.unwrap();
    store.publish_rules(store.new_op(), by(), RULES.into()).unwrap();
    assert_eq!(stamps(store, member), (0, 0), "a new card starts empty");
    buy(store, "skipped", "0.50", "Coffee x5");
    buy(store, "held", "600", "Coffee x9");
    let free = Item {
        price_minor: Some(0),
        ..Item::pieces("Coffee", 3)
    };
    let given = Sale {
        items: vec![free],
        ..sale(store, "given", 1, "5")
    };
    store.credit(store.new_op(), by(), given).unwrap();
    assert_eq!(stamps(store, member), (0, 0), "skipped, held and free ones give none");
    store
        .decide_held(
            store.new_op(),
            manager(),
            "pos".into(),
            "held".into(),
            ledger::Decision::Approve,
        )
        .unwrap();
    assert_eq!(stamps(store, member), (9, 1));
    // A line that asks for more of the same items is the same card.
    let dearer = RULES.replace("Buy 9", "Buy 10");
    store.publish_rules(store.new_op(), by(), dearer).unwrap();
    assert_eq!(stamps(store, member), (9, 0));
    assert_eq!(refund_all(store, "held").balance, 35);
    assert_eq!(stamps(store, member), (0, 0), "refunded whole, its stamps go");
    assert!(store.verify().unwrap().ok);
}

#[test]
fn a_claim_given_with_a_sale_comes_back_with_its_refund() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", "30", "Coffee x9").member.unwrap();
    buy(store, "2", "10", "Bagel");
    let key = SaleKey {
        source: "pos".into(),
        sale_id: "2".into(),
    };
    store
        .write(move |tx| tx.redeem_with(tx.new_op(), &by(), member, &coffee(), Some(key)))
        .unwrap();
    assert_eq!(stamps(store, member), (0, 0));
    assert_eq!(refund_all(store, "2").restored, ["1 Coffee free"]);
    assert_eq!(stamps(store, member), (9, 1));
    assert!(store.verify().unwrap().ok);
}

/// A reward is often given before the sale is typed: it names the sale that comes.
#[test]
fn a_refund_takes_the_stamps_of_a_sale_without_points() {
    let s = shop_with(&RULES.replace("per $1\n", "per $100\n"), None);
    let store = &s.store;
    let bought = buy(store, "1", "30", "Coffee x3");
    let member = bought.member.unwrap();
    assert_eq!((bought.points, stamps(store, member)), (0, (3, 0)));
    let back = refund_all(store, "1");
    assert_eq!((back.points, stamps(store, member)), (0, (0, 0)));
    assert!(store.verify().unwrap().ok);
}

#[test]
fn what_was_given_before_the_sale_comes_back_with_its_refund() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", "130", "Coffee x9").member.unwrap();
    let give = |number: &str, what: ledger::Redemption| {
        let key = SaleKey {
            source: "pos".into(),
            sale_id: number.into(),
        };
        store.write(move |tx| tx.redeem_with(tx.new_op(), &by(), member, &what, Some(key)))
    };
    let points = |number: &str| {
        store
            .member(ledger::Key::Id(member))
            .unwrap()
            .map(|m| m.balance)
            .unwrap_or_else(|| panic!("{number}"))
    };
    let before = points("1");
    give("2", coffee()).unwrap();
    assert_eq!(stamps(store, member), (0, 0));
    buy(store, "2", "10", "Bagel");
    assert_eq!(refund_all(store, "2").restored, ["1 Coffee free"]);
    assert_eq!((stamps(store, member), points("2")), ((9, 1), before));

    // The number comes for somebody else: refunding theirs gives this member nothing.
    give("3", coffee()).unwrap();
    let theirs = sale(store, "3", 7, "10");
    store.credit(store.new_op(), by(), theirs).unwrap();
    assert!(refund_all(store, "3").restored.is_empty());
    assert_eq!(stamps(store, member), (0, 0));
    // A sale that is there must be theirs, and stand; and a number must be one.
    for (number, code) in [
        ("3", Code::UnknownSale),
        ("2", Code::UnknownSale),
        ("", Code::BadSaleId),
        (" x", Code::BadSaleId),
    ] {
        assert_eq!(crate::support::refused(give(number, coffee())), code, "{number}");
    }
    assert!(store.verify().unwrap().ok);
}

#[test]
fn verify_sees_stamps_and_birthdays_that_the_log_did_not_make() {
    for tampered in [
        "UPDATE stamps SET stamps = stamps + 1",
        "DELETE FROM stamps",
        "UPDATE birthdays SET year = year - 1",
        "DELETE FROM birthdays",
        "UPDATE members SET birthday = '01-01'",
        "UPDATE sales SET tip_minor = 1",
    ] {
        let s = shop_with(&format!("{RULES}Birthday bonus 5 points\n"), None);
        let store = &s.store;
        let new = ledger::NewMember {
            birthday: "11-20".parse().ok(),
            ..ledger::NewMember::with_phone(crate::support::phone(1))
        };
        store.enrol(store.new_op(), by(), new).unwrap();
        buy(store, "1", "30", "Coffee x9");
        assert!(store.verify().unwrap().ok);
        let conn = rusqlite::Connection::open(ledger::file(s.dir.path())).unwrap();
        conn.execute_batch(tampered).unwrap();
        assert!(!store.verify().unwrap().ok, "{tampered}");
    }
}

#[test]
fn two_processes_never_overdraw_a_card() {
    const CARDS: usize = 7;
    let s = shop_with(RULES, None);
    for n in 0..CARDS {
        buy(&s.store, &n.to_string(), "30", "Coffee x9");
    }
    buy(&s.store, "more", "30", "Coffee x8");
    drop(s.store);
    let dir = s.dir.path().to_str().unwrap();
    let children = [1, 2, 3].map(|_| child::command(&["claim", dir, "6"]).spawn().unwrap());
    let mut said = Vec::new();
    for mut one in children {
        said.extend(child::said(&mut one));
        assert!(one.wait().unwrap().success());
    }
    let claimed = said.iter().filter(|word| *word == "claimed").count();
    let refused = said.iter().filter(|word| *word == "not_enough_stamps").count();
    assert_eq!((claimed, refused), (CARDS, 18 - CARDS), "{said:?}");
    let store = open(s.dir.path()).unwrap();
    let member = store
        .member(ledger::Key::Phone(&crate::support::phone(1)))
        .unwrap()
        .unwrap();
    assert_eq!(stamps(&store, member.member_id), (8, 0));
    assert!(store.verify().unwrap().ok);
}

#[test]
fn points_become_money_in_lots_as_many_as_are_there() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let member = buy(store, "1", "350", "Tea").member.unwrap();
    let lots = |lots| Redemption::Reward {
        name: "$5 off".into(),
        lots,
    };
    for (wrong, code) in [
        (0, Code::BadLots),
        (-1, Code::BadLots),
        (4, Code::NotEnoughPoints),
        (i64::MAX, Code::BadLots),
    ] {
        assert_eq!(
            refused(store.redeem(store.new_op(), by(), member, lots(wrong))),
            code,
            "{wrong}"
        );
    }
    let tea = Redemption::Reward {
        name: "Tea".into(),
        lots: 2,
    };
    assert_eq!(refused(store.redeem(store.new_op(), by(), member, tea)), Code::BadLots);

    let op = store.new_op();
    let done = store.redeem(op, by(), member, lots(3)).unwrap();
    assert_eq!((done.points, done.balance), (-300, 50));
    assert_eq!(store.redeem(op, by(), member, lots(3)).unwrap(), done);
    assert_eq!(refused(store.redeem(op, by(), member, lots(2))), Code::SaleDiffers);
    let line = &store.lines_of(member, 5).unwrap()[0];
    assert_eq!(line.reasons, ["3 × 100 points = $15"]);
    assert_eq!(
        store.reverse(store.new_op(), manager(), done.entry).unwrap().balance,
        350
    );
    let stats = store.stats().unwrap();
    assert_eq!((stats.points_redeemed, stats.points_outstanding), (0, 350));
    assert!(store.verify().unwrap().ok);
}

/// What may happen to a card.
#[derive(Clone, Debug)]
enum Step {
    Buy(i64),
    Claim,
    /// A line of the past taken back: a sale's or a claim's.
    Reverse(prop::sample::Index),
    Refund(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_i64..12).prop_map(Step::Buy),
        4 => Just(Step::Claim),
        2 => any::<prop::sample::Index>().prop_map(Step::Reverse),
        1 => any::<prop::sample::Index>().prop_map(Step::Refund),
    ]
}

/// A line that can still be taken back: its id, its sale, and the stamps it brought.
type Open = (EntryId, Option<String>, i64);

fn take(store: &Store, open: &mut Vec<Open>, which: prop::sample::Index, refund: bool) -> i64 {
    let sales: Vec<usize> = (0..open.len()).filter(|n| !refund || open[*n].1.is_some()).collect();
    if sales.is_empty() {
        return 0;
    }
    let (entry, sale, brought) = open.remove(*which.get(&sales));
    match sale.filter(|_| refund) {
        Some(sale) => assert!(refund_all(store, &sale).whole),
        None => {
            store.reverse(store.new_op(), manager(), entry).unwrap();
        }
    }
    -brought
}

fn a_card(s: &TestShop, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let store = &s.store;
    let member = buy(store, "first", "5", "Bagel").member.unwrap();
    let (mut there, mut open) = (0, Vec::<Open>::new());
    for (n, step) in steps.into_iter().enumerate() {
        there += match step {
            Step::Buy(count) => {
                let id = n.to_string();
                let done = buy(store, &id, "5", &format!("Coffee x{count}"));
                open.push((done.entry.unwrap(), Some(id), count));
                count
            }
            Step::Claim => match claim(store, member) {
                Ok(done) => {
                    prop_assert!(there >= 9, "{} stamps were enough", there);
                    open.push((done.entry, None, -9));
                    -9
                }
                Err(no) => {
                    prop_assert!(
                        there < 9 && refused::<()>(Err(no)) == Code::NotEnoughStamps,
                        "{} stamps",
                        there
                    );
                    0
                }
            },
            Step::Reverse(which) => take(store, &mut open, which, false),
            Step::Refund(which) => take(store, &mut open, which, true),
        };
        prop_assert_eq!(stamps(store, member), (there, (there / 9).max(0)));
    }
    let found = store.verify().unwrap();
    prop_assert!(found.ok, "{:?}", found);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_card_is_a_number_that_no_claim_takes_below_nothing(steps in prop::collection::vec(step(), 1..40)) {
        a_card(&shop_with(RULES, None), steps)?;
    }
}
