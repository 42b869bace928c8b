//! Tills join: by a code, once; with a log of their own or without; and are renamed and removed.

use loyalty::{Origin, ShopId};
use serde_json::{Value, json};
use sync::pairing::PairCode;
use sync::wire::{Brings, ShopFacts, TillsAnswer, TillsRequest};

use crate::harness::Place;
use crate::on_both;
use crate::till::{No, Till, id, pair_request, post};

on_both! {
    a_code_works_once, an_attempt_can_be_repeated_until_the_till_was_seen, guesses_are_limited, a_till_adds_a_till,
    a_shop_that_began_alone_moves_in, another_shops_log_is_refused, a_removed_till_is_out_at_once,
    a_shop_makes_itself_with_an_invite,
}

fn facts() -> ShopFacts {
    let [name, currency, region, timezone] = ["Alone", "EUR", "DE", "Europe/Berlin"].map(String::from);
    ShopFacts {
        name,
        currency,
        region,
        timezone,
    }
}

fn a_code_works_once(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let first = Till::pair(&relay, &code.to_lowercase());
    assert!(first.opens);
    assert_eq!(first.facts.currency, "USD");
    let again = Till::pair_as(&relay, &pair_request(&code, "Other", None))
        .err()
        .unwrap();
    assert_eq!((again.status, again.code.as_str()), (404, "bad_code"));
    let second = Till::pair(&relay, &place.code(&shop));
    assert!(!second.opens);
    assert_ne!(first.origin, second.origin);
    assert_eq!(first.shop, second.shop);
}

fn an_attempt_can_be_repeated_until_the_till_was_seen(place: &Place) {
    let (_, code) = place.shop();
    let relay = place.serve();
    let request = pair_request(&code, "Till", None);
    let lost = Till::pair_as(&relay, &request).unwrap();
    let mut till = Till::pair_as(&relay, &request).unwrap();
    assert_eq!((lost.origin, lost.opens), (till.origin, till.opens));
    till.syncs(&relay).unwrap();
    assert_eq!(lost.clone().syncs(&relay).unwrap_err().code, "unknown_device");
    assert_eq!(Till::pair_as(&relay, &request).err().unwrap().code, "bad_code");
}

fn guesses_are_limited(place: &Place) {
    let (_, code) = place.shop();
    let relay = place.serve_with(&["--code-rate", "3"]);
    let url = format!("{}/v1/pair", relay.url);
    let mut guess = serde_json::to_value(pair_request(&code, "Till", None)).unwrap();
    guess["proof"] = json!("A".repeat(43));
    let http = reqwest::blocking::Client::new();
    let answers: Vec<No> = (0..6)
        .map(|_| post::<Value>(&http, &url, "", &guess).unwrap_err())
        .collect();
    assert_eq!(answers[0].code, "bad_code");
    assert_eq!((answers[5].status, answers[5].code.as_str()), (429, "slow_down"));
    // Even the right one has to wait now.
    assert_eq!(
        Till::pair_as(&relay, &pair_request(&code, "Till", None))
            .err()
            .unwrap()
            .code,
        "slow_down"
    );
}

fn tills(till: &Till, url: &str, request: &TillsRequest) -> Result<TillsAnswer, No> {
    post(&till.http, &format!("{url}/v1/tills"), &till.credential, request)
}

fn a_till_adds_a_till(place: &Place) {
    let (_, code) = place.shop();
    let relay = place.serve();
    let mut first = Till::pair(&relay, &code);
    first.syncs(&relay).unwrap();
    let code = PairCode::from_random([3; 16]);
    let derived = code.derive();
    let sealed = derived.seal([1; 24], b"pepper");
    let request = TillsRequest::AddCode {
        proof_digest: derived.proof_digest(),
        sealed,
    };
    assert!(tills(&first, &relay.url, &request).unwrap().expires_at.is_some());
    assert_eq!(tills(&first, &relay.url, &request).unwrap_err().code, "bad_request");
    let request = pair_request(&code.to_string(), "Second", None);
    let answer: sync::wire::PairAnswer = post(&first.http, &format!("{}/v1/pair", relay.url), "", &request).unwrap();
    assert_eq!(derived.open(&answer.sealed.unwrap()).unwrap(), b"pepper");
    let rename = TillsRequest::Rename {
        till: answer.till,
        name: " Back room ".into(),
    };
    let listed = tills(&first, &relay.url, &rename).unwrap().tills;
    let names: Vec<_> = listed
        .iter()
        .map(|till| (till.name.as_str(), till.seen_at.is_some()))
        .collect();
    assert_eq!(names, [("Till", true), ("Back room", false)]);
    let nobody = TillsRequest::Rename {
        till: Origin(id()),
        name: "X".into(),
    };
    assert_eq!(tills(&first, &relay.url, &nobody).unwrap_err().code, "bad_request");
}

fn a_shop_that_began_alone_moves_in(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let brings = Brings {
        shop: ShopId(id()),
        origin: Origin(id()),
        facts: facts(),
    };
    let mut first = Till::pair_as(&relay, &pair_request(&code, "First", Some(brings.clone()))).unwrap();
    assert_eq!(
        (first.shop, first.origin, first.opens),
        (brings.shop, brings.origin, false)
    );
    for _ in 0..2500 {
        first.does(
            &loyalty::op::Body::ConsentWithdrawn {
                member: loyalty::MemberId(id()),
            },
            &Default::default(),
        );
    }
    first.syncs(&relay).unwrap();
    assert_eq!(first.acked, 2500);
    let mut second = Till::pair(&relay, &place.code(&shop));
    assert_eq!(
        (second.shop, second.facts.currency.as_str(), second.opens),
        (brings.shop, "EUR", false)
    );
    second.syncs(&relay).unwrap();
    assert_eq!(second.got.len(), 2500);
    // A copy of the same till can't join beside it.
    let copy = pair_request(&place.code(&shop), "Copy", Some(brings.clone()));
    assert_eq!(Till::pair_as(&relay, &copy).err().unwrap().code, "wrong_shop");
    // Another till of the same log can.
    let other = Brings {
        origin: Origin(id()),
        ..brings
    };
    assert!(Till::pair_as(&relay, &pair_request(&place.code(&shop), "Other", Some(other))).is_ok());
}

fn another_shops_log_is_refused(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut first = Till::pair(&relay, &code);
    first.enrols("+14155550100");
    first.syncs(&relay).unwrap();
    let code = place.code(&shop);
    let brings = Brings {
        shop: ShopId(id()),
        origin: Origin(id()),
        facts: facts(),
    };
    let refused = Till::pair_as(&relay, &pair_request(&code, "Stranger", Some(brings.clone())))
        .err()
        .unwrap();
    assert_eq!((refused.status, refused.code.as_str()), (409, "wrong_shop"));
    // The code was not used up by it.
    Till::pair(&relay, &code);
    let (_, code) = place.shop();
    let odd = Brings {
        facts: ShopFacts {
            currency: "XXZ".into(),
            ..facts()
        },
        ..brings
    };
    assert_eq!(
        Till::pair_as(&relay, &pair_request(&code, "Odd", Some(odd)))
            .err()
            .unwrap()
            .code,
        "bad_request"
    );
}

fn a_removed_till_is_out_at_once(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let (mut first, mut second) = (Till::pair(&relay, &code), Till::pair(&relay, &place.code(&shop)));
    second.syncs(&relay).unwrap();
    let listed = tills(&first, &relay.url, &TillsRequest::Revoke { till: second.origin })
        .unwrap()
        .tills;
    assert_eq!(
        listed.iter().map(|till| till.revoked).collect::<Vec<_>>(),
        [false, true]
    );
    second.enrols("+14155550100");
    let refused = second.syncs(&relay).unwrap_err();
    assert_eq!((refused.status, refused.code.as_str()), (403, "revoked"));
    assert_eq!(
        tills(&second, &relay.url, &TillsRequest::List).unwrap_err().code,
        "revoked"
    );
    first.syncs(&relay).unwrap();
    assert_eq!(first.got.len(), 0);
}

fn a_shop_makes_itself_with_an_invite(place: &Place) {
    let relay = place.serve();
    let invite = place.command(&["invite", "create", "--json"])["invite"].clone();
    let ask = |invite: &Value, facts: &ShopFacts| {
        let url = format!("{}/v1/shops", relay.url);
        post::<Value>(
            &reqwest::blocking::Client::new(),
            &url,
            "",
            &json!({"invite": invite, "facts": facts}),
        )
    };
    assert_eq!(ask(&json!("nonsense"), &facts()).unwrap_err().code, "bad_code");
    let odd = ShopFacts {
        timezone: "Moon/Base".into(),
        ..facts()
    };
    assert_eq!(ask(&invite, &odd).unwrap_err().code, "bad_request");
    let made = ask(&invite, &facts()).unwrap();
    assert_eq!(ask(&invite, &facts()).unwrap_err().code, "bad_code");
    let till = Till::pair(&relay, made["pairing_code"].as_str().unwrap());
    assert!(till.opens);
    assert_eq!(till.facts.timezone, "Europe/Berlin");
}
