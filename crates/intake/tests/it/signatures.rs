//! Who gets in: only whoever has a secret that is in force, and now.

use intake::OwnSecret;
use loyalty::UtcMs;
use pos::signature::standard::{self, Headers};

use crate::http::Reply;
use crate::support::{NOW_MS, Till, headers, sale, secret, till, till_with};

fn body() -> Vec<u8> {
    sale("A-1", "6195550123", "12.50").to_string().into_bytes()
}

fn signed(at_ms: i64) -> Headers {
    standard::sign(&[secret(1)], "msg_1", UtcMs(at_ms), &body())
}

fn send(till: &Till, signed: &Headers, body: &[u8]) -> Reply {
    till.send("/pos/sale", &headers(signed), body)
}

/// Refused with this code, and nothing was recorded.
fn unheard(till: &Till, signed: &Headers, body: &[u8], code: &str) {
    let reply = send(till, signed, body);
    assert_eq!(
        (reply.status, reply.json["error"]["code"].as_str()),
        (401, Some(code)),
        "{reply:?}"
    );
    assert_eq!(till.lines(), 0);
}

#[test]
fn valid_once_and_replayed() {
    let till = till();
    let first = send(&till, &signed(NOW_MS), &body());
    assert_eq!((first.status, &first.json["points"]), (200, &12.into()), "{first:?}");
    let mut again = send(&till, &signed(NOW_MS), &body());
    assert_eq!(again.json["duplicate"], true);
    again.json["duplicate"] = false.into();
    assert_eq!((again.status, again.json), (200, first.json));
    assert_eq!(till.lines(), 1);
}

#[test]
fn tampered_and_truncated() {
    let till = till();
    let body = body();
    let tampered = String::from_utf8(body.clone()).unwrap().replace("12.50", "92.50");
    unheard(&till, &signed(NOW_MS), tampered.as_bytes(), "signature_wrong");
    unheard(&till, &signed(NOW_MS), &body[..body.len() - 1], "signature_wrong");
    unheard(&till, &signed(NOW_MS), b"", "signature_wrong");
    let good = signed(NOW_MS);
    let cut = Headers {
        signature: good.signature[..good.signature.len() - 4].to_owned(),
        ..good.clone()
    };
    unheard(&till, &cut, &body, "signature_wrong");
    let other_id = Headers {
        id: "msg_2".into(),
        ..good.clone()
    };
    unheard(&till, &other_id, &body, "signature_wrong");
    let unread = Headers {
        signature: "v1a,zz".into(),
        ..good.clone()
    };
    unheard(&till, &unread, &body, "signature_malformed");
    let other = standard::sign(&[secret(9)], "msg_1", UtcMs(NOW_MS), &body);
    unheard(&till, &other, &body, "signature_wrong");
    let later = Headers {
        timestamp: (NOW_MS / 1000 + 1).to_string(),
        ..good
    };
    unheard(&till, &later, &body, "signature_wrong");
}

#[test]
fn missing_or_said_twice() {
    let till = till();
    let good = signed(NOW_MS);
    for missing in 0..3 {
        let mut some = headers(&good).to_vec();
        some.remove(missing);
        let reply = till.send("/pos/sale", &some, &body());
        assert_eq!(
            (reply.status, &reply.json["error"]["code"]),
            (401, &"signature_missing".into())
        );
        let mut twice = headers(&good).to_vec();
        twice.push(headers(&good)[missing]);
        assert_eq!(till.send("/pos/sale", &twice, &body()).status, 401);
    }
    assert_eq!(till.lines(), 0);
}

#[test]
fn late_and_early() {
    let till = till();
    unheard(&till, &signed(NOW_MS - 301_000), &body(), "signature_too_old");
    unheard(&till, &signed(NOW_MS + 301_000), &body(), "signature_too_early");
    assert_eq!(send(&till, &signed(NOW_MS - 300_000), &body()).status, 200);
    assert_eq!(send(&till, &signed(NOW_MS + 300_000), &body()).status, 200);
    // What was taken in time is not taken again later, either.
    till.clock.pass(301_000);
    assert_eq!(send(&till, &signed(NOW_MS), &body()).status, 401);
}

#[test]
fn two_secrets_while_one_rotates() {
    let until = Some(UtcMs(NOW_MS + 1000));
    let till = till_with(|mut config| {
        config.secrets.push(OwnSecret {
            secret: secret(2),
            until,
        });
        config
    });
    let by = |byte| standard::sign(&[secret(byte)], "msg_1", UtcMs(NOW_MS), &body());
    assert_eq!(send(&till, &by(1), &body()).status, 200);
    assert_eq!(send(&till, &by(2), &body()).status, 200);
    let both = standard::sign(&[secret(9), secret(2)], "msg_1", UtcMs(NOW_MS), &body());
    assert_eq!(send(&till, &both, &body()).status, 200);
    till.clock.pass(1000);
    assert_eq!(send(&till, &by(2), &body()).status, 401);
    assert_eq!(send(&till, &by(1), &body()).status, 200);
}

#[test]
fn without_a_secret_nobody_gets_in() {
    let till = till_with(|mut config| {
        config.secrets.clear();
        config
    });
    unheard(&till, &signed(NOW_MS), &body(), "signature_wrong");
}
