//! What whoever watches hears, and changing what counts while it runs.

use intake::{Arrival, Config, Hooks, Intake, Keys, Outcome, OwnSecret};
use pos::signature::standard;
use serde_json::json;
use std::sync::{Arc, Mutex};

use crate::http::Client;
use crate::support::{headers, sale, secret, till};

#[test]
fn every_message_is_heard_of_and_no_phone_number_is() {
    let till = till();
    let all = Arc::new(Mutex::new(Vec::<Arrival>::new()));
    let hears = Arc::clone(&all);
    let hooks = Hooks {
        shopify: Some(Keys(vec!["k".into()])),
        ..Hooks::default()
    };
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        hooks,
        ..Config::new([secret(1)])
    };
    let heard = Arc::new(move |arrival| hears.lock().unwrap().push(arrival));
    let server = Intake::start_heard(Arc::clone(&till.store), config, heard).unwrap();
    let post = |path: &str, key: u8, body: &serde_json::Value| {
        let body = body.to_string().into_bytes();
        let signed = standard::sign(&[secret(key)], "msg", till.store.now(), &body);
        let all = [&[("content-type", "application/json")], &headers(&signed)[..]].concat();
        Client::connect(server.addr())
            .unwrap()
            .send("POST", path, &all, &body)
            .unwrap()
            .status
    };
    assert_eq!(post("/pos/sale", 1, &sale("S-1", "6195550101", "12.50")), 200);
    assert_eq!(post("/pos/sale", 1, &sale("S-1", "6195550101", "12.50")), 200);
    assert_eq!(post("/pos/sale", 2, &sale("S-2", "6195550101", "12.50")), 401);
    assert_eq!(
        post("/pos/sale", 1, &sale("S-3", "not a phone 6195550101", "12.50")),
        422
    );
    assert_eq!(
        post(
            "/pos/refund",
            1,
            &json!({"sale_id": "S-1", "refund_id": "R-1", "total": "2.00"})
        ),
        200
    );
    assert_eq!(post("/hooks/nobody", 1, &json!({})), 404);
    assert_eq!(post("/hooks/shopify", 1, &json!({})), 401);
    drop(server);

    let all = all.lock().unwrap().clone();
    let sold = |duplicate| Outcome::Sale {
        move_: "add".into(),
        points: 12,
        duplicate,
        walk_in: false,
    };
    assert_eq!((all[0].page.as_str(), all[0].sale_id.as_deref()), ("sale", Some("S-1")));
    assert_eq!((&all[0].outcome, &all[1].outcome), (&sold(false), &sold(true)));
    let codes = all.iter().map(|a| match &a.outcome {
        Outcome::Refused {
            status, code, fields, ..
        } => format!("{} {status} {code} {}", a.page, fields.join(" ")),
        _ => String::new(),
    });
    let codes: Vec<String> = codes.filter(|c| !c.is_empty()).collect();
    assert_eq!(
        codes,
        [
            "sale 401 signature_wrong ",
            "sale 422 bad_fields /phone",
            " 404 not_found ",
            "shopify 401 signature_missing ",
        ]
    );
    assert_eq!((all[2].sale_id.as_deref(), all[4].page.as_str()), (None, "refund"));
    assert!(!format!("{all:?}").contains("6195550101"), "{all:?}");
}

#[test]
fn a_new_secret_counts_at_once_and_no_connection_is_lost() {
    let till = till();
    let mut client = till.client();
    let mut post = |key: u8, id: &str| {
        let body = sale(id, "6195550101", "12.50").to_string().into_bytes();
        let signed = standard::sign(&[secret(key)], id, till.store.now(), &body);
        let all = [&[("content-type", "application/json")], &headers(&signed)[..]].concat();
        client.send("POST", "/pos/sale", &all, &body).unwrap().status
    };
    assert_eq!((post(1, "S-1"), post(2, "S-2")), (200, 401));
    let until = loyalty::UtcMs(till.store.now().0 + 1000);
    let older = OwnSecret {
        secret: secret(1),
        until: Some(until),
    };
    let secrets = vec![OwnSecret::from(secret(2)), older];
    till.server.set(Config {
        secrets,
        ..Config::new([])
    });
    assert_eq!((post(1, "S-3"), post(2, "S-4")), (200, 200));
    till.clock.pass(1000);
    assert_eq!((post(1, "S-5"), post(2, "S-6")), (401, 200));
}
