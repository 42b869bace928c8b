//! Whether members' addresses were confirmed, as tills ask: `POST /v1/standing`.

use loyalty::MemberId;
use loyalty::hlc::Hlc;
use loyalty::op::{Body, Private};
use sync::bytes::Fixed;
use sync::standing::{STANDING_MAX, StandingAnswer, StandingAsked, StandingKnown, StandingRequest, digest};

use crate::harness::{Place, Relay};
use crate::mail_shop::{Shop, link, post as taps};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::{No, Till, id, post};

on_both! { what_was_tapped_is_told_of_the_address_that_both_have, a_shop_without_mail_says_so }

const FIRST: &str = "nadia@example.com";
const SECOND: &str = "nadia@elsewhere.example";

fn request(ask: &[(MemberId, &str)]) -> StandingRequest {
    let salt = Fixed(*id().as_bytes());
    let asked = |&(member, email): &(MemberId, &str)| StandingAsked {
        member,
        address: digest(&salt, email),
    };
    StandingRequest {
        salt,
        ask: ask.iter().map(asked).collect(),
    }
}

fn asks(relay: &Relay, till: &Till, ask: &[(MemberId, &str)]) -> Result<StandingAnswer, No> {
    let url = format!("{}/v1/standing", relay.url);
    post(&till.http, &url, &till.credential, &request(ask))
}

fn known(relay: &Relay, till: &Till, ask: &[(MemberId, &str)]) -> Vec<(MemberId, bool)> {
    let answer = asks(relay, till, ask).unwrap();
    assert!(answer.sends);
    let told = answer.known.into_iter();
    told.map(|StandingKnown { member, confirmed }| (member, confirmed))
        .collect()
}

fn changes(till: &mut Till, relay: &Relay, member: MemberId, email: &str, clock: i64) {
    let private = Private {
        email: Some(email.to_owned()),
        ..Private::default()
    };
    let clock = Hlc(clock);
    till.does(&Body::MemberChanged { member, clock }, &private);
    till.syncs(relay).unwrap();
}

fn what_was_tapped_is_told_of_the_address_that_both_have(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let nadia = shop.agrees(&mut till, "+16195550123", FIRST);
    till.syncs(&relay).unwrap();
    let asked = shop.arrives(FIRST, 1);
    assert_eq!(known(&relay, &till, &[(nadia, FIRST)]), [(nadia, false)]);
    assert_eq!(taps(&relay, &link(&asked, "/mail/confirm?t=")).0, 200);
    assert_eq!(known(&relay, &till, &[(nadia, "Nadia@Example.com ")]), [(nadia, true)]);
    // Of another address than the relay's own it says nothing, nor of somebody it does not know.
    assert_eq!(known(&relay, &till, &[(nadia, SECOND), (MemberId(id()), FIRST)]), []);
    let now = crate::mail_shop::now();
    changes(&mut till, &relay, nadia, SECOND, now);
    assert_eq!(known(&relay, &till, &[(nadia, FIRST)]), []);
    assert_eq!(known(&relay, &till, &[(nadia, SECOND)]), [(nadia, false)]);
    changes(&mut till, &relay, nadia, FIRST, now + 1);
    assert_eq!(
        known(&relay, &till, &[(nadia, FIRST)]),
        [(nadia, true)],
        "it was confirmed before"
    );
    // Another shop's till learns nothing, whatever it asks; and nobody asks about too many at once.
    let (other, _) = place.shop();
    let stranger = Till::pair(&relay, &place.code(&other));
    let answer = asks(&relay, &stranger, &[(nadia, FIRST)]).unwrap();
    assert!(!answer.sends && answer.known.is_empty());
    let many = vec![(nadia, FIRST); STANDING_MAX + 1];
    assert_eq!(asks(&relay, &till, &many).unwrap_err().code, "too_large");
}

fn a_shop_without_mail_says_so(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let till = Till::pair(&relay, &code);
    let answer = asks(&relay, &till, &[(MemberId(id()), FIRST)]).unwrap();
    assert!(!answer.sends && answer.known.is_empty(), "{shop}");
}
