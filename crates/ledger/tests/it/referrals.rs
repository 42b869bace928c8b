//! Referrals at one till: who is written down, what the rules bring, when it is there and when it goes again.

use ledger::{Enrolled, Key, NewMember, Refund, RewardState, Sent, Store};
use loyalty::referral::Side;
use loyalty::{Code, MemberId, Money, Sale, UtcMs};
use proptest::prelude::*;

use crate::support::{TestShop, by, manager, phone, refused, sale, shop_with};

const RULES: &str = "Earn 1 point per $1\nHold sales over $500\nFriend joins: friend gets 5 points\nFriend first buys $10 within 30 days: friend gets 10 points and referrer gets 50 points, 80 points from the 3rd friend on, after 14 days, at most 4 friends a month\nFriend of a friend first buys $10: referrer gets 3 points\n";

fn enrol(store: &Store, n: u32) -> MemberId {
    store
        .enrol(store.new_op(), by(), NewMember::with_phone(phone(n)))
        .unwrap()
        .0
}

fn brings(store: &Store, n: u32, who: &str) -> ledger::Result<Enrolled> {
    let sent = store.who_sent(who)?;
    store.enrol_sent(store.new_op(), by(), NewMember::with_phone(phone(n)), Some(sent))
}

fn buys(store: &Store, id: &str, n: u32, total: &str) -> ledger::Credited {
    store.credit(store.new_op(), by(), sale(store, id, n, total)).unwrap()
}

fn gives_back(store: &Store, sale: &str, amount: Option<i64>) {
    let refund = Refund {
        source: "pos".into(),
        sale_id: sale.into(),
        refund_id: format!("{sale}-{amount:?}"),
        amount: amount.map(|minor| Money::new(minor, store.shop().currency)),
    };
    store.refund(store.new_op(), by(), refund).unwrap();
}

fn points(store: &Store, n: u32) -> i64 {
    store.member(Key::Phone(&phone(n))).unwrap().unwrap().balance
}

fn states(store: &Store, member: MemberId) -> Vec<(Side, String, RewardState, i64)> {
    let all = store.referral_rewards(member).unwrap();
    all.into_iter()
        .map(|r| (r.side, r.step, r.state, r.points))
        .rev()
        .collect()
}

fn days(s: &TestShop, n: i64) {
    s.clock.pass(n * UtcMs::DAY_MS);
    s.store.look_after_referrals().unwrap();
}

#[test]
fn whoever_sent_somebody_is_found_however_it_is_said() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let maria = NewMember {
        name: "Maria Lopez".into(),
        email: "maria.lopez@gmail.com".into(),
        ..NewMember::with_phone(phone(1))
    };
    let maria = store.enrol(store.new_op(), by(), maria).unwrap().0;
    let code = store.member(Key::Id(maria)).unwrap().unwrap().code;
    for said in [
        code.clone(),
        code.to_lowercase(),
        format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..]),
        format!("https://relay.example.com/ref/{}?x=1", code.to_lowercase()),
        "(619) 555-0001".into(),
        "maria lo".into(),
    ] {
        assert_eq!(store.who_sent(&said).unwrap(), Sent::Member(maria), "{said}");
    }
    enrol(store, 2);
    for nobody in ["", "Nobody", "solare", "619 555 0099"] {
        assert_eq!(refused(store.who_sent(nobody)), Code::UnknownReferrer, "{nobody}");
    }
    // Their own number is nobody's yet; a member's own is theirs.
    let own = |n, said: &str| store.who_sent_them(said, &phone(n));
    assert_eq!(refused(own(99, "619 555 0099")), Code::SelfReferral);
    assert_eq!(refused(own(98, "619 555 0099")), Code::UnknownReferrer);
    assert_eq!(own(1, "619 555 0001").unwrap(), Sent::Member(maria));
    // An existing member keeps what they are; whoever has the referrer's mail is the referrer.
    let known = brings(store, 2, &code).unwrap();
    assert_eq!(
        (known.created, known.brought, known.why_not),
        (false, false, Some("member_already"))
    );
    let own = NewMember {
        email: "MariaLopez+2@gmail.com".into(),
        ..NewMember::with_phone(phone(3))
    };
    let own = store
        .enrol_sent(store.new_op(), by(), own, Some(Sent::Member(maria)))
        .unwrap();
    assert_eq!(
        (own.created, own.brought, own.why_not),
        (true, false, Some("own_email"))
    );
    let (op, new) = (store.new_op(), NewMember::with_phone(phone(4)));
    for _ in 0..2 {
        let done = store
            .enrol_sent(op, by(), new.clone(), Some(Sent::Member(maria)))
            .unwrap();
        assert!(done.created && done.brought, "a lost answer changes nothing");
    }
    let linked = store
        .enrol_sent(
            store.new_op(),
            by(),
            NewMember::with_phone(phone(5)),
            Some(Sent::Link("solare".into())),
        )
        .unwrap();
    let referral = store.brought_by(linked.member).unwrap().unwrap();
    assert_eq!((referral.code.as_str(), referral.referrer), ("solare", None));
    assert_eq!(
        store.who_sent("Solare").unwrap(),
        Sent::Link("solare".into()),
        "a link is known once somebody came through it"
    );
    assert!(store.verify().unwrap().ok);
}

#[test]
fn a_reward_waits_is_granted_and_goes_with_the_sale() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let one = enrol(store, 1);
    let two = brings(store, 2, phone(1).e164()).unwrap();
    assert_eq!((two.points, points(store, 2)), (5, 5));
    buys(store, "small", 2, "9.99");
    assert!(states(store, one).is_empty());
    buys(store, "first", 2, "20");
    buys(store, "second", 2, "20");
    assert_eq!(
        states(store, one),
        [(Side::Referrer, "buys".into(), RewardState::Pending, 50)]
    );
    days(&s, 13);
    assert_eq!(points(store, 1), 0);
    days(&s, 1);
    assert_eq!((points(store, 1), points(store, 2)), (50, 5 + 9 + 40 + 10));
    days(&s, 1);
    assert_eq!(points(store, 1), 50, "once");
    let line = store.lines_of(one, 1).unwrap().remove(0);
    assert_eq!(line.reasons, ["50 = a friend's first purchase"]);
    // In part: enough is left. More: it isn't.
    gives_back(store, "first", Some(1000));
    assert_eq!(points(store, 1), 50);
    gives_back(store, "first", Some(1));
    // The other purchase was there all the time, and for long enough: it is the first now.
    let come_of: Vec<RewardState> = states(store, one).into_iter().map(|r| r.2).collect();
    assert_eq!(come_of, [RewardState::Reversed, RewardState::Granted]);
    let lines = store.lines_of(one, 9).unwrap();
    assert_eq!(lines.iter().map(|l| l.points).collect::<Vec<_>>(), [50, -50, 50]);
    gives_back(store, "second", None);
    assert_eq!(points(store, 1), 0);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn what_waits_goes_with_a_reversed_sale_and_an_erased_member() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let one = enrol(store, 1);
    brings(store, 2, phone(1).e164()).unwrap();
    let sold = buys(store, "A", 2, "20");
    store.reverse(store.new_op(), manager(), sold.entry.unwrap()).unwrap();
    days(&s, 20);
    assert_eq!((points(store, 1), states(store, one)[0].2), (0, RewardState::Cancelled));
    // A held one counts when it is approved.
    buys(store, "B", 2, "600");
    assert_eq!(states(store, one).len(), 1);
    store
        .decide_held(
            store.new_op(),
            manager(),
            "pos".into(),
            "B".into(),
            ledger::Decision::Approve,
        )
        .unwrap();
    days(&s, 20);
    assert_eq!(points(store, 1), 50);
    let two = store.member(Key::Phone(&phone(2))).unwrap().unwrap().member_id;
    store.erase_member(store.new_op(), manager(), two).unwrap();
    assert_eq!((points(store, 1), states(store, one)[1].2), (0, RewardState::Reversed));
    assert_eq!(store.look_after_referrals().unwrap(), 0);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn too_late_is_no_first_purchase_and_a_second_level_gets_its_own() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let one = enrol(store, 1);
    brings(store, 2, phone(1).e164()).unwrap();
    days(&s, 31);
    buys(store, "late", 2, "20");
    assert!(states(store, one).is_empty());
    brings(store, 3, phone(2).e164()).unwrap();
    buys(store, "third", 3, "20");
    assert_eq!(
        (points(store, 1), states(store, one)),
        (3, vec![(Side::Above, "buys".into(), RewardState::Granted, 3)])
    );
}

#[test]
fn more_from_the_third_friend_on_and_none_beyond_the_month() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let one = enrol(store, 1);
    for n in 2..7 {
        brings(store, n, phone(1).e164()).unwrap();
        buys(store, &format!("S{n}"), n, "20");
        s.clock.pass(UtcMs::DAY_MS);
    }
    let given: Vec<i64> = states(store, one).into_iter().map(|r| r.3).collect();
    assert_eq!(given, [50, 50, 80, 80, 0]);
    let why = store.referral_rewards(one).unwrap().remove(0);
    assert_eq!(
        (why.state, why.reasons[0].as_str()),
        (RewardState::Refused, "Refused: 4 friends this month already")
    );
    days(&s, 20);
    assert_eq!(points(store, 1), 260);
    assert_eq!(points(store, 6), 5 + 20 + 10, "the friend's is no matter of the month");
}

#[test]
fn what_looks_odd_waits_until_somebody_has_looked() {
    let s = shop_with(RULES, None);
    let store = &s.store;
    let one = enrol(store, 1);
    let odd = NewMember {
        email: "x@mailinator.com".into(),
        ..NewMember::with_phone(phone(2))
    };
    store
        .enrol_sent(store.new_op(), by(), odd, Some(Sent::Member(one)))
        .unwrap();
    buys(store, "A", 2, "20");
    days(&s, 20);
    assert_eq!(points(store, 1), 0);
    let waiting = store.odd_rewards().unwrap();
    let doubts = &waiting[0].doubts;
    assert_eq!(doubts, &["the email address is one of those made to be thrown away"]);
    for reward in waiting {
        let allowed = reward.side == Side::Referrer;
        store
            .decide_reward(store.new_op(), manager(), reward.reward, allowed)
            .unwrap();
    }
    assert_eq!((points(store, 1), points(store, 2)), (50, 20));
    assert!(store.odd_rewards().unwrap().is_empty());
    // Twice, and one that is not there.
    let decide = |reward| refused(store.decide_reward(store.new_op(), manager(), reward, true));
    let decided = store.referral_rewards(one).unwrap().remove(0).reward;
    assert_eq!(decide(decided), Code::AlreadyDecided);
    assert_eq!(decide(store.new_op()), Code::UnknownReferralReward);
    for n in 3..9 {
        brings(store, n, phone(1).e164()).unwrap();
    }
    let odd = store.odd_rewards().unwrap();
    assert_eq!(
        odd.last().unwrap().doubts,
        ["6 friends joined through this code within a day"]
    );
    assert!(store.verify().unwrap().ok);
}

/// One thing that happens to friends 2, 3 and 4, all sent by 1.
#[derive(Clone, Debug)]
enum Step {
    Join(u32),
    Buy(u32, i64),
    GiveBack(usize, i64),
    Pass(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (2_u32..5).prop_map(Step::Join),
        3 => (2_u32..5, prop::sample::select(vec![400_i64, 1000, 2500])).prop_map(|(n, minor)| Step::Buy(n, minor)),
        2 => (0_usize..8, prop::sample::select(vec![300_i64, 1500, i64::MAX])).prop_map(|(n, minor)| Step::GiveBack(n, minor)),
        2 => (1_i64..9).prop_map(Step::Pass),
    ]
}

/// The obvious model: of each friend the first purchase of $10 or more that is still worth it brings 50 points, 7 days
/// after it. (Of the same instant the one that was recorded first.)
#[derive(Default)]
struct Model {
    sales: Vec<(u32, i64, i64)>,
    joined: Vec<u32>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_points_are_those_of_the_obvious_model(steps in prop::collection::vec(step(), 1..40)) {
        let s = shop_with("Friend first buys $10: referrer gets 50 points, after 7 days\n", None);
        let store = &s.store;
        enrol(store, 1);
        let mut model = Model::default();
        let mut now = 0;
        for (k, step) in steps.iter().enumerate() {
            // No two purchases are at the same instant.
            s.clock.pass(1000);
            now += 1000;
            match step {
                Step::Join(n) => {
                    let fresh = brings(store, *n, phone(1).e164()).unwrap().brought;
                    prop_assert_eq!(fresh, !model.joined.contains(n));
                    if fresh {
                        model.joined.push(*n);
                    }
                }
                Step::Buy(n, minor) if model.joined.contains(n) => {
                    let sold = Sale { total: Money::new(*minor, store.shop().currency), ..sale(store, &format!("S{}", model.sales.len()), *n, "1") };
                    store.credit(store.new_op(), by(), sold).unwrap();
                    model.sales.push((*n, *minor, now));
                }
                Step::GiveBack(n, minor) => {
                    if let Some(sold) = model.sales.get_mut(*n).filter(|sold| sold.1 > 0) {
                        let minor = sold.1.min(*minor);
                        let refund = Refund { source: "pos".into(), sale_id: format!("S{n}"), refund_id: format!("R{k}"), amount: Some(Money::new(minor, store.shop().currency)) };
                        store.refund(store.new_op(), by(), refund).unwrap();
                        sold.1 -= minor;
                    }
                }
                Step::Buy(..) => {}
                Step::Pass(d) => {
                    s.clock.pass(d * UtcMs::DAY_MS);
                    now += d * UtcMs::DAY_MS;
                }
            }
            store.look_after_referrals().unwrap();
            let worth = |n: &&u32| {
                let first = model.sales.iter().find(|sold| sold.0 == **n && sold.1 >= 1000);
                first.is_some_and(|sold| sold.2 + 7 * UtcMs::DAY_MS <= now)
            };
            let expected = 50 * i64::try_from(model.joined.iter().filter(worth).count()).unwrap();
            let doubted = store.odd_rewards().unwrap();
            for odd in doubted {
                store.decide_reward(store.new_op(), manager(), odd.reward, true).unwrap();
            }
            prop_assert_eq!(points(store, 1), expected, "after {:?}", step);
        }
        prop_assert!(store.verify().unwrap().ok);
    }
}
