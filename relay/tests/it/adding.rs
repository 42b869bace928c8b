//! `POST /v1/links`: an owner adds a vendor's link from a till.

use serde_json::json;
use sync::links::{LinkAnswer, LinkRequest};

use crate::harness::Place;
use crate::linking::{get, shop};
use crate::on_both;
use crate::till::{Till, post};

on_both! { an_owner_adds_links_from_a_till }

fn an_owner_adds_links_from_a_till(place: &Place) {
    let shop = shop(place);
    let relay = place.serve();
    let till = Till::pair(&relay, &place.code(&shop));
    let add = |code: &str, landing: Option<&str>| -> LinkAnswer {
        let wanted = LinkRequest {
            code: code.into(),
            landing: landing.map(str::to_owned),
            campaign: "spring".into(),
        };
        post(
            &till.http,
            &format!("{}/v1/links", relay.url),
            &till.credential,
            &wanted,
        )
        .unwrap()
    };
    let made = add(" Solare ", None);
    assert_eq!((made.code.as_str(), made.why, made.free.len()), ("solare", None, 0));
    assert_eq!(get(&relay, "/ref/solare", &[]).status(), 302);
    let taken = add("solare", None);
    assert_eq!((taken.why.as_deref(), taken.free.len()), (Some("code_taken"), 3));
    assert_eq!(add(&taken.free[0], None).why, None);
    assert_eq!(add("x", None).why.as_deref(), Some("bad_code"));
    let elsewhere = add("luna", Some("https://evil.example/"));
    assert_eq!(elsewhere.why.as_deref(), Some("bad_landing"));
    let wanted = json!({"code": "luna"});
    let nobody = post::<LinkAnswer>(&till.http, &format!("{}/v1/links", relay.url), "", &wanted);
    assert_eq!(nobody.unwrap_err().code, "unknown_device");
}
