//! Vendors' links from the owner's window on: made through the relay with the till's credential, clicked, and seen; and
//! what looks odd about a join on the web, until somebody has looked.

use ledger::{Options, Store};
use link::{Client, LinkRequest, add_link, clicks};
use secrets::Secrets;
use std::time::{Duration, Instant};

use crate::referrals::{IPHONE, Phone, states};
use crate::shop::{Relay, Till, text};

/// Clicks on each link.
const ROUNDS: usize = 20;

fn open(till: &Till) -> (Store, Client) {
    let store = Store::open(&till.dir, Options::default()).unwrap();
    let secrets = Secrets::open_file(link::SERVICE, &till.dir).unwrap();
    let client = Client::of_till(&store, &secrets).unwrap();
    (store, client)
}

fn phone(relay: &Relay) -> Phone {
    Phone {
        port: relay.port(),
        cookies: String::new(),
        agent: IPHONE,
    }
}

#[test]
fn seven_vendors_clicks_are_seen_as_they_happen() {
    let mut relay = Relay::start();
    let shop = relay.shop_id();
    relay.command(&[
        "shop",
        "set",
        "--shop",
        &shop,
        "--site",
        "https://example.com/",
        "--json",
    ]);
    let till = relay.till("Till 1");
    let (store, client) = open(&till);
    let wanted = |code: &str| LinkRequest {
        code: code.to_owned(),
        landing: None,
        campaign: "spring".to_owned(),
    };
    let codes: Vec<String> = (1..=7).map(|n| format!("vendor-{n}")).collect();
    for code in &codes {
        assert_eq!(add_link(&store, &client, &wanted(code)).unwrap().why, None);
    }
    let taken = add_link(&store, &client, &wanted("Vendor-3")).unwrap();
    assert_eq!((taken.why.as_deref(), taken.free.len()), (Some("code_taken"), 3));
    // From the click to the till's own table, as the window asks for it: what is counted is never late for the one who
    // asks after the answer. The figures are printed, and no machine's speed is asked for.
    let mut took: Vec<Duration> = Vec::new();
    let mut seen = 0;
    for _ in 0..ROUNDS {
        for code in &codes {
            let began = Instant::now();
            let (head, _) = phone(&relay).asks(&format!("GET /ref/{code}"), "");
            assert!(head.starts_with("HTTP/1.1 302"), "{head}");
            assert!(clicks(&store, &client).unwrap(), "a click is news");
            seen += 1;
            let all: i64 = store.funnel().unwrap().iter().map(|row| row.clicks).sum();
            assert_eq!(all, seen);
            took.push(began.elapsed());
        }
    }
    assert!(!clicks(&store, &client).unwrap(), "without clicks there is no news");
    took.sort();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    println!("click to answer: p50 {:?}, p99 {:?} of {}", at(50), at(99), took.len());
}

#[test]
fn who_joins_from_the_referrers_address_waits_for_a_look() {
    let mut relay = Relay::start();
    let shop = relay.shop_id();
    let till = relay.till("Till 1");
    let rules = till.dir.join("friends.rules");
    std::fs::write(
        &rules,
        "Earn 1 point per $1\nFriend first buys $10: referrer gets 50 points\n",
    )
    .unwrap();
    till.ctl(&["rules", "publish", rules.to_str().unwrap()]);
    till.sync();
    // Both join on the web, on one day, with one address (and, as here, one browser under two names).
    phone(&relay).joins(&format!("/join/{shop}"), "(619) 555-0101");
    till.sync();
    let maria = till.member("+16195550101");
    let code = text(&maria["code"]).to_lowercase();
    let mut friend = Phone {
        agent: "Another/1.0",
        ..phone(&relay)
    };
    friend.joins(&format!("/join/{shop}?ref={code}"), "(619) 555-0123");
    till.sync();
    till.credit("+16195550123", "S-1", "20");
    assert_eq!(states(&till, "+16195550101"), ["review"]);
    assert_eq!(till.balance("+16195550101"), 0);
    let odd = till.ctl(&["referrals", "odd"]);
    let reward = &odd["rewards"][0];
    let doubts = reward["doubts"].to_string();
    assert!(doubts.contains("the same address as whoever sent them"), "{odd}");
    till.ctl(&["referrals", "allow", &text(&reward["reward"])]);
    assert_eq!(
        (states(&till, "+16195550101"), till.balance("+16195550101")),
        (vec!["granted".to_owned()], 50)
    );
    assert_eq!(
        till.refused(&["referrals", "allow", "nothing"]),
        "unknown_referral_reward"
    );
    let own = [
        "member",
        "add",
        "--phone",
        "+16195550144",
        "--referred-by",
        "619 555 0144",
    ];
    assert_eq!(till.refused(&own), "self_referral");
}
