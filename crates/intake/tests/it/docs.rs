//! The worked example of docs/webhooks.md, sent as it stands there.

use pos::signature::standard::{self, Secret};
use serde_json::Value;

use crate::support::till_with;

const DOC: &str = include_str!("../../../../docs/webhooks.md");

/// The text of the fenced block behind this heading.
fn block<'d>(heading: &str, kind: &str) -> &'d str {
    let (_, rest) = DOC.split_once(heading).unwrap_or_else(|| panic!("no {heading}"));
    let (_, rest) = rest.split_once(&format!("```{kind}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn the_example_is_right() {
    let secret = Secret::read(block("### The secret", "text")).unwrap();
    let (head, body) = block("### The request", "http").split_once("\n\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /pos/sale HTTP/1.1"));
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let get = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
    // What is signed is what the doc says is signed.
    let signed = format!(
        "{}.{}.{body}",
        get("webhook-id").unwrap(),
        get("webhook-timestamp").unwrap()
    );
    assert_eq!(block("### What is signed", "text"), signed);
    let till = till_with(|mut config| {
        config.secrets = vec![secret.clone().into()];
        config
    });
    assert!(standard::verify(&[secret], get, body.as_bytes(), till.store.now()).is_ok());
    let sent: Vec<(&str, &str)> = headers
        .iter()
        .copied()
        .filter(|(n, _)| n.starts_with("webhook-"))
        .collect();
    let mut answer = till.send("/pos/sale", &sent, body.as_bytes());
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut told: Value = serde_json::from_str(block("### The answer", "json")).unwrap();
    for id in ["entry_id", "member_id"] {
        assert!(told[id].is_string() && answer.json[id].is_string());
        told[id] = Value::Null;
        answer.json[id] = Value::Null;
    }
    assert_eq!(answer.json, told);
    let again = till.send("/pos/sale", &sent, body.as_bytes());
    assert_eq!((again.status, &again.json["duplicate"]), (200, &Value::Bool(true)));
}

#[test]
fn the_hooks_file_can_be_read() {
    let hooks: intake::Hooks = serde_json::from_str(block("## Other senders", "json")).unwrap();
    assert!(hooks.square.is_some() && hooks.shopify.is_some() && hooks.stripe.is_some());
    assert_eq!(hooks.mapped.len(), 1);
}
