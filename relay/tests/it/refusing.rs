//! What must not come in: each is refused with its code, logged, counted, and nothing of it is written.

use loyalty::OpId;
use loyalty::op::{Body, Private, Twice};
use loyalty::rules::Move;
use serde_json::{Value, json};
use sync::bytes::Fixed;
use sync::wire::{SyncRequest, TillsRequest};

use crate::harness::{Place, Relay};
use crate::on_both;
use crate::till::{No, Till, id, post};

on_both! { what_must_not_come_in_is_refused, a_restored_relay_is_noticed }

struct Shop {
    place_rows: i64,
    relay: Relay,
    good: Till,
    stranger: Till,
    removed: Till,
}

fn shop(place: &Place) -> Shop {
    let (shop, code) = place.shop();
    let (_, other) = place.shop();
    let relay = place.serve();
    let mut good = Till::pair(&relay, &code);
    let mut stranger = Till::pair(&relay, &other);
    let mut removed = Till::pair(&relay, &place.code(&shop));
    for till in [&mut good, &mut stranger, &mut removed] {
        till.enrols("+14155550100");
        till.syncs(&relay).unwrap();
    }
    let revoke = TillsRequest::Revoke { till: removed.origin };
    let url = format!("{}/v1/tills", relay.url);
    post::<Value>(&good.http, &url, &good.credential, &revoke).unwrap();
    // All that follows has something good before the bad, which must not be taken alone.
    for till in [&mut good, &mut stranger, &mut removed] {
        for n in 0..3 {
            till.sells(&format!("s{n}"), None, 1, Move::Add);
        }
    }
    Shop {
        place_rows: place.rows(),
        relay,
        good,
        stranger,
        removed,
    }
}

/// Makes what a till sends, and the till.
type Make = Box<dyn Fn(&Shop) -> (Till, SyncRequest)>;
type Bad = (
    &'static str,
    u16,
    &'static str,
    Box<dyn Fn(&Shop) -> (Till, SyncRequest)>,
);

/// One more operation of the till, bent.
fn bent(bend: impl Fn(&mut Till) + 'static) -> Make {
    Box::new(move |shop| {
        let mut till = shop.good.clone();
        bend(&mut till);
        let request = till.request();
        (till, request)
    })
}

/// Its request, bent.
fn asked(bend: impl Fn(&mut SyncRequest) + 'static) -> Make {
    Box::new(move |shop| {
        let mut request = shop.good.request();
        bend(&mut request);
        (shop.good.clone(), request)
    })
}

fn with_body(body: &'static str) -> Make {
    bent(move |till| {
        till.sells("x", None, 1, Move::Add);
        till.reseals(|op| op.body_json = body.into());
    })
}

fn bad_requests() -> Vec<Bad> {
    let settled = || Body::Settled {
        what: Twice::Sale,
        first: OpId(id()),
        second: OpId(id()),
        undo: None,
    };
    vec![
        (
            "no credential",
            401,
            "unknown_device",
            bent(|till| till.credential.clear()),
        ),
        (
            "a made-up credential",
            401,
            "unknown_device",
            bent(|till| till.credential = format!("rgd_{}", "A".repeat(86))),
        ),
        (
            "a credential with another secret",
            401,
            "unknown_device",
            bent(|till| {
                let end = till.credential.split_off(till.credential.len() - 4);
                till.credential.push_str(if end == "AAAA" { "BBBB" } else { "AAAA" });
            }),
        ),
        (
            "another shop's credential",
            422,
            "forged",
            Box::new(|shop| {
                (
                    Till {
                        credential: shop.stranger.credential.clone(),
                        ..shop.good.clone()
                    },
                    shop.good.request(),
                )
            }),
        ),
        (
            "another shop's operations",
            422,
            "forged",
            Box::new(|shop| {
                let mut till = shop.good.clone();
                till.shop = shop.stranger.shop;
                till.sells("x", None, 1, Move::Add);
                (till.clone(), till.request())
            }),
        ),
        (
            "a removed till",
            403,
            "revoked",
            Box::new(|shop| (shop.removed.clone(), shop.removed.request())),
        ),
        ("a gap", 409, "gap", asked(|request| drop(request.ops.remove(1)))),
        ("another order", 409, "gap", asked(|request| request.ops.swap(0, 1))),
        (
            "another past",
            409,
            "broken_chain",
            bent(|till| {
                till.sells("x", None, 1, Move::Add);
                till.reseals(|op| op.prev = [7; 32]);
            }),
        ),
        (
            "another past, sent again",
            409,
            "broken_chain",
            bent(|till| {
                (till.head, till.acked) = ((0, [0; 32]), 0);
                till.own.clear();
                till.enrols("+14155550122");
            }),
        ),
        (
            "a changed body",
            422,
            "forged",
            asked(|request| request.ops[2].body = request.ops[1].body.clone()),
        ),
        (
            "another's place",
            422,
            "forged",
            asked(|request| request.ops[2].hash = Fixed([3; 32])),
        ),
        (
            "private data that was not sealed",
            422,
            "forged",
            bent(|till| {
                till.enrols("+14155550111");
                till.own.last_mut().unwrap().private.as_mut().unwrap().data = "{}".into();
            }),
        ),
        ("a body that says nothing", 422, "bad_operation", with_body("{}")),
        (
            "a body of a newer app",
            422,
            "bad_operation",
            with_body(r#"{"body":"member_knighted"}"#),
        ),
        ("a body that is no JSON", 422, "bad_operation", with_body("Nadia Quill")),
        (
            "what only a relay may write",
            422,
            "bad_operation",
            bent(move |till| {
                till.does(&settled(), &Private::default());
            }),
        ),
        (
            "an id that was used",
            422,
            "bad_operation",
            bent(|till| {
                let used = till.own[0].op_id;
                till.sells("x", None, 1, Move::Add);
                till.reseals(|op| op.op_id = used);
            }),
        ),
        (
            "too many operations",
            413,
            "too_large",
            bent(|till| {
                for _ in 0..1000 {
                    till.sells("x", None, 1, Move::Add);
                }
            }),
        ),
        (
            "a huge operation",
            413,
            "too_large",
            bent(|till| {
                till.sells(&"x".repeat(300_000), None, 1, Move::Add);
            }),
        ),
        (
            "a huge message",
            413,
            "too_large",
            asked(|request| request.app_version = "x".repeat(5_000_000)),
        ),
        (
            "an old protocol",
            426,
            "protocol_too_old",
            asked(|request| request.protocol = 0),
        ),
        (
            "a new protocol",
            426,
            "protocol_too_new",
            asked(|request| request.protocol = 99),
        ),
        (
            "a negative cursor",
            400,
            "bad_request",
            asked(|request| request.cursor = -1),
        ),
        ("a shorter past", 409, "behind", asked(|request| request.own_seq = 0)),
    ]
}

fn what_must_not_come_in_is_refused(place: &Place) {
    let shop = shop(place);
    for (what, status, code, make) in bad_requests() {
        let (till, mut request) = make(&shop);
        if what == "too many operations" {
            request.ops = till.own[1..].to_vec();
        }
        let counter = format!("regulars_relay_refused_total{{code=\"{code}\"}}");
        let counted = shop.relay.counted(&counter);
        let refused = till.send(&shop.relay, &request).expect_err(what);
        assert_eq!((refused.status, refused.code.as_str()), (status, code), "{what}");
        assert_eq!(shop.relay.counted(&counter), counted + 1.0, "{what} is not counted");
        assert_eq!(place.rows(), shop.place_rows, "{what} left something behind");
    }
    not_messages(place, &shop);
    // And the till itself is none the worse for it.
    let Shop { mut good, relay, .. } = shop;
    good.syncs(&relay).unwrap();
    assert_eq!(good.acked, 4);
    let log = relay.log();
    for code in [
        "unknown_device",
        "forged",
        "revoked",
        "gap",
        "broken_chain",
        "bad_operation",
        "too_large",
        "behind",
    ] {
        assert!(log.contains(&format!("\"code\":\"{code}\"")), "{code} is not logged");
    }
}

/// What is not even a message.
fn not_messages(place: &Place, shop: &Shop) {
    let good = &shop.good;
    let mut unknown = serde_json::to_value(good.request()).unwrap();
    unknown["ops"][0]["surprise"] = json!(1);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"protocol\": \"one\"}",
        "\u{0}",
        &unknown.to_string(),
    ] {
        let request = good
            .http
            .post(format!("{}/v1/sync", shop.relay.url))
            .bearer_auth(&good.credential);
        let refused = crate::till::read::<Value>(request.body(body.to_owned()).send().unwrap()).unwrap_err();
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (400, "bad_request"),
            "{body:?}"
        );
    }
    assert_eq!(place.rows(), shop.place_rows);
}

fn a_restored_relay_is_noticed(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let (mut one, mut two) = (Till::pair(&relay, &code), Till::pair(&relay, &place.code(&shop)));
    for n in 0..5 {
        one.sells(&format!("s{n}"), None, 1, Move::Add);
    }
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    // As if the database had been restored: the till knows more than the relay.
    let mut request = two.request();
    request.cursor = 9;
    let No { code, number, .. } = two.send(&relay, &request).unwrap_err();
    assert_eq!((code.as_str(), number), ("relay_behind", Some(5)));
    // From here on the cursors of before hold as far as the relay's log went then.
    let answer = two.send(&relay, &request).unwrap();
    assert_eq!((answer.incarnation, answer.cursor), (2, 5));
    assert!(place.run(&["restored"]).unwrap().contains("1 shop knows"));
    let answer = two.send(&relay, &request).unwrap();
    assert_eq!((answer.incarnation, answer.cursor), (3, 5));
    one.sells("after", None, 1, Move::Add);
    one.syncs(&relay).unwrap();
    two.syncs(&relay).unwrap();
    assert_eq!(two.got.len(), 6);
}
