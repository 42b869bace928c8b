//! `/openapi.json` against the messages themselves: what it describes is what is sent, field for field.

use loyalty::{MemberId, OpId, Origin, ShopId, UtcMs};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use sync::bytes::{Blob, Fixed};
use sync::links::{LinkAnswer, LinkRequest};
use sync::wire::{
    AcquireAnswer, AcquireRequest, Brings, ClickDay, ClicksAnswer, ClicksRequest, Elsewhere, LinkSeen, LiveEvent,
    OriginHead, PairAnswer, PairRequest, RenewAnswer, RenewRequest, ShopFacts, ShopOp, SyncAnswer, SyncRequest,
    TillSeen, TillsAnswer, TillsRequest, Unbrought, WireOp, WirePrivate,
};
use sync::{Problem, ProblemCode};

use crate::describing_mail::{mail, outreach, standing};
use crate::harness::Place;
use crate::till::id;

fn facts() -> ShopFacts {
    let text = || "x".to_owned();
    ShopFacts {
        name: text(),
        currency: text(),
        region: text(),
        timezone: text(),
    }
}

fn op() -> WireOp {
    WireOp {
        op_id: OpId(id()),
        origin: Origin(id()),
        origin_seq: 1,
        at: UtcMs(1),
        by: "member".into(),
        body: "{}".into(),
        digest: Some(Fixed([0; 32])),
        private: Some(WirePrivate {
            salt: Fixed([0; 16]),
            data: "{}".into(),
        }),
        prev: Fixed([0; 32]),
        hash: Fixed([0; 32]),
    }
}

fn seen() -> TillSeen {
    TillSeen {
        till: Origin(id()),
        name: "x".into(),
        seen_at: Some(UtcMs(1)),
        app_version: "1".into(),
        pending: 1,
        held_points: 1,
        skew_ms: 1,
        revoked: true,
    }
}

fn requests() -> Vec<(&'static str, Value)> {
    let pair = PairRequest {
        protocol: 1,
        proof: Fixed([0; 32]),
        attempt: id(),
        till_name: "x".into(),
        app_version: "1".into(),
        brings: Some(Brings {
            shop: ShopId(id()),
            origin: Origin(id()),
            facts: facts(),
        }),
    };
    let sync = SyncRequest {
        protocol: 1,
        app_version: "1".into(),
        origin: Origin(id()),
        own_seq: 1,
        cursor: 1,
        incarnation: Some(1),
        ops: vec![op()],
        again: vec![op()],
        pending: 1,
        held_points: 1,
        at: UtcMs(1),
        take_max: Some(1),
    };
    let renew = RenewRequest {
        protocol: 1,
        was: Origin(id()),
        now: Origin(id()),
        has: 1,
        over: true,
    };
    let add = TillsRequest::AddCode {
        proof_digest: Fixed([0; 32]),
        sealed: Some(Blob(vec![1])),
    };
    let rename = TillsRequest::Rename {
        till: Origin(id()),
        name: "x".into(),
    };
    let release = TillsRequest::Release {
        till: Origin(id()),
        member: Some(MemberId(id())),
        by: "job:x".into(),
    };
    let settle = TillsRequest::SettleLoss {
        till: Origin(id()),
        member: MemberId(id()),
        forgive: true,
        by: "job:x".into(),
    };
    let acquire = AcquireRequest {
        request: id(),
        member: MemberId(id()),
        points: 1,
        sync: sync.clone(),
    };
    vec![
        ("PairRequest", json!(pair)),
        ("Brings", json!(pair.brings)),
        ("ShopFacts", json!(facts())),
        ("SyncRequest", json!(sync)),
        ("WireOp", json!(op())),
        ("WirePrivate", json!(op().private)),
        ("RenewRequest", json!(renew)),
        ("TillsRequest", json!(add)),
        ("TillsRequest", json!(rename)),
        ("TillsRequest", json!(release)),
        ("TillsRequest", json!(settle)),
        ("AcquireRequest", json!(acquire)),
        (
            "LinkRequest",
            json!(LinkRequest {
                code: "x".into(),
                landing: Some("x".into()),
                campaign: "x".into(),
            }),
        ),
        (
            "ClicksRequest",
            json!(ClicksRequest {
                since: Some("2026-11-20".into())
            }),
        ),
    ]
}

fn answers() -> Vec<(&'static str, Value)> {
    let pair = PairAnswer {
        shop: ShopId(id()),
        till: Origin(id()),
        relay: Origin(id()),
        credential: "x".into(),
        facts: facts(),
        opens: true,
        shop_seq: 1,
        incarnation: 1,
        sealed: Some(Blob(vec![1])),
    };
    let head = OriginHead {
        origin: Origin(id()),
        seq: 1,
    };
    let shop_op = ShopOp { shop_seq: 1, op: op() };
    let sync = SyncAnswer {
        protocol: 1,
        accepted: 1,
        ops: vec![shop_op.clone()],
        cursor: 1,
        more: true,
        shop_seq: 1,
        at: UtcMs(1),
        incarnation: 1,
        tills: vec![seen()],
        heads: vec![head],
    };
    let acquire = AcquireAnswer {
        granted: 1,
        missing: 1,
        elsewhere: vec![Elsewhere {
            till: Origin(id()),
            name: "x".into(),
            points: 1,
            seen_at: Some(UtcMs(1)),
            lost: true,
        }],
        sync: sync.clone(),
    };
    let text = || "x".to_owned();
    let clicks = ClicksAnswer {
        links: vec![LinkSeen {
            code: text(),
            campaign: text(),
            created_at: UtcMs(1),
        }],
        days: vec![ClickDay {
            code: text(),
            day: text(),
            clicks: 1,
            unique: 1,
            bots: 1,
        }],
        refused: vec![Unbrought {
            code: text(),
            why: text(),
            times: 1,
        }],
    };
    let mut problem = Problem::new(ProblemCode::Gap, "x").at(1).with(1);
    problem.retry_ms = Some(1);
    let mut problem = json!(problem);
    problem["message"] = json!("x");
    vec![
        ("PairAnswer", json!(pair)),
        ("ShopOp", json!(shop_op)),
        ("SyncAnswer", json!(sync)),
        ("OriginHead", json!(head)),
        ("TillSeen", json!(seen())),
        (
            "RenewAnswer",
            json!(RenewAnswer {
                till: Origin(id()),
                shop_seq: 1
            }),
        ),
        (
            "TillsAnswer",
            json!(TillsAnswer {
                tills: vec![seen()],
                expires_at: Some(UtcMs(1))
            }),
        ),
        ("LiveEvent", json!(LiveEvent::Moved { shop_seq: 1 })),
        ("LiveEvent", json!(LiveEvent::Beat { at: UtcMs(1) })),
        ("LiveEvent", json!(LiveEvent::Bye { retry_ms: 1 })),
        ("LiveEvent", json!(LiveEvent::Recall { member: MemberId(id()) })),
        (
            "LinkAnswer",
            json!(LinkAnswer {
                code: text(),
                why: Some(text()),
                free: vec![text()],
            }),
        ),
        ("ClicksAnswer", json!(clicks)),
        ("LinkSeen", json!(clicks.links[0])),
        ("ClickDay", json!(clicks.days[0])),
        ("Unbrought", json!(clicks.refused[0])),
        ("AcquireAnswer", json!(acquire)),
        ("Elsewhere", json!(acquire.elsewhere[0])),
        ("Problem", problem),
    ]
}

/// JSON's own word for what a value is.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a described field can hold what is really sent.
fn fits(described: &Value, sent: &Value) -> bool {
    let text = described.to_string();
    let named = text.contains("$ref") && matches!(sent, Value::Object(_));
    named || text.contains(&format!("\"{}\"", kind(sent)))
}

#[test]
fn every_message_is_described_field_for_field() {
    let place = Place::sqlite();
    let relay = place.serve();
    let text = reqwest::blocking::get(format!("{}/openapi.json", relay.url))
        .unwrap()
        .text()
        .unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let schemas = &document["components"]["schemas"];
    let mut sent: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, message) in requests()
        .into_iter()
        .chain(answers())
        .chain(mail())
        .chain(outreach())
        .chain(standing())
        .chain(crate::documents_said::messages())
    {
        for (field, value) in message.as_object().unwrap() {
            let described = &schemas[name]["properties"][field];
            assert!(
                fits(described, value),
                "{name}.{field} is {value}, described as {described}"
            );
            sent.entry(name).or_default().insert(field.clone());
        }
    }
    for (name, fields) in &sent {
        let described: BTreeSet<String> = schemas[*name]["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(&described, fields, "{name}");
    }
}
