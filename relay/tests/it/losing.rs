//! Lost tills: what they held waits, is released on the owner's word, or is freed when the disk comes back.

use loyalty::op::{Body, Private};
use loyalty::{EntryId, MemberId, Origin, Points};
use sync::wire::{RenewAnswer, RenewRequest, TillsAnswer, TillsRequest};

use crate::acquiring::{held, two_tills};
use crate::harness::{Place, Relay};
use crate::on_both;
use crate::till::{No, Till, id, post};

on_both! {
    a_lost_till_is_out_and_what_it_held_waits,
    what_was_released_and_spent_all_the_same_is_the_shops_loss,
    a_disk_that_comes_back_frees_the_rest,
}

impl Till {
    fn asks(&self, relay: &Relay, request: &TillsRequest) -> Result<TillsAnswer, No> {
        post(
            &self.http,
            &format!("{}/v1/tills", relay.url),
            &self.credential,
            request,
        )
    }

    fn redeems(&mut self, member: MemberId, points: Points) {
        let body = Body::RewardRedeemed {
            entry: EntryId(id()),
            member,
            reward: "Free coffee".into(),
            points,
            lots: 1,
            reasons: Vec::new(),
            rules_version: 1,
            sale: None,
            approved_by: None,
        };
        self.does(&body, &Private::default());
    }
}

fn lose(till: Origin) -> TillsRequest {
    let by = "job:test".into();
    TillsRequest::Lose { till, by }
}

fn release(till: Origin) -> TillsRequest {
    TillsRequest::Release {
        till,
        member: None,
        by: String::new(),
    }
}

fn a_lost_till_is_out_and_what_it_held_waits(place: &Place) {
    let relay = place.serve();
    let (mut one, mut two, member) = two_tills(place, &relay);
    let till = one.origin;
    assert_eq!(
        two.asks(&relay, &lose(two.origin)).unwrap_err().code,
        "bad_request",
        "not itself"
    );
    assert_eq!(
        two.asks(&relay, &lose(Origin(id()))).unwrap_err().code,
        "bad_request",
        "no such till"
    );
    // Nothing is released of a till that is not lost.
    two.asks(&relay, &release(till)).unwrap();
    assert!(
        two.asks(&relay, &lose(till))
            .unwrap()
            .tills
            .iter()
            .any(|t| t.till == till && t.revoked)
    );
    two.asks(&relay, &lose(till)).unwrap();
    assert_eq!(one.once(&relay).unwrap_err().code, "revoked");
    let answer = two.acquires(&relay, id(), member, 100).unwrap();
    assert_eq!((answer.granted, answer.missing), (0, 100));
    assert!(answer.elsewhere[0].lost, "{:?}", answer.elsewhere);
    assert_eq!(two.relays_own(), [Body::TillLost { till }], "once");
    assert_eq!(two.got.len(), 3);
    two.asks(&relay, &release(till)).unwrap();
    two.asks(&relay, &release(till)).unwrap();
    let answer = two.acquires(&relay, id(), member, 100).unwrap();
    assert_eq!((answer.granted, answer.missing), (100, 0));
    assert_eq!((held(place, till), held(place, two.origin)), (0, 100));
}

fn what_was_released_and_spent_all_the_same_is_the_shops_loss(place: &Place) {
    let relay = place.serve();
    let (mut one, mut two, member) = two_tills(place, &relay);
    let till = one.origin;
    one.redeems(member, 80);
    two.asks(&relay, &lose(till)).unwrap();
    two.asks(&relay, &release(till)).unwrap();
    two.acquires(&relay, id(), member, 100).unwrap();
    two.redeems(member, 100);
    two.syncs(&relay).unwrap();
    two.asks(&relay, &TillsRequest::Find { till }).unwrap();
    one.syncs(&relay).unwrap();
    let loss = "SELECT CAST(coalesce(sum(CASE WHEN net < 0 THEN -net ELSE 0 END), 0) AS BIGINT) FROM suspense";
    assert_eq!(place.number(loss), 80);
    assert_eq!(
        place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"),
        0,
        "no balance is below zero"
    );
    for forgive in [true, false] {
        let by = "job:test".into();
        let settle = TillsRequest::SettleLoss {
            till,
            member,
            forgive,
            by,
        };
        two.asks(&relay, &settle).unwrap();
    }
    assert_eq!(place.number(loss), 0, "settled once");
    two.syncs(&relay).unwrap();
    let settled = two
        .relays_own()
        .into_iter()
        .filter(|body| matches!(body, Body::LossSettled { .. }));
    assert_eq!(settled.count(), 1);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 0);
}

fn a_disk_that_comes_back_frees_the_rest(place: &Place) {
    let relay = place.serve();
    let (mut one, mut two, member) = two_tills(place, &relay);
    let was = one.origin;
    one.redeems(member, 30);
    two.asks(&relay, &lose(was)).unwrap();
    two.asks(&relay, &TillsRequest::Find { till: was }).unwrap();
    one.syncs(&relay).unwrap();
    assert_eq!(held(place, was), 70);
    let now = Origin(id());
    let renew = RenewRequest {
        protocol: sync::PROTOCOL,
        was,
        now,
        has: one.head.0,
        over: false,
    };
    let url = format!("{}/v1/renew", relay.url);
    let _: RenewAnswer = post(&one.http, &url, &one.credential, &renew).unwrap();
    assert_eq!(
        (held(place, was), held(place, now), held(place, Origin::RELAY)),
        (0, 0, 70)
    );
    let answer = two.acquires(&relay, id(), member, 70).unwrap();
    assert_eq!((answer.granted, answer.missing), (70, 0));
}
