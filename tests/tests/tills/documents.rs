//! Rules in a document elsewhere reach real tills like rules that an owner publishes: the next sale goes by them, at each.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::MARIA;
use crate::shop::{Relay, Till, agree, text};

/// A document on a server of the test's own: what it says now, and its address.
fn document() -> (Arc<Mutex<String>>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/rules.txt", listener.local_addr().unwrap());
    let says = Arc::new(Mutex::new(String::new()));
    let said = says.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(&stream, &said.lock().unwrap());
        }
    });
    (says, address)
}

fn answer(mut stream: &TcpStream, text: &str) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    // Up to the end of the request's head; it has no body.
    assert!(lines.any(|line| line.is_empty()));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length:";
    write!(stream, "{head} {}\r\n\r\n{text}", text.len()).unwrap();
}

fn versions(till: &Till) -> i64 {
    till.ctl(&["rules", "show"])["version"].as_i64().unwrap()
}

#[test]
fn rules_of_a_document_hold_for_the_next_sale_at_every_till() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "A-1", "10");
    agree(&[&a, &b]);
    let (before, points) = (versions(&a), a.balance(MARIA));
    assert_eq!(points, 10);
    let (says, address) = document();
    *says.lock().unwrap() = "\u{feff}Earn 3 points per\u{a0}$1\r\nReward 100 points: Free coffee\r\n".to_owned();
    let shop = relay.shop_id();
    let document = |relay: &Relay, args: &[&str]| {
        let all = ["document", &shop, "--allow-private-addresses", "true", "--json"];
        relay.command(&[&all[..], args].concat())
    };
    let set = document(&relay, &["--set", &address]);
    assert_eq!(set["state"]["documents"][0]["version"], before + 1);
    // A till that has not heard of it yet goes by the rules that it has, like with another till's rules.
    b.credit(MARIA, "B-1", "10");
    agree(&[&a, &b]);
    assert_eq!((versions(&a), versions(&b)), (before + 1, before + 1));
    assert_eq!(a.balance(MARIA), 20);
    a.credit(MARIA, "A-2", "10");
    b.credit(MARIA, "B-2", "10");
    agree(&[&a, &b]);
    assert_eq!(
        (a.balance(MARIA), b.balance(MARIA)),
        (80, 80),
        "three points per dollar at each"
    );
    // Who published it stands in the history, without what nobody sees in the text.
    let shown = a.ctl(&["rules", "show"]);
    assert_eq!(
        text(&shown["text"]),
        "Earn 3 points per $1\nReward 100 points: Free coffee\n"
    );
    // What does not read changes nothing at any till.
    *says.lock().unwrap() = "Earn three points\n".to_owned();
    let looked = document(&relay, &["--look"]);
    assert_eq!(looked["state"]["documents"][0]["problem"]["code"], "document_bad");
    agree(&[&a, &b]);
    a.credit(MARIA, "A-3", "10");
    agree(&[&a, &b]);
    assert_eq!(b.balance(MARIA), 110);
    for till in [&a, &b] {
        // It fails where anything differs from what the log adds up to.
        till.ctl(&["ledger", "verify"]);
    }
}
