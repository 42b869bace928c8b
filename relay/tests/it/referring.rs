//! Referrals that two tills wrote down, qualified or rewarded while apart: the first in shop order stands.

use loyalty::op::{Body, Private, Twice};
use loyalty::referral::{Qualified, RewardKey, Rewarded, Side};
use loyalty::{EntryId, UtcMs};

use crate::harness::Place;
use crate::on_both;
use crate::settling::{meet, settled, two};
use crate::till::{Till, id};

on_both! { a_referral_is_rewarded_once }

fn a_referral_is_rewarded_once(place: &Place) {
    let (relay, mut one, mut two) = two(place);
    let (friend, referrer) = (one.enrols("+14155550100"), one.enrols("+14155550101"));
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    let says = |till: &mut Till, body: Body| till.does(&body, &Private::default());
    let joined = |till: &mut Till| {
        let (member, referrer) = (friend, Some(referrer));
        let code = "7kq2m9xra".to_owned();
        let doubts = Vec::new();
        let body = Body::ReferralJoined {
            member,
            code,
            referrer,
            doubts,
        };
        says(till, body)
    };
    let key = |round| RewardKey {
        friend,
        side: Side::Referrer,
        step: "buys".into(),
        round,
    };
    let qualified = |till: &mut Till, round| {
        says(
            till,
            Body::ReferralQualified(Qualified {
                key: key(round),
                member: referrer,
                points: 50,
                due_at: UtcMs(1),
                sale: None,
                least_minor: 0,
                rules_version: 1,
                reasons: Vec::new(),
                doubts: Vec::new(),
            }),
        )
    };
    let rewarded = |till: &mut Till, round| {
        let entry = EntryId(id());
        let body = Body::ReferralRewarded(Rewarded {
            key: key(round),
            entry,
            member: referrer,
            points: 50,
            rules_version: 1,
            reasons: Vec::new(),
        });
        (says(till, body), entry)
    };
    let seconds = (joined(&mut one), qualified(&mut one, 0), rewarded(&mut one, 0));
    let firsts = (joined(&mut two), qualified(&mut two, 0), rewarded(&mut two, 0));
    // Another round is another reward.
    qualified(&mut one, 1);
    rewarded(&mut one, 1);
    two.syncs(&relay).unwrap();
    let found = meet(&relay, &mut one, &mut two);
    let expected = [
        (Twice::Referral, firsts.0, seconds.0, None),
        (Twice::Qualified, firsts.1, seconds.1, None),
        (Twice::Rewarded, firsts.2.0, seconds.2.0, Some((seconds.2.1, -50))),
    ];
    assert_eq!(settled(&found), expected);
    assert_eq!(place.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 100);
    assert_eq!(place.number("SELECT count(*) FROM referrals"), 1);
}
