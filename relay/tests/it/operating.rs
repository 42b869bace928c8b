//! What those who run the relay rely on: settings, health, the document of its routes, a log without anybody's data,
//! limits, and an orderly end.

use reqwest::blocking::Client;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::{Place, relay, until};
use crate::linking::{add, browser, shop};
use crate::on_both;
use crate::till::{Till, post};

on_both! {
    it_says_how_it_is, it_logs_nobodys_data, it_ends_in_order, shops_are_listed_suspended_and_resumed,
    several_start_at_once, an_address_is_slowed_down,
}

fn get(url: &str) -> (u16, String) {
    let answer = reqwest::blocking::get(url).unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

fn it_says_how_it_is(place: &Place) {
    let relay = place.serve();
    for path in ["healthz", "readyz"] {
        // A database that does not answer within two seconds is not ready, which a busy machine's may be.
        until(path, || {
            let (status, said) = get(&format!("{}/{path}", relay.url));
            (status, said.contains("\"ok\"")) == (200, true)
        });
    }
    let (status, said) = get(&format!("{}/nothing", relay.url));
    assert_eq!((status, said.contains("not_found")), (404, true), "{said}");
    assert!(relay.counted("regulars_relay_requests_total{route=\"/healthz\"") >= 1.0);
    assert!(relay.counted("regulars_relay_refused_total{code=\"not_found\"") >= 1.0);
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let place = Place::sqlite();
    let shop = shop(&place);
    add(&place, &shop, "solare", &[]).unwrap();
    let relay = place.serve();
    let document: Value = serde_json::from_str(&get(&format!("{}/openapi.json", relay.url)).1).unwrap();
    let http = browser();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let request = http.request(
                method.to_uppercase().parse().unwrap(),
                format!(
                    "{}{}",
                    relay.url,
                    path.replace("{code}", "solare")
                        .replace("{shop}", &shop)
                        .replace("{provider}", "ses")
                ),
            );
            let status = request.send().unwrap().status().as_u16();
            let there = !matches!(status, 404 | 405);
            assert_eq!(there, item.get(method).is_some(), "{method} {path}: {status}");
            if there {
                described.insert(format!("{method} {path}"));
            }
        }
    }
    let expected = [
        "get /healthz",
        "get /join/{shop}",
        "get /join/{shop}/done",
        "get /mail/confirm",
        "get /me",
        "get /me/{shop}",
        "get /me/{shop}/in",
        "get /mail/stop",
        "get /metrics",
        "get /openapi.json",
        "get /readyz",
        "get /ref/{code}",
        "get /v1/live",
    ];
    let for_programs = [
        "get /v1/referrals/attributions",
        "get /v1/referrals/clicks",
        "get /v1/referrals/codes",
        "get /v1/referrals/codes/{code}",
        "get /v1/referrals/events",
        "get /v1/referrals/rewards",
        "post /v1/referrals/codes",
    ];
    let more = [
        "post /hooks/{shop}/bounces/{provider}",
        "post /join/{shop}",
        "post /mail/confirm",
        "post /mail/stop",
        "post /me/{shop}",
        "post /me/{shop}/do",
        "post /me/{shop}/in",
        "post /v1/clicks",
        "post /v1/documents",
        "post /v1/links",
        "post /v1/mail",
        "post /v1/outreach",
        "post /v1/pair",
        "post /v1/renew",
        "post /v1/rights/acquire",
        "post /v1/shops",
        "post /v1/standing",
        "post /v1/sync",
        "post /v1/tills",
    ];
    assert_eq!(
        described,
        expected
            .iter()
            .chain(&more)
            .chain(&for_programs)
            .map(ToString::to_string)
            .collect()
    );
    // A route can only be added together with its description.
    let source = include_str!("../../src/serve/routes.rs");
    assert!(
        !source.contains(".route("),
        "routes.rs adds a route without describing it"
    );
}

fn it_logs_nobodys_data(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut one = Till::pair(&relay, &code);
    one.enrols("+14155550123");
    one.syncs(&relay).unwrap();
    let mut two = Till::pair(&relay, &place.code(&shop));
    two.enrols("+14155550123");
    two.syncs(&relay).unwrap();
    // What is refused is logged too, and might repeat what was sent.
    let mut wrong = serde_json::to_value(one.request()).unwrap();
    wrong["app_version"] = Value::from(7);
    wrong["at"] = Value::from("Nadia Quill +14155550123");
    let refused = post::<Value>(&one.http, &format!("{}/v1/sync", relay.url), &one.credential, &wrong);
    assert_eq!(refused.unwrap_err().code, "bad_request");
    let (_, _) = get(&format!("{}/v1/+14155550123", relay.url));
    let (well, log) = relay.stop();
    assert!(well, "{log}");
    for secret in ["4155550123", "Nadia", "Quill", &one.credential, &code, "127.0.0.1:0"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let synced = lines
        .iter()
        .find(|line| line["span"]["route"] == "/v1/sync" && line["status"] == 200)
        .unwrap();
    assert_eq!(synced["span"]["till"], one.origin.to_string());
    assert!(
        synced["span"]["id"].as_str().is_some_and(|id| id.len() == 36),
        "{synced}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line["code"] == "bad_request" && line["status"] == 400)
    );
}

fn it_ends_in_order(place: &Place) {
    let (_, code) = place.shop();
    let relay = place.serve();
    let till = Till::pair(&relay, &code);
    // A request that is under way when the relay is told to stop is finished.
    let body = serde_json::to_vec(&till.request()).unwrap();
    let mut slow = TcpStream::connect(relay.url.trim_start_matches("http://")).unwrap();
    let (length, credential) = (body.len(), &till.credential);
    write!(
        slow,
        "POST /v1/sync HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {credential}\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    slow.write_all(&body[..10]).unwrap();
    until("the request is under way", || {
        relay.counted("regulars_relay_connections ") >= 2.0
    });
    relay.terminate();
    until("it stops", || relay.log().contains("stopping"));
    slow.write_all(&body[10..]).unwrap();
    let mut said = String::new();
    slow.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let (well, log) = relay.stop();
    assert!(well, "{log}");
    assert!(log.contains("stopped"), "{log}");
}

fn shops_are_listed_suspended_and_resumed(place: &Place) {
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut till = Till::pair(&relay, &code);
    till.syncs(&relay).unwrap();
    place.run(&["shop", "suspend", &shop]).unwrap();
    assert_eq!(till.syncs(&relay).unwrap_err().code, "suspended");
    let list = place.command(&["shop", "list", "--json"]);
    assert_eq!(
        (&list["shops"][0]["active"], &list["shops"][0]["name"]),
        (&false.into(), &"Corner".into())
    );
    place.run(&["shop", "resume", &shop]).unwrap();
    till.syncs(&relay).unwrap();
    let unknown = "018f0000-0000-7000-8000-000000000000";
    assert!(
        place
            .run(&["shop", "suspend", unknown])
            .unwrap_err()
            .contains("There is no shop")
    );
    assert!(
        place
            .run(&["pair-code", unknown])
            .unwrap_err()
            .contains("There is no shop")
    );
}

fn several_start_at_once(place: &Place) {
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3).map(|_| scope.spawn(|| place.run(&["shop", "list"]))).collect();
        for start in starts {
            assert_eq!(start.join().unwrap().unwrap().trim(), "0 shops");
        }
    });
}

fn an_address_is_slowed_down(place: &Place) {
    let relay = place.serve_with(&["--address-rate", "5", "--trusted-proxies", "127.0.0.0/8"]);
    let http = Client::new();
    let ask = |from: &str| {
        let request = http
            .get(format!("{}/healthz", relay.url))
            .header("x-forwarded-for", from);
        let answer = request.send().unwrap();
        (answer.status().as_u16(), answer.headers().get("retry-after").is_some())
    };
    let answers: Vec<_> = (0..10).map(|_| ask("192.0.2.1")).collect();
    assert_eq!(answers.first(), Some(&(200, false)));
    assert_eq!(answers.last(), Some(&(429, true)));
    assert_eq!(ask("192.0.2.2"), (200, false));
}

#[test]
fn settings_are_checked_without_starting() {
    let check = |args: &[&str], env: &[(&str, &str)]| {
        let said = relay()
            .args(args)
            .args(["serve", "--check-config"])
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let text = if said.status.success() {
            said.stdout
        } else {
            said.stderr
        };
        (said.status.success(), String::from_utf8(text).unwrap())
    };
    let (well, said) = check(
        &["--database", "postgres://eva:secret@db/x"],
        &[("REGULARS_RELAY_CODE_RATE", "3")],
    );
    assert!(
        well && said.contains("\"code-rate\": 3") && !said.contains("secret"),
        "{said}"
    );
    let (well, said) = check(&["--database", "mysql://x"], &[]);
    assert!(
        !well && said.contains("must begin with sqlite: or postgres://"),
        "{said}"
    );
    let (well, said) = check(&[], &[("REGULARS_RELAY_CONFIG", "no/such/file.toml")]);
    assert!(!well && said.contains("no/such/file.toml can't be read"), "{said}");
}
