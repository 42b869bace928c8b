//! The worked example of docs/api.md, sent as it stands there, and held against `/openapi.json`.

use loyalty::UtcMs;
use loyalty::rules::Move;
use reqwest::blocking::Client;
use serde_json::Value;
use std::collections::BTreeSet;

use crate::harness::Place;
use crate::linking::{get, shop};
use crate::on_both;
use crate::programs::{Friend, key};
use crate::till::Till;

on_both! { the_worked_example_is_right }

const DOC: &str = include_str!("../../../docs/api.md");

/// What the rows of each list are called where they are described.
const ROWS: [(&str, &str); 4] = [
    ("codes", "Code"),
    ("attributions", "Attribution"),
    ("events", "Event"),
    ("rewards", "Reward"),
];

/// The blocks of the example: what kind each is, and its text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let (_, rest) = DOC.split_once("## An example").unwrap();
    let (example, _) = rest.split_once("## Lists").unwrap();
    let parts = example.split("\n```").skip(1).step_by(2);
    parts.map(|part| part.split_once('\n').unwrap()).collect()
}

/// A value with each id and each moment as one word: they are other ones in every run. This year's is the doc's.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => "an id".into(),
        Value::String(text) => {
            let this_year = chrono::Datelike::year(&UtcMs(relay::clock::now().0).utc()).to_string();
            text.replace(&this_year, "2026").into()
        }
        Value::Number(n) if n.as_i64().is_some_and(|n| n > 1_000_000_000_000) => "a moment".into(),
        Value::Array(all) => all.into_iter().map(plain).collect(),
        Value::Object(all) => all.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        other => other,
    }
}

fn the_worked_example_is_right(place: &Place) {
    let shop = shop(place);
    place.command(&["shop", "set", "--shop", &shop, "--host", "menu.example.com", "--json"]);
    let relay = place.serve();
    let mut till = Till::pair(&relay, &place.code(&shop));
    let (key, _) = key(place, &shop, &["--write"]);
    let document = reqwest::blocking::get(format!("{}/openapi.json", relay.url))
        .unwrap()
        .text()
        .unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let blocks = blocks();
    assert_eq!(blocks.len(), 14, "{blocks:?}");
    for (nth, pair) in blocks.chunks(2).enumerate() {
        let [("http", request), (kind, answer)] = pair else {
            panic!("a request and its answer, not {pair:?}");
        };
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let mut lines = head.lines();
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let bearer = lines.next().unwrap().strip_prefix("Authorization: Bearer ");
        assert_eq!((bearer, lines.next()), (Some("KEY"), None));
        let sent = Client::new()
            .request(method.parse().unwrap(), format!("{}{path}", relay.url))
            .bearer_auth(&key)
            .body(body.to_owned())
            .send()
            .unwrap();
        let said = sent.text().unwrap();
        if *kind == "csv" {
            let told: Vec<String> = said.lines().map(moments).collect();
            assert_eq!(told, answer.lines().map(moments).collect::<Vec<_>>());
        } else {
            let said: Value = serde_json::from_str(&said).unwrap();
            let told: Value = serde_json::from_str(answer).unwrap();
            if let Some((_, name)) = ROWS
                .iter()
                .find(|(what, _)| path.starts_with(&format!("/v1/referrals/{what}")))
                && !said["items"].is_null()
            {
                is_described(&document, name, &said["items"][0]);
            }
            assert_eq!(plain(said), plain(told), "{request}");
        }
        if nth == 1 {
            assert_eq!(get(&relay, "/ref/solare", &[]).status(), 302);
            let friend = Friend::joins(&mut till, "+14155550100", "solare", None);
            till.sells("one", Some(friend.member), 20, Move::Add);
            friend.qualifies(&mut till, Some("one"), 1000, &[]);
            friend.is_granted(&mut till);
            till.syncs(&relay).unwrap();
        }
    }
}

/// What `/openapi.json` says of a row is what is sent, field for field.
fn is_described(document: &Value, name: &str, row: &Value) {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let described = &document["components"]["schemas"][name]["properties"];
    assert_eq!(names(described), names(row), "{name}");
}

/// A line of CSV with each moment as one word.
fn moments(line: &str) -> String {
    let cell = |cell: &str| match cell.parse::<i64>() {
        Ok(n) if n > 1_000_000_000_000 => "a moment".to_owned(),
        _ => cell.to_owned(),
    };
    line.split(',').map(cell).collect::<Vec<_>>().join(",")
}
