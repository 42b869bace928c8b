//! What was done twice while tills were apart: the first in shop order stands, the relay takes the other back, and every
//! till gets to hear it as an operation of the relay's own chain.

use loyalty::op::{Body, Private, SaleKey, Twice, Undo};
use loyalty::rules::Move;
use loyalty::{EntryId, MemberId, OpId, Origin, UtcMs};
use sync::PROTOCOL;
use sync::wire::{RenewAnswer, RenewRequest};

use crate::acquiring::held;
use crate::harness::{Place, Relay};
use crate::on_both;
use crate::till::{No, Till, id, post};

on_both! {
    a_page_of_erased_members_leaves_nothing_out,
    the_same_phone_is_the_same_member, a_phone_that_moved_on_is_free, the_same_sale_counts_once,
    what_is_done_with_a_sale_that_fell_falls_too,
    a_sale_is_refunded_or_taken_back_but_not_both, a_line_is_reversed_once, a_birthday_is_granted_once,
    a_held_sale_is_decided_once,
    a_refund_counts_once, an_erased_member_is_forgotten_and_stays_so, many_tills_at_once_settle_alike,
    a_restored_till_goes_on_under_another_origin,
}

pub fn two(place: &Place) -> (Relay, Till, Till) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let one = Till::pair(&relay, &code);
    let two = Till::pair(&relay, &place.code(&shop));
    (relay, one, two)
}

/// Both push what they have, the first one first, and hear of all.
pub fn meet(relay: &Relay, one: &mut Till, two: &mut Till) -> Vec<Body> {
    one.syncs(relay).unwrap();
    two.syncs(relay).unwrap();
    one.syncs(relay).unwrap();
    // What the relay took back it has, and grants it to where the member was last: the second has not heard that.
    let settled = |till: &Till| -> Vec<Body> {
        let all = till.relays_own().into_iter();
        all.filter(|body| !matches!(body, Body::RightsGranted { .. })).collect()
    };
    assert_eq!(settled(one), settled(two));
    settled(two)
}

pub type Found = (Twice, OpId, OpId, Option<(EntryId, i64)>);

/// What was settled, without the new line's id, which is the relay's to make.
pub fn settled(bodies: &[Body]) -> Vec<Found> {
    let parts = bodies.iter().filter_map(|body| match body {
        Body::Settled {
            what,
            first,
            second,
            undo,
        } => {
            let undo = undo.as_ref().map(|Undo { reverses, points, .. }| (*reverses, *points));
            Some((*what, *first, *second, undo))
        }
        _ => None,
    });
    parts.collect()
}

fn the_same_phone_is_the_same_member(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let older = two.enrols("+14155550100");
    let younger = one.enrols("+14155550100");
    let other = one.enrols("+14155550101");
    // The younger comes first into shop order: the older id wins all the same.
    match &meet(&relay, &mut one, &mut two)[..] {
        [Body::MemberMerged { from, into, .. }] => assert_eq!((*from, *into), (younger, older)),
        found => panic!("{found:?}"),
    }
    // A third one, on both phones by a change, is merged with whom the others show as.
    let third = two.enrols("+14155550102");
    two.changes_phone(third, "+14155550100", 5);
    match &meet(&relay, &mut one, &mut two)[1..] {
        [Body::MemberMerged { from, into, .. }] => assert_eq!((*from, *into), (third, older)),
        found => panic!("{found:?}"),
    }
    one.changes_phone(other, "+14155550101", 6);
    assert_eq!(meet(&relay, &mut one, &mut two).len(), 2);
}

fn a_phone_that_moved_on_is_free(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.changes_phone(member, "+14155550199", 10);
    one.changes_phone(member, "+14155550100", 3);
    one.syncs(&relay).unwrap();
    two.enrols("+14155550100");
    assert_eq!(meet(&relay, &mut one, &mut two), []);
    two.enrols("+14155550199");
    assert_eq!(meet(&relay, &mut one, &mut two).len(), 1);
}

fn the_same_sale_counts_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (first, _) = one.sells("7", Some(member), 5, Move::Add);
    let (second, line) = two.sells("7", Some(member), 6, Move::Add);
    two.sells("8", Some(member), 1, Move::Add);
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(settled(&found), [(Twice::Sale, first, second, Some((line, -6)))]);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 6);
    // Two's own reversal of that line, made before it heard, is settled in its turn.
    let (reversal, back) = two.reverses(line, member, 6);
    let found = meet(&relay, &mut one, &mut two);
    let (what, _, fell, undo) = settled(&found)[1];
    assert_eq!((what, fell, undo), (Twice::Reversal, reversal, Some((back, 6))));
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 6);
    assert_eq!(relay.counted("regulars_relay_settled_total{what=\"sale\"}"), 1.0);
}

fn decides(till: &mut Till, member: MemberId, approve: bool) -> (OpId, Option<EntryId>) {
    let entry = approve.then(|| EntryId(id()));
    let body = Body::SaleDecided {
        source: "pos".into(),
        sale_id: "7".into(),
        member,
        entry,
        total_minor: 500,
        occurred_at: UtcMs(1_700_000_000_000),
        points: 5,
        rules_version: 1,
        reasons: Vec::new(),
        stamps: Vec::new(),
    };
    (till.does(&body, &Private::default()), entry)
}

fn refunds(till: &mut Till, refund_id: &str, member: MemberId) -> (OpId, EntryId) {
    let entry = EntryId(id());
    let body = Body::SaleRefunded {
        source: "pos".into(),
        sale_id: "7".into(),
        refund_id: refund_id.into(),
        member: Some(member),
        entry: Some(entry),
        amount_minor: 100,
        whole: false,
        points: -1,
        reasons: Vec::new(),
        stamps: Vec::new(),
    };
    (till.does(&body, &Private::default()), entry)
}

fn what_is_done_with_a_sale_that_fell_falls_too(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (first, _) = one.sells("7", Some(member), 5, Move::Add);
    let (second, _) = two.sells("7", Some(member), 5, Move::Hold);
    let (decision, line) = decides(&mut two, member, true);
    let found = meet(&relay, &mut one, &mut two);
    let expected = [
        (Twice::Sale, first, second, None),
        (Twice::Decision, first, decision, Some((line.unwrap(), -5))),
    ];
    assert_eq!(settled(&found), expected);
}

fn a_sale_is_refunded_or_taken_back_but_not_both(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    let (_, line) = one.sells("7", Some(member), 5, Move::Add);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let entry = EntryId(id());
    let sale = Some(SaleKey {
        source: "pos".into(),
        sale_id: "7".into(),
    });
    let of = loyalty::op::Kind::Earn;
    let body = Body::EntryReversed {
        entry,
        reverses: line,
        of,
        member,
        points: -5,
        sale,
        stamps: Vec::new(),
    };
    let first = one.does(&body, &Private::default());
    let (second, back) = refunds(&mut two, "r1", member);
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(settled(&found), [(Twice::Refund, first, second, Some((back, 1)))]);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 0);
}

fn a_birthday_is_granted_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let grants = |till: &mut Till, year: i32, sale: &str| {
        let entry = EntryId(id());
        let granted = Body::BirthdayGranted {
            entry,
            member,
            year,
            points: 50,
            rules_version: 1,
            reasons: vec!["50 = birthday bonus".into()],
            sale: SaleKey {
                source: "pos".into(),
                sale_id: sale.into(),
            },
        };
        (till.does(&granted, &Private::default()), entry)
    };
    let (second, line) = grants(&mut one, 2026, "a");
    let (first, stands) = grants(&mut two, 2026, "b");
    // Another year's is another.
    grants(&mut one, 2027, "c");
    two.syncs(&relay).unwrap();
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(settled(&found), [(Twice::Birthday, first, second, Some((line, -50)))]);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 100);
    // Taken back with the visit that brought it, the birthday brings another, also in the same page.
    let takes_back = |till: &mut Till, reverses: EntryId| {
        let body = Body::EntryReversed {
            entry: EntryId(id()),
            reverses,
            of: loyalty::op::Kind::Bonus,
            member,
            points: -50,
            sale: None,
            stamps: Vec::new(),
        };
        till.does(&body, &Private::default())
    };
    takes_back(&mut two, stands);
    let (_, again) = grants(&mut two, 2026, "d");
    two.syncs(&relay).unwrap();
    takes_back(&mut one, again);
    one.syncs(&relay).unwrap();
    grants(&mut one, 2026, "e");
    assert_eq!(
        settled(&meet(&relay, &mut one, &mut two)).len(),
        1,
        "none of these was done twice"
    );
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 100);
}

fn a_line_is_reversed_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    let (_, line) = one.sells("7", Some(member), 5, Move::Add);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (second, back) = one.reverses(line, member, 5);
    let (first, _) = two.reverses(line, member, 5);
    two.syncs(&relay).unwrap();
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(settled(&found), [(Twice::Reversal, first, second, Some((back, 5)))]);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 0);
}

fn a_held_sale_is_decided_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.sells("7", Some(member), 5, Move::Hold);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (first, _) = decides(&mut one, member, false);
    let (second, line) = decides(&mut two, member, true);
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(
        settled(&found),
        [(Twice::Decision, first, second, Some((line.unwrap(), -5)))]
    );
}

fn a_refund_counts_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.sells("7", Some(member), 5, Move::Add);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let (first, _) = refunds(&mut one, "r1", member);
    let (second, back) = refunds(&mut two, "r1", member);
    refunds(&mut two, "r2", member);
    let found = meet(&relay, &mut one, &mut two);
    assert_eq!(settled(&found), [(Twice::Refund, first, second, Some((back, 1)))]);
}

fn an_erased_member_is_forgotten_and_stays_so(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    one.enrols("+14155550101");
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    two.does(&Body::MemberErased { member }, &Private::default());
    two.syncs(&relay).unwrap();
    // What another till changed before it heard of it is not kept either.
    one.changes_phone(member, "+14155550102", 9);
    one.syncs(&relay).unwrap();
    assert_eq!(place.number("SELECT count(*) FROM private"), 1);
    assert_eq!(place.number("SELECT count(*) FROM members WHERE phone IS NOT NULL"), 1);
    let list = place.command(&["shop", "list", "--json"]);
    let code = place.code(list["shops"][0]["shop_id"].as_str().unwrap());
    let mut late = Till::pair(&relay, &code);
    late.syncs(&relay).unwrap();
    let phones: Vec<_> = late.got.iter().filter_map(|got| got.3.phone.as_deref()).collect();
    assert_eq!(phones, ["+14155550101"]);
}

fn a_page_of_erased_members_leaves_nothing_out(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    // Pages are cut by what the data weighed before it was erased.
    for _ in 0..30 {
        let member = MemberId(id());
        let private = Private {
            name: Some("x".repeat(200_000)),
            ..Private::default()
        };
        one.does(
            &Body::MemberEnrolled {
                member,
                code: "X".into(),
            },
            &private,
        );
        one.does(&Body::MemberErased { member }, &Private::default());
        one.syncs(&relay).unwrap();
    }
    two.syncs(&relay).unwrap();
    assert_eq!(two.got.len(), 60);
    assert!(two.got.iter().all(|got| got.3.is_empty()));
}

fn many_tills_at_once_settle_alike(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut tills = vec![Till::pair(&relay, &code)];
    tills.extend((1..4).map(|_| Till::pair(&relay, &place.code(&shop))));
    let member = tills[0].enrols("+14155550100");
    tills[0].syncs(&relay).unwrap();
    std::thread::scope(|scope| {
        for till in &mut tills {
            scope.spawn(|| {
                for n in 0..50 {
                    till.sells(&format!("s{n}"), Some(member), 1, Move::Add);
                    till.enrols(&format!("+1415555{:04}", 1000 + n));
                    if n % 5 == 0 {
                        till.once(&relay).unwrap();
                    }
                }
                till.syncs(&relay).unwrap();
            });
        }
    });
    for till in &mut tills {
        till.syncs(&relay).unwrap();
    }
    let own = tills[0].relays_own();
    assert_eq!(settled(&own).len(), 50 * 3);
    assert_eq!(own.len(), 50 * 3 * 2);
    assert!(tills.iter().all(|till| till.relays_own() == own));
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 50);
    let roots = "SELECT count(*) FROM members WHERE merged_into IS NULL";
    assert_eq!(place.number(roots), 51);
}

fn renew(relay: &Relay, till: &Till, now: Origin, over: bool) -> Result<RenewAnswer, No> {
    let request = RenewRequest {
        protocol: PROTOCOL,
        was: till.origin,
        now,
        has: till.head.0,
        over,
    };
    post(
        &till.http,
        &format!("{}/v1/renew", relay.url),
        &till.credential,
        &request,
    )
}

fn a_restored_till_goes_on_under_another_origin(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let member = one.enrols("+14155550100");
    let backup = one.clone();
    one.sells("7", Some(member), 5, Move::Add);
    one.syncs(&relay).unwrap();
    let mut restored = backup.clone();
    let behind = restored.once(&relay).unwrap_err();
    assert_eq!((behind.code.as_str(), behind.expected_seq), ("behind", Some(3)));
    let now = Origin(id());
    assert_eq!(renew(&relay, &restored, two.origin, true).unwrap_err().code, "forged");
    let answer = renew(&relay, &restored, now, true).unwrap();
    assert_eq!((answer.till, answer.shop_seq), (now, 3));
    // Its answer was lost.
    assert_eq!(renew(&relay, &restored, now, true).unwrap(), answer);
    assert_eq!(renew(&relay, &one, Origin(id()), false).unwrap_err().code, "closed");
    // The disk that was thought lost comes back.
    one.sells("8", Some(member), 5, Move::Add);
    assert_eq!(one.once(&relay).unwrap_err().code, "closed");
    let was = restored.origin;
    (restored.origin, restored.head, restored.acked) = (now, (0, [0; 32]), 0);
    restored.own.clear();
    restored.sells("9", Some(member), 2, Move::Add);
    restored.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    assert_eq!(two.relays_own(), [Body::TillRenewed { was, now }]);
    assert_eq!((restored.got.len(), two.got.len()), (3, 4));
    assert_eq!(place.number("SELECT count(DISTINCT holder) FROM rights"), 1);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 7);
    // The same copy is put back once more, past what the till went on as; whoever only runs beside it may not.
    let again = Origin(id());
    assert_eq!(renew(&relay, &backup, again, false).unwrap_err().code, "closed");
    // What it has and nobody heard in time is in no log.
    let mut more = backup.clone();
    more.sells("10", Some(member), 5, Move::Add);
    more.sells("11", Some(member), 5, Move::Add);
    assert_eq!(renew(&relay, &more, again, true).unwrap_err().code, "closed");
    renew(&relay, &backup, again, true).unwrap();
    assert_eq!(restored.once(&relay).unwrap_err().code, "closed");
    two.syncs(&relay).unwrap();
    let renewals = [
        Body::TillRenewed { was, now },
        Body::TillRenewed { was: now, now: again },
    ];
    assert_eq!(two.relays_own(), renewals);
    assert_eq!(held(place, again), 7);
}
