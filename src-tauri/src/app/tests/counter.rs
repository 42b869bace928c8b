//! The counter's round: find, enrol, credit, redeem, undo.

use super::*;
use crate::views::{Kind, Move};

#[test]
fn find_enrol_credit_redeem_undo() {
    let rig = Rig::shop();
    let found = rig.app.search("619 555 0123").unwrap();
    assert!(found.hits.is_empty() && found.exact.is_none());
    assert_eq!(found.enrol.unwrap().phone, "+16195550123");
    let card = rig.app.enrol(&enrol("+16195550123", "Maria Lopez")).unwrap();
    assert!(card.just_enrolled && card.rewards.len() == 1 && card.rewards[0].to_go == 100);
    assert_eq!(
        (card.phone_last4.as_str(), card.phone_display.as_str()),
        ("0123", "+1 619-555-0123")
    );
    let maria = card.member_id;
    assert!(!rig.app.enrol(&enrol("619-555-0123", "")).unwrap().just_enrolled);
    assert_eq!(rig.app.search(&card.code).unwrap().exact, Some(maria.clone()));

    let preview = rig.app.preview(&maria, "120.50", &[]).unwrap();
    assert_eq!(
        (preview.r#move, preview.points, preview.balance_after),
        (Move::AddReward, 120, 120)
    );
    assert_eq!(
        rig.app.member_card(&maria).unwrap().balance,
        0,
        "a preview changes nothing"
    );
    let credited = rig.app.credit(&credit(&maria, "120.50", None)).unwrap();
    assert_eq!(
        (credited.points, credited.announces.as_deref()),
        (120, Some("Free coffee"))
    );
    assert!(credited.card.rewards[0].claimable);
    assert_eq!(
        credited.card.recent[0].sale_id, None,
        "a number nobody typed is nobody's business"
    );

    let redeem = views::Redeem {
        op_id: op(),
        member_id: maria.clone(),
        reward: "free coffee".to_owned(),
        lots: 1,
        card: None,
        manager: None,
        with: None,
        visit: None,
        sale_id: None,
    };
    let redeemed = rig.app.redeem(&redeem).unwrap();
    assert_eq!(
        (redeemed.points, redeemed.card.balance, redeemed.reward.as_str()),
        (100, 20, "Free coffee")
    );
    // The answer was lost and the window asks again.
    assert_eq!(rig.app.redeem(&redeem).unwrap().card.balance, 20);
    let (code, _, missing) = refused(rig.app.redeem(&views::Redeem { op_id: op(), ..redeem }));
    assert_eq!((code.as_str(), missing), ("not_enough_points", Some(80)));

    let undone = rig.app.reverse(&reverse(&redeemed.entry_id)).unwrap();
    assert_eq!((undone.points, undone.card.balance), (100, 120));
    assert_eq!(undone.card.recent[0].reverses_kind, Some(Kind::Redeem));
    assert_eq!(
        super::code(rig.app.reverse(&reverse(&redeemed.entry_id))),
        "already_reversed"
    );
    let today = rig.app.activity().unwrap();
    assert_eq!(today.len(), 3);
    assert!(
        today
            .iter()
            .all(|line| line.by_name == "Olga" && line.member_last4 == "0123")
    );
}

#[test]
fn a_sale_number_counts_once() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let first = rig.app.credit(&credit(&maria, "9.40", Some(" A-17 "))).unwrap();
    assert_eq!(
        (first.points, first.card.balance, first.credited_before_at),
        (9, 129, None)
    );
    rig.clock.pass_s(60);
    let again = rig.app.credit(&credit(&maria, "9.40", Some("A-17"))).unwrap();
    assert_eq!((again.points, again.card.balance), (9, 129));
    assert_eq!(again.credited_before_at.as_deref(), Some("2026-11-20T18:00:00.000Z"));
    assert!(!again.taken_back_since);
    assert_eq!(again.card.recent[0].sale_id.as_deref(), Some("A-17"));
    assert_eq!(
        code(rig.app.credit(&credit(&maria, "9.50", Some("A-17")))),
        "sale_differs"
    );
    rig.app.reverse(&reverse(&first.entry_id.unwrap())).unwrap();
    let third = rig.app.credit(&credit(&maria, "9.40", Some("A-17"))).unwrap();
    assert!(third.taken_back_since);
    assert_eq!(third.card.balance, 120);
}

#[test]
fn the_same_click_twice_is_one_sale_and_two_clicks_are_two() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let click = credit(&maria, "5.00", None);
    rig.app.credit(&click).unwrap();
    assert_eq!(rig.app.credit(&click).unwrap().card.balance, 125);
    assert_eq!(rig.app.credit(&credit(&maria, "5.00", None)).unwrap().card.balance, 130);
}

#[test]
fn what_can_not_be_read_is_refused_with_its_field() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    for (answer, code, field) in [
        (
            rig.app.credit(&credit(&maria, "12,50", None)).map(|_| ()),
            "bad_amount",
            "amount",
        ),
        (
            rig.app.credit(&credit(&maria, "-1", None)).map(|_| ()),
            "bad_amount",
            "amount",
        ),
        (
            rig.app.credit(&credit("x", "1", None)).map(|_| ()),
            "missing",
            "member_id",
        ),
        (
            rig.app.credit(&credit(&op(), "1", None)).map(|_| ()),
            "unknown_member",
            "member_id",
        ),
        (rig.app.member_card(&op()).map(|_| ()), "unknown_member", "member_id"),
        (rig.app.enrol(&enrol("12", "")).map(|_| ()), "bad_phone", "phone"),
        (rig.app.preview(&maria, "", &[]).map(|_| ()), "bad_amount", "amount"),
    ] {
        let (got, at, _) = refused(answer);
        assert_eq!((got.as_str(), at.as_str()), (code, field));
    }
}

#[test]
fn details_change_and_consent_goes_with_the_email() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let edit = |name: &str, email: &str, email_consent: bool| views::MemberEdit {
        op_id: op(),
        member_id: maria.clone(),
        name: name.to_owned(),
        email: email.to_owned(),
        email_consent,
        birthday: "02-29".to_owned(),
    };
    let card = rig
        .app
        .member_edit(&edit("Maria L.", "maria@example.com", true))
        .unwrap();
    assert_eq!((card.name.as_str(), card.email_consent), ("Maria L.", true));
    assert_eq!(
        rig.app.search("maria").unwrap().hits[0].email_hint.as_deref(),
        Some("m…@example.com")
    );
    assert!(!rig.app.member_edit(&edit("Maria L.", "", true)).unwrap().email_consent);
    assert_eq!(
        code(rig.app.member_edit(&edit("Maria", "not an email", false))),
        "bad_email"
    );
}

#[test]
fn the_card_shows_stamps_lots_and_the_birthday() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let store = rig.app.store().unwrap();
    let rules = "Earn 1 point per $1\n20 points = $1\nBuy 2 \"Coffee\", get 1 free\nBirthday bonus 50 points\n";
    let by = || loyalty::op::By::Job("test".to_owned());
    store.publish_rules(store.new_op(), by(), rules.to_owned()).unwrap();
    let today = store.shop().zone.day(store.now()).format("%m-%d").to_string();
    let edit = |birthday: &str| views::MemberEdit {
        op_id: op(),
        member_id: maria.clone(),
        name: String::new(),
        email: String::new(),
        email_consent: false,
        birthday: birthday.to_owned(),
    };
    assert_eq!(code(rig.app.member_edit(&edit("02-30"))), "bad_birthday");
    assert_eq!(rig.app.member_edit(&edit(&today)).unwrap().birthday, today);
    let sale = loyalty::Sale {
        source: "pos".to_owned(),
        sale_id: "1".to_owned(),
        who: loyalty::Who::Member(maria.parse().unwrap()),
        total: loyalty::Money::new(1500, store.shop().currency),
        tax_minor: 0,
        tip_minor: 0,
        items: loyalty::Item::parse_list("Coffee x3").unwrap(),
        occurred_at: store.now(),
    };
    store.credit(store.new_op(), by(), sale).unwrap();
    let card = rig.app.member_card(&maria).unwrap();
    let (lots, stamps) = (&card.rewards[0], &card.stamps[0]);
    assert_eq!(
        (lots.lot_minor, i64::from(lots.lots_max)),
        (Some(100), i64::from(card.spendable) / 20)
    );
    assert_eq!(
        (stamps.gives.as_str(), stamps.claimable, stamps.on_card),
        ("1 Coffee free", 1, 1)
    );
    let redeem = |reward: &str, lots: i32, card: Option<String>| views::Redeem {
        op_id: op(),
        member_id: maria.clone(),
        reward: reward.to_owned(),
        lots,
        card,
        manager: None,
        with: None,
        visit: None,
        sale_id: None,
    };
    let before = card.balance;
    let money = rig.app.redeem(&redeem(&lots.name, 3, None)).unwrap();
    assert_eq!((money.points, money.card.balance), (60, before - 60));
    assert_eq!(code(rig.app.redeem(&redeem(&lots.name, 0, None))), "bad_lots");
    let free = rig.app.redeem(&redeem("", 1, Some(stamps.card.clone()))).unwrap();
    assert_eq!(
        (free.points, free.reward.as_str(), free.card.stamps[0].claimable),
        (0, "1 Coffee free", 0)
    );
    assert_eq!(
        code(rig.app.redeem(&redeem("", 1, Some(stamps.card.clone())))),
        "not_enough_stamps"
    );
    let back = rig.app.reverse(&reverse(&free.entry_id)).unwrap();
    assert_eq!((back.points, back.card.stamps[0].claimable), (0, 1));
}

#[test]
fn pieces_counted_at_the_counter_give_stamps_and_their_points() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let store = rig.app.store().unwrap();
    let rules = "Earn 1 point per $1\nBonus 2 points for \"Flat*\"\nBuy 5 \"Flat*\", get 1 free\nBuy 2 category \"Cakes\", get 1 free\n";
    let by = loyalty::op::By::Job("test".to_owned());
    store.publish_rules(store.new_op(), by, rules.to_owned()).unwrap();
    let bought = |place: usize, count: i32| {
        let card = rig.app.member_card(&maria).unwrap().stamps[place].card.clone();
        views::Bought { card, count }
    };
    let flat = [bought(0, 3), bought(1, 1)];
    let seen = rig.app.preview(&maria, "10", &flat).unwrap();
    assert_eq!((seen.points, seen.reasons[0].contains("Flat")), (16, true));
    let sale = views::Credit {
        visit: None,
        bought: flat.to_vec(),
        ..credit(&maria, "10", None)
    };
    let done = rig.app.credit(&sale).unwrap();
    let cards: Vec<_> = done.card.stamps.iter().map(|s| s.on_card).collect();
    assert_eq!((done.points, cards), (16, vec![3, 1]));
    // The same again is the same sale; Undo takes its stamps along.
    assert_eq!(rig.app.credit(&sale).unwrap().card.stamps[0].on_card, 3);
    let back = rig.app.reverse(&reverse(&done.entry_id.unwrap())).unwrap();
    assert_eq!(back.card.stamps.iter().map(|s| s.on_card).sum::<i32>(), 0);
    for wrong in [
        bought(0, 0),
        bought(0, 100),
        views::Bought {
            card: "name:mug".into(),
            count: 1,
        },
    ] {
        assert_eq!(code(rig.app.preview(&maria, "10", &[wrong])), "bad_items");
    }
}
