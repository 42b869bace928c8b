//! Webhooks and the watched folder as the owner sets them up: over a real socket, in the app's own store.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use pos::signature::standard::{self, Secret};

use super::*;
use crate::views::{ArrivedOutcome, MappedSender, SalesInCode, SalesInEdit, Sender, SenderEdit};

fn owner() -> Rig {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    rig
}

/// A port nobody has now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn on(port: u16) -> SalesInEdit {
    SalesInEdit {
        on: true,
        port: port.into(),
        network: false,
        enrol_unknown: true,
    }
}

/// Sends a sale as a till does; answers the status and the body.
fn send(rig: &Rig, port: u16, secret: &str, sale_id: &str, phone: &str) -> (u16, String) {
    let body =
        format!(r#"{{"sale_id":"{sale_id}","phone":"{phone}","total":"12.50","occurred_at":"2026-11-20T10:00:00"}}"#);
    let secret = Secret::read(secret).unwrap();
    let signed = standard::sign(&[secret], sale_id, rig.clock.now(), body.as_bytes());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        stream,
        "POST /pos/sale HTTP/1.1\r\nhost: till\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}: {}\r\n{}: {}\r\n{}: {}\r\n\r\n{body}",
        body.len(),
        standard::ID_HEADER,
        signed.id,
        standard::TIMESTAMP_HEADER,
        signed.timestamp,
        standard::SIGNATURE_HEADER,
        signed.signature,
    )
    .unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    let status = said.split(' ').nth(1).unwrap().parse().unwrap();
    (status, said)
}

#[test]
fn only_the_owners_window_sets_it_up() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.sales_in()), "locked");
    assert_eq!(code(rig.app.sales_in_set(&on(4180))), "locked");
    assert_eq!(code(rig.app.sales_in_secret()), "locked");
    assert_eq!(code(rig.app.sales_in_forget("square")), "locked");
    assert_eq!(code(rig.app.sales_in_watch("", "pos")), "locked");
}

#[test]
fn off_until_turned_on_and_a_missing_secret_is_said() {
    let rig = owner();
    rig.app.begin_sales_in();
    let set = rig.app.sales_in().unwrap();
    assert!(!set.on && set.port == 4180 && set.listening.is_none() && !set.secret && set.enrol_unknown);
    assert_eq!(rig.app.status().unwrap().sales_in, None);
    let port = free_port();
    let set = rig.app.sales_in_set(&on(port)).unwrap();
    assert_eq!(set.trouble.unwrap().code, SalesInCode::NoSecret);
    assert_eq!(rig.app.status().unwrap().sales_in.unwrap().code, SalesInCode::NoSecret);
    // With the secret it opens by itself.
    let new = rig.app.sales_in_secret().unwrap();
    assert!(new.secret.starts_with("whsec_") && new.sales_in.secret && new.sales_in.older_until.is_none());
    assert_eq!(new.sales_in.listening, Some(format!("127.0.0.1:{port}")));
    assert_eq!(rig.app.status().unwrap().sales_in, None);
    for bad in [0, -1, 65_536] {
        let edit = SalesInEdit { port: bad, ..on(port) };
        assert_eq!(
            refused(rig.app.sales_in_set(&edit)),
            ("missing".into(), "port".into(), None)
        );
    }
    let off = rig.app.sales_in_set(&SalesInEdit { on: false, ..on(port) }).unwrap();
    assert!(off.listening.is_none() && off.trouble.is_none());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_sale_that_arrives_is_told_and_in_activity_at_once() {
    let rig = owner();
    let (told, hears) = channel();
    rig.app.when_sales_come_in(move || told.send(()).unwrap());
    let port = free_port();
    let secret = rig.app.sales_in_secret().unwrap().secret;
    rig.app.sales_in_set(&on(port)).unwrap();
    assert_eq!(send(&rig, port, &secret, "W-1", "6195550101").0, 200);
    hears.recv_timeout(Duration::from_secs(10)).unwrap();
    let lines = rig.app.activity().unwrap();
    assert_eq!(
        (lines.len(), lines[0].points, lines[0].sale_id.as_deref()),
        (1, 12, Some("W-1"))
    );
    assert_eq!(send(&rig, port, &secret, "W-1", "6195550101").0, 200);
    let wrong = Secret::from_random([9; 32]).reveal();
    assert_eq!(send(&rig, port, &wrong, "W-2", "6195550101").0, 401);
    let set = rig.app.sales_in().unwrap();
    let seen: Vec<_> = set.recent.iter().map(|one| (one.outcome, one.code.as_str())).collect();
    assert_eq!(
        seen,
        [
            (ArrivedOutcome::Refused, "signature_wrong"),
            (ArrivedOutcome::Duplicate, ""),
            (ArrivedOutcome::Sale, ""),
        ]
    );
    assert_eq!((set.taken, set.refused), (2, 1));
    // Without enrolling, an unknown number is refused by field, and the port stays open meanwhile.
    rig.app
        .sales_in_set(&SalesInEdit {
            enrol_unknown: false,
            ..on(port)
        })
        .unwrap();
    assert_eq!(send(&rig, port, &secret, "W-3", "6195550102").0, 422);
    assert_eq!(rig.app.sales_in().unwrap().recent[0].fields, ["/phone"]);
    // The end of the app lets go of the port, and the next start takes it again.
    rig.app.shut_down();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    let next = rig.another();
    next.startup();
    next.begin_sales_in();
    assert_eq!(send(&rig, port, &secret, "W-4", "6195550101").0, 200);
    next.shut_down();
}

#[test]
fn a_new_secret_overlaps_for_a_day() {
    let rig = owner();
    let port = free_port();
    let old = rig.app.sales_in_secret().unwrap().secret;
    rig.app.sales_in_set(&on(port)).unwrap();
    let new = rig.app.sales_in_secret().unwrap();
    assert_eq!(
        new.sales_in.older_until.as_deref(),
        Some("2026-11-21T18:00:00.000Z"),
        "{:?}",
        new.sales_in.older_until
    );
    assert_eq!(send(&rig, port, &old, "W-1", "6195550101").0, 200);
    assert_eq!(send(&rig, port, &new.secret, "W-2", "6195550101").0, 200);
    rig.clock.pass_s(24 * 3600);
    assert_eq!(send(&rig, port, &old, "W-3", "6195550101").0, 401);
    assert_eq!(send(&rig, port, &new.secret, "W-4", "6195550101").0, 200);
    // The owner was away for that long.
    rig.app.unlock_owner(super::OWNER_PIN).unwrap();
    assert_eq!(rig.app.sales_in().unwrap().older_until, None);
}

#[test]
fn a_taken_port_is_a_line_and_another_port_works() {
    let rig = owner();
    rig.app.sales_in_secret().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap().port();
    let set = rig.app.sales_in_set(&on(taken)).unwrap();
    assert_eq!((set.on, set.listening), (true, None));
    assert_eq!(set.trouble.unwrap().code, SalesInCode::PortTaken);
    // The till goes on.
    rig.maria();
    let port = free_port();
    assert_eq!(
        rig.app.sales_in_set(&on(port)).unwrap().listening,
        Some(format!("127.0.0.1:{port}"))
    );
    // Free again, and asked for again.
    drop(other);
    assert!(rig.app.sales_in_set(&on(taken)).unwrap().trouble.is_none());
}

#[test]
fn senders_are_set_up_without_showing_their_keys() {
    let rig = owner();
    let app = &rig.app;
    let square = |key: &str, url: &str| SenderEdit::Square {
        key: key.into(),
        url: url.into(),
    };
    assert_eq!(refused(app.sales_in_sender(&square("k", "shop.example"))).1, "url");
    assert_eq!(
        refused(app.sales_in_sender(&square(" ", "https://shop.example/hooks/square"))).1,
        "key"
    );
    app.sales_in_sender(&square("key-one", "https://shop.example/hooks/square"))
        .unwrap();
    let set = app
        .sales_in_sender(&square("key-two", "https://shop.example/hooks/square"))
        .unwrap();
    assert!(
        matches!(&set.senders[..], [Sender::Square { keys: 2, .. }]),
        "{:?}",
        set.senders
    );
    assert!(!format!("{set:?}").contains("key-"));
    let pointers = MappedSender {
        source: "kiosk".into(),
        sale_id: "/ticket/number".into(),
        occurred_at: "/ticket/closed".into(),
        time: "milliseconds".into(),
        total: "/ticket/sum".into(),
        tax: "/ticket/tax".into(),
        tip: String::new(),
        unit: "minor".into(),
        phone: "/ticket/tel".into(),
        items: "/ticket/rows".into(),
        item_name: "/text".into(),
        item_quantity: String::new(),
        only: "/kind".into(),
        only_value: "ticket.closed".into(),
    };
    let mapped = |name: &str, pointers: MappedSender| SenderEdit::Mapped {
        name: name.into(),
        pointers: Box::new(pointers),
    };
    for name in ["", "square", "Kiosk", "a/b", "much-too-long-for-an-address"] {
        assert_eq!(
            refused(app.sales_in_sender(&mapped(name, pointers.clone()))).0,
            "bad_name",
            "{name}"
        );
    }
    let wrong = MappedSender {
        total: "sum".into(),
        ..pointers.clone()
    };
    assert_eq!(refused(app.sales_in_sender(&mapped("kiosk", wrong))).1, "total");
    let set = app.sales_in_sender(&mapped("kiosk", pointers.clone())).unwrap();
    match &set.senders[..] {
        [_, Sender::Mapped { name, pointers: shown }] => assert_eq!((name.as_str(), &**shown), ("kiosk", &pointers)),
        other => panic!("{other:?}"),
    }
    app.sales_in_forget("square").unwrap();
    assert_eq!(app.sales_in_forget("kiosk").unwrap().senders.len(), 0);
}

#[test]
fn a_watched_folder_is_watched_from_the_window() {
    let rig = owner();
    let inbox = rig.dir.path().join("in");
    assert_eq!(
        refused(rig.app.sales_in_watch(&inbox.display().to_string(), "pos")).1,
        "folder"
    );
    assert_eq!(refused(rig.app.sales_in_watch("in", "pos")).1, "folder");
    std::fs::create_dir(&inbox).unwrap();
    let set = rig.app.sales_in_watch(&inbox.display().to_string(), "pos").unwrap();
    let watch = set.watch.unwrap();
    assert_eq!((watch.source.as_str(), watch.trouble), ("pos", None));
    assert!(inbox.join("done").is_dir());
    let (told, hears) = channel();
    rig.app.when_sales_come_in(move || told.send(()).unwrap());
    std::fs::write(
        inbox.join("a.csv"),
        "sale_id,occurred_at,phone,total\nF-1,2026-11-20T09:00,6195550101,7.00\n",
    )
    .unwrap();
    // The till's clock stands still here, so the file has stopped changing when it is moved on: two looks apart.
    let clock = Arc::clone(&rig.clock);
    let passes = std::thread::spawn(move || {
        while hears.recv_timeout(Duration::from_millis(200)).is_err() {
            clock.pass_s(10);
        }
    });
    passes.join().unwrap();
    let recent = rig.app.sales_in().unwrap().recent;
    assert_eq!(
        (recent[0].outcome, recent[0].name.as_str(), recent[0].points),
        (ArrivedOutcome::File, "a.csv", 7)
    );
    assert!(rig.app.sales_in_watch("", "pos").unwrap().watch.is_none());
    rig.app.shut_down();
}
