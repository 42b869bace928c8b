//! The mails to other shops from the owner's window: who may, in whose name, and what an older relay or one that is away
//! makes of it. With a relay that does it: the relay's own tests.

use super::mail::{belongs_to, relay};
use super::*;
use crate::views::{OutreachSeen, OutreachTo};
use std::net::TcpListener;

const STATE: &str = r#"{"state":{"sends":true,"vendors":[],"mails":[],"waiting":0}}"#;

#[test]
fn only_an_owner_decides_and_only_with_a_relay() {
    let rig = Rig::shop();
    let seen = || {
        vec![OutreachSeen {
            mail: uuid(1),
            seen: "x".into(),
        }]
    };
    assert_eq!(code(rig.app.outreach()), "locked");
    assert_eq!(code(rig.app.outreach_decide(seen(), true)), "locked");
    assert_eq!(code(rig.app.outreach_count()), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert_eq!(code(rig.app.outreach()), "not_paired");
    assert_eq!(code(rig.app.outreach_show("nobody")), "missing");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    belongs_to(&rig, format!("http://{nobody}"));
    assert_eq!(code(rig.app.outreach_decide(seen(), true)), "offline");
}

#[test]
fn an_older_relay_is_told_by_its_code() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let (older, _) = relay(vec![
        (404, r#"{"code":"not_found","message":"There is nothing here."}"#),
        (200, "{}"),
    ]);
    belongs_to(&rig, older);
    assert_eq!(code(rig.app.outreach()), "relay_too_old");
    assert_eq!(code(rig.app.outreach_count()), "relay_too_old");
}

#[test]
fn what_is_done_is_done_in_the_name_of_whoever_opened_the_window() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let refused_one = r#"{"refused":{"code":"outreach_changed","field":"","said":""}}"#;
    let (url, heard) = relay(vec![
        (200, STATE),
        (200, STATE),
        (200, refused_one),
        (200, r#"{"waiting":3}"#),
    ]);
    belongs_to(&rig, url);
    let to = OutreachTo {
        code: "solare".into(),
        name: "Solare".into(),
        address: "hello@solare.example".into(),
    };
    rig.app.outreach_draft(vec![to]).unwrap();
    rig.app
        .outreach_edit(&uuid(1), "Subject: Hi\n\nHello\n".into())
        .unwrap();
    let seen = vec![OutreachSeen {
        mail: uuid(1),
        seen: "as it was".into(),
    }];
    assert_eq!(code(rig.app.outreach_decide(seen, true)), "outreach_changed");
    assert_eq!(rig.app.outreach_count().unwrap(), 3);
    let heard: Vec<String> = heard.iter().take(4).collect();
    for said in &heard[..3] {
        assert!(said.contains(r#""by":"Olga""#), "{said}");
    }
    assert!(heard[2].contains(r#""seen":"as it was""#) && heard[2].contains(r#""approve":true"#));
    assert!(!heard[3].contains("Olga"), "{}", heard[3]);
}

fn uuid(n: u128) -> String {
    format!("{n:032x}")
}
