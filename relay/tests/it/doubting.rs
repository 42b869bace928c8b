//! What looks odd about somebody who joins on the web: the same address as whoever sent them, many from one address, one
//! browser for several. They join all the same, and what it brings waits for a look.

use loyalty::MemberId;
use loyalty::op::Body;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

use crate::harness::{Place, Relay};
use crate::joining::{encoded, hidden};
use crate::linking::{add, shop};
use crate::on_both;
use crate::till::Till;

on_both! { joining_from_one_address_is_odd_and_counts }

/// Joins through a code, as somebody at an address with a browser; the page after it.
fn joins(relay: &Relay, shop: &str, code: &str, phone: &str, (from, browser): (&str, &str)) -> String {
    let http = Client::builder()
        .redirect(Policy::none())
        .user_agent(browser.to_owned())
        .build()
        .unwrap();
    let from = ("x-forwarded-for", from);
    let get = |path: &str| {
        http.get(format!("{}{path}", relay.url))
            .header(from.0, from.1)
            .send()
            .unwrap()
    };
    let page = get(&format!("/join/{shop}?ref={code}")).text().unwrap();
    let mut form: Vec<String> = hidden(&page)
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    form.push(format!("phone={}", encoded(phone)));
    let request = http.post(format!("{}/join/{shop}", relay.url)).header(from.0, from.1);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(form.join("&")).send().unwrap();
    assert_eq!(answer.status(), 303, "nobody is sent away: {phone}");
    get(answer.headers()["location"].to_str().unwrap()).text().unwrap()
}

fn joining_from_one_address_is_odd_and_counts(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relay = place.serve_with(&["--trusted-proxies", "127.0.0.0/8"]);
    let home = "192.0.2.1";
    let first = joins(&relay, &shop, "", "619-555-0100", (home, "One"));
    let code = first
        .split("/ref/")
        .nth(1)
        .unwrap()
        .split(['"', '<'])
        .next()
        .unwrap()
        .to_owned();
    // Another browser at the referrer's own address; the same code from elsewhere; then one browser for two.
    joins(&relay, &shop, &code, "619-555-0101", (home, "Two"));
    joins(&relay, &shop, &code, "619-555-0102", ("192.0.2.2", "Three"));
    joins(&relay, &shop, &code, "619-555-0103", ("192.0.2.2", "Three"));
    // A vendor's code, four times from one address with as many browsers.
    for (n, browser) in ["Four", "Five", "Six", "Seven"].iter().enumerate() {
        joins(
            &relay,
            &shop,
            "solare",
            &format!("619-555-011{n}"),
            ("192.0.2.3", browser),
        );
    }
    let mut till = Till::pair(&relay, &place.code(&shop));
    till.syncs(&relay).unwrap();
    let said: Vec<(Option<MemberId>, Vec<String>)> = till
        .got
        .iter()
        .filter_map(|(_, _, body, _)| match body {
            Body::ReferralJoined { referrer, doubts, .. } => Some((*referrer, doubts.clone())),
            _ => None,
        })
        .collect();
    let doubts: Vec<&[String]> = said.iter().map(|(_, doubts)| doubts.as_slice()).collect();
    let (address, browser, many) = (
        "they joined from the same address as whoever sent them, on one day",
        "somebody else joined with the same browser on the same day",
        "4 friends joined through this code from one address on one day",
    );
    assert_eq!(doubts.len(), 7);
    assert_eq!(doubts[0], [address]);
    assert!(doubts[1].is_empty());
    assert_eq!(doubts[2], [browser]);
    assert!(doubts[3..6].iter().all(|doubts| doubts.is_empty()));
    assert_eq!(doubts[6], [many]);
    // No address is kept, and what is kept goes with its day.
    assert_eq!(
        place.number("SELECT count(*) FROM member_places WHERE length(address) = 16"),
        8
    );
}
