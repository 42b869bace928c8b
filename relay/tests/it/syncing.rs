//! Operations go up and come down: in pages, once each, in one order for all, and told at once to who listens.

use std::io::{BufRead, BufReader};
use std::time::Instant;
use sync::wire::{LiveEvent, TillsRequest};

use crate::harness::{PATIENCE, Place, Relay};
use crate::on_both;
use crate::till::{Till, post};

on_both! { pages_go_both_ways_once_each, anothers_operation_is_told_to_who_listens }

fn pages_go_both_ways_once_each(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut one = Till::pair(&relay, &code);
    let mut two = Till::pair(&relay, &place.code(&shop));
    for n in 0..1500 {
        one.sells(&format!("a{n}"), None, 1, loyalty::rules::Move::Add);
        two.sells(&format!("b{n}"), None, 1, loyalty::rules::Move::Add);
    }
    let first = one.request();
    let answer = one.send(&relay, &first).unwrap();
    assert_eq!((answer.accepted, answer.shop_seq), (1000, 1000));
    // The same again, as after an answer that was lost, and an old page after newer ones.
    assert_eq!(one.send(&relay, &first).unwrap().accepted, 1000);
    one.takes(answer).unwrap();
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    assert_eq!(one.send(&relay, &first).unwrap().accepted, 1500);
    one.syncs(&relay).unwrap();
    let mut three = Till::pair(&relay, &place.code(&shop));
    three.syncs(&relay).unwrap();
    assert_eq!((one.got.len(), two.got.len(), three.got.len()), (1500, 1500, 3000));
    let order: Vec<i64> = three.got.iter().map(|got| got.0).collect();
    assert_eq!(order, (1..=3000).collect::<Vec<i64>>());
    // Whoever asks for little gets little.
    let mut four = Till::pair(&relay, &place.code(&shop));
    let mut request = four.request();
    request.take_max = Some(7);
    let answer = four.send(&relay, &request).unwrap();
    assert_eq!((answer.ops.len(), answer.cursor, answer.more), (7, 7, true));
    assert!(four.takes(answer).unwrap());
    assert_eq!(relay.counted("regulars_relay_operations_taken_total"), 3000.0);
}

/// A live connection: its events, one by one.
pub fn listen(till: &Till, relay: &Relay) -> impl Iterator<Item = LiveEvent> + use<> {
    let url = format!("{}/v1/live?cursor={}", relay.url, till.cursor);
    let http = reqwest::blocking::Client::builder().timeout(PATIENCE).build().unwrap();
    let answer = http.get(url).bearer_auth(&till.credential).send().unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let lines = BufReader::new(answer).lines().map_while(Result::ok);
    lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
}

fn anothers_operation_is_told_to_who_listens(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let (mut one, two) = (Till::pair(&relay, &code), Till::pair(&relay, &place.code(&shop)));
    let mut heard = listen(&two, &relay);
    one.sells("1", None, 1, loyalty::rules::Move::Add);
    let began = Instant::now();
    one.syncs(&relay).unwrap();
    assert_eq!(heard.next(), Some(LiveEvent::Moved { shop_seq: 1 }));
    eprintln!("told after {:?}", began.elapsed());
    let revoke = TillsRequest::Revoke { till: two.origin };
    post::<sync::wire::TillsAnswer>(&one.http, &format!("{}/v1/tills", relay.url), &one.credential, &revoke).unwrap();
    assert_eq!(heard.next(), Some(LiveEvent::Revoked));
    assert_eq!(heard.next(), None);
    let mut heard = listen(&one, &relay);
    relay.terminate();
    assert!(matches!(heard.next(), Some(LiveEvent::Bye { .. })));
}
