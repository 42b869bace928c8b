//! The shop's mail while there is no relay, or one that says no. With one that does it: the relay's own tests.

use super::*;
use ledger::PairedWith;
use loyalty::Origin;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

/// A relay that gives these answers, one after the other; and the bodies that it heard.
pub fn relay(answers: Vec<(u16, &'static str)>) -> (String, Receiver<String>) {
    let (told, heard_of) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut piece = [0; 4096];
            // The whole request, head and body: what is closed before it was read may be lost on its way.
            while !is_whole(&heard) {
                let n = stream.read(&mut piece).unwrap();
                heard.extend_from_slice(&piece[..n]);
            }
            let said = String::from_utf8_lossy(&heard)
                .split_once("\r\n\r\n")
                .map(|(_, said)| said.to_owned());
            // Whoever does not listen does not mind.
            let _ = told.send(said.unwrap_or_default());
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, heard_of)
}

fn is_whole(heard: &[u8]) -> bool {
    let text = String::from_utf8_lossy(heard).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}

pub fn belongs_to(rig: &Rig, url: String) {
    let paired = PairedWith {
        url,
        relay: Origin(SystemIds.uuid(UtcMs(0))),
        incarnation: 1,
        shop_seq: 0,
    };
    let store = rig.app.store().unwrap();
    store.write(move |tx| tx.paired(&paired)).unwrap();
    let secrets = rig.app.vault.another().unwrap();
    secrets.set(link::CREDENTIAL, b"none that anybody looks at").unwrap();
}

#[test]
fn only_an_owner_sees_the_mail_and_only_with_a_relay() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.mail()), "locked");
    assert_eq!(code(rig.app.mail_stop(vec![], Some("balance".into()))), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert_eq!(code(rig.app.mail()), "not_paired");
    assert_eq!(code(rig.app.mail_voice_check(String::new())), "not_paired");
    assert_eq!(code(rig.app.mail_preview("balance".into(), None, Some("x"))), "missing");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    belongs_to(&rig, format!("http://{nobody}"));
    assert_eq!(code(rig.app.mail()), "offline");
}

#[test]
fn an_older_relay_and_what_the_relay_refuses_are_told_by_their_codes() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let refused_host = r#"{"refused":{"code":"mail_private_host","field":"host","said":""}}"#;
    let refused_test = r#"{"refused":{"code":"mail_not_taken","field":"","said":"535"}}"#;
    let found = r#"{"problems":[{"line":4,"column":9,"length":4,"words":"x","suggestion":"name"}]}"#;
    let arrives = r#"{"findings":[{"what":"spf","code":"spf_none","values":[],"good":false,"said":"x",
        "record":{"name":"a.example","kind":"TXT","text":"v=spf1 -all"}}]}"#;
    belongs_to(
        &rig,
        relay(vec![
            (404, r#"{"code":"not_found","message":"There is nothing here."}"#),
            (200, "{}"),
            (200, refused_host),
            (200, refused_test),
            (200, found),
            (400, r#"{"code":"bad_request","message":"unknown variant"}"#),
            (200, arrives),
        ])
        .0,
    );
    assert_eq!(code(rig.app.mail()), "relay_too_old");
    assert_eq!(code(rig.app.mail_run("balance".into())), "relay_too_old");
    let (code_, field, _) = refused(rig.app.mail_job("balance".into(), None));
    assert_eq!((code_.as_str(), field.as_str()), ("mail_private_host", "host"));
    match rig.app.mail_test() {
        Err(Failure::Refused { code, value, .. }) => {
            assert_eq!((code.as_str(), value.as_str()), ("mail_not_taken", "535"))
        }
        other => panic!("{other:?}"),
    }
    let found = rig.app.mail_voice_check("x".into()).unwrap();
    assert_eq!((found[0].line, found[0].suggestion.as_deref()), (4, Some("name")));
    // It says no codes yet: then its English is shown.
    assert_eq!((found[0].code.as_str(), found[0].words.as_str()), ("", "x"));
    assert_eq!(code(rig.app.mail_arrives()), "relay_too_old");
    let found = rig.app.mail_arrives().unwrap();
    let record = found[0].record.as_ref().unwrap();
    assert_eq!(
        (found[0].code.as_str(), record.text.as_str()),
        ("spf_none", "v=spf1 -all")
    );
}
