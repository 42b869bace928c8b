//! Links: where they lead and where never, who has a code, what of a click is kept and counted.

use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::{Place, Relay, until};
use crate::on_both;

on_both! {
    a_click_is_counted_and_sent_on, who_came_first_is_remembered, a_code_is_one_shops, links_lead_to_listed_hosts_alone,
    a_host_names_its_shop, nothing_gets_out_of_its_place, a_suspended_shops_links_rest,
    changes_are_known_at_every_relay,
}

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1";

/// A browser that shows where it is sent and does not go there.
pub fn browser() -> Client {
    Client::builder()
        .redirect(Policy::none())
        .user_agent(PHONE)
        .build()
        .unwrap()
}

/// A shop whose links may lead to example.com.
pub fn shop(place: &Place) -> String {
    let (shop, _) = place.shop();
    set(
        place,
        &shop,
        &["--site", "https://example.com/", "--host", "example.com"],
    );
    shop
}

fn set(place: &Place, shop: &str, what: &[&str]) -> Value {
    place.command(&[&["shop", "set", "--shop", shop, "--json"], what].concat())
}

/// Adds a code; what it says, or complains of.
pub fn add(place: &Place, shop: &str, code: &str, more: &[&str]) -> Result<Value, String> {
    let args = [&["code", "add", "--shop", shop, "--code", code, "--json"], more].concat();
    place.run(&args).map(|said| serde_json::from_str(&said).unwrap())
}

/// How often a shop's links were used.
pub fn clicks(place: &Place, shop: &str, code: &str) -> Value {
    place.command(&["clicks", "--shop", shop, "--code", code, "--json"])
}

pub fn unknown(place: &Place, shop: &str) -> i64 {
    place.command(&["clicks", "--shop", shop, "--json"])["unknown"]
        .as_i64()
        .unwrap()
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub fn get(relay: &Relay, path: &str, said: &[(&str, &str)]) -> Response {
    let request = browser().get(format!("{}{path}", relay.url));
    said.iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .send()
        .unwrap()
}

/// Where a click is sent, or the status of another answer.
pub fn leads(relay: &Relay, path: &str, said: &[(&str, &str)]) -> String {
    let answer = get(relay, path, said);
    match answer.status().as_u16() {
        302 => header(&answer, "location").to_owned(),
        other => other.to_string(),
    }
}

fn a_click_is_counted_and_sent_on(place: &Place) {
    let shop = shop(place);
    let added = add(
        place,
        &shop,
        "Solare",
        &["--landing", "https://example.com/menu", "--campaign", "spring"],
    )
    .unwrap();
    assert_eq!(
        (&added["code"], &added["path"]),
        (&json!("solare"), &json!("/ref/solare"))
    );
    let relay = place.serve();
    let answer = get(
        &relay,
        "/ref/solare",
        &[("referer", "https://News.example.org/post?id=1")],
    );
    assert_eq!(answer.status(), 302);
    let to = "https://example.com/menu?utm_source=solare&utm_medium=referral&utm_campaign=spring";
    assert_eq!(
        (header(&answer, "location"), header(&answer, "cache-control")),
        (to, "no-store")
    );
    // It is in the database by now, and the relay has not told anybody who it was.
    let kept = place.texts("SELECT code || ' ' || device || ' ' || referrer FROM clicks");
    assert_eq!(kept, ["solare phone news.example.org"]);
    assert_eq!(leads(&relay, "/ref/SOLARE", &[]), to, "capitals are as good");
    let head = browser().head(format!("{}/ref/solare", relay.url)).send().unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "set-cookie")), (302, ""));
    for mark in [
        ("sec-purpose", "prefetch"),
        ("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
    ] {
        assert_eq!(leads(&relay, "/ref/solare", &[mark]), to);
    }
    assert_eq!(
        leads(&relay, "/ref/solare", &[("user-agent", "Mozilla/5.0 (X11; Linux)")]),
        to
    );
    assert_eq!(
        clicks(place, &shop, "solare"),
        json!({"clicks": 3, "unique": 2, "bots": 3})
    );
    assert_eq!(
        clicks(place, &shop, "other"),
        json!({"clicks": 0, "unique": 0, "bots": 0})
    );
    assert!((relay.counted("regulars_relay_clicks_total{kind=\"person\"}") - 3.0).abs() < 0.1);
    assert_eq!(
        place.command(&["code", "list", "--shop", &shop, "--json"])["codes"][0]["campaign"],
        "spring"
    );
}

fn who_came_first_is_remembered(place: &Place) {
    let shop = shop(place);
    for code in ["one", "two"] {
        add(place, &shop, code, &[]).unwrap();
    }
    let relay = place.serve();
    let cookie = |code: &str, held: &str| {
        let answer = get(&relay, &format!("/ref/{code}"), &[("cookie", held)]);
        assert_eq!(answer.status(), 302);
        header(&answer, "set-cookie").to_owned()
    };
    let first = cookie("one", "");
    assert!(
        first.starts_with("ref_") && first.contains("=one.") && first.contains("Max-Age=2592000"),
        "{first}"
    );
    assert!(
        first.contains("HttpOnly") && first.contains("SameSite=Lax") && !first.contains("Secure"),
        "{first}"
    );
    let held = first.split(';').next().unwrap();
    assert_eq!(cookie("two", held), "", "the first link counts");
    let long_ago = format!("{}=one.1000000000", held.split('=').next().unwrap());
    assert!(cookie("two", &long_ago).contains("=two."), "its time is over");
    set(place, &shop, &["--touch", "last", "--cookie-days", "7"]);
    until("the last link counts", || {
        cookie("two", held).contains("Max-Age=604800")
    });
    set(place, &shop, &["--cookie-days", "0"]);
    until("there is no cookie", || cookie("two", "").is_empty());
    let said = place
        .run(&["shop", "set", "--shop", &shop, "--cookie-days", "401"])
        .unwrap_err();
    assert!(said.contains("0 (not at all) to 400"), "{said}");
}

fn a_code_is_one_shops(place: &Place) {
    let (one, two) = (shop(place), shop(place));
    add(place, &one, "solare", &[]).unwrap();
    add(place, &two, "solare-corner", &[]).unwrap();
    let refused = add(place, &two, "SOLARE", &[]).unwrap_err();
    assert!(
        refused.contains("The code solare is taken") && !refused.contains("solare-corner"),
        "{refused}"
    );
    let free = refused
        .split("are free: ")
        .nth(1)
        .unwrap()
        .split([',', '.'])
        .next()
        .unwrap();
    add(place, &two, free, &[]).unwrap();
    for wrong in ["a", "so lare", "sol/are", "caf\u{e9}", "-x-", &"x".repeat(41)] {
        let refused = place
            .run(&["code", "add", "--shop", &one, &format!("--code={wrong}")])
            .unwrap_err();
        assert!(refused.contains("can't be a code"), "{wrong}: {refused}");
    }
    // Two at once: one of them has it.
    let both = std::thread::scope(|scope| {
        [&one, &two]
            .map(|shop| scope.spawn(|| add(place, shop, "together", &[]).is_ok()))
            .map(|added| added.join().unwrap())
    });
    assert_eq!(both.iter().filter(|added| **added).count(), 1);
}

fn links_lead_to_listed_hosts_alone(place: &Place) {
    let shop = shop(place);
    let refused = |landing: &str| add(place, &shop, "evil", &["--landing", landing]).unwrap_err();
    for landing in [
        "https://evil.example/",
        "https://example.com.evil.example/",
        "https://sub.example.com/",
        "https://example.com:8443/",
    ] {
        assert!(refused(landing).contains("is not one of the shop's hosts"), "{landing}");
    }
    for landing in [
        "//example.com/",
        "/menu",
        "javascript:alert(1)",
        "https://example.com@evil.example/",
        "data:text/html,x",
    ] {
        assert!(refused(landing).contains("is not the address of a page"), "{landing}");
    }
    set(place, &shop, &["--host", "menu.example.net:8443"]);
    add(place, &shop, "menu", &["--landing", "https://menu.example.net:8443/"]).unwrap();
    set(place, &shop, &["--utm", "from={code}"]);
    let relay = place.serve();
    assert_eq!(
        leads(&relay, "/ref/menu", &[]),
        "https://menu.example.net:8443/?from=menu"
    );
    set(place, &shop, &["--host", "example.com"]);
    until("it leads to the shop's page", || {
        leads(&relay, "/ref/menu", &[]) == "https://example.com/?from=menu"
    });
}

fn a_host_names_its_shop(place: &Place) {
    let (one, two) = (shop(place), place.shop().0);
    set(place, &two, &["--site", "https://two.example/"]);
    add(place, &one, "one", &[]).unwrap();
    add(place, &two, "two", &[]).unwrap();
    let relay = place.serve();
    let answer = get(
        &relay,
        "/ref/nobody",
        &[("accept-language", "fr, es-MX;q=0.8, en;q=0.5")],
    );
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(header(&answer, "content-security-policy").starts_with("default-src 'none'"));
    let page = answer.text().unwrap();
    assert!(
        page.contains("lang=\"es\"") && page.contains("no lleva a ninguna parte"),
        "{page}"
    );
    assert!(relay.counted("regulars_relay_clicks_total{kind=\"unknown\"}") >= 1.0);
    assert_eq!(
        leads(&relay, "/ref/nobody", &[("host", "example.com")]),
        "https://example.com/"
    );
    assert_eq!(
        leads(&relay, "/ref/one", &[("host", "Example.COM:443")]),
        leads(&relay, "/ref/one", &[])
    );
    // Another shop's code is not known there.
    assert_eq!(
        leads(&relay, "/ref/two", &[("host", "example.com")]),
        "https://example.com/"
    );
    assert!(leads(&relay, "/ref/two", &[]).starts_with("https://two.example/?"));
    assert_eq!((unknown(place, &one), unknown(place, &two)), (2, 0));
    // A host that two shops list names neither.
    set(place, &two, &["--host", "example.com"]);
    until("it names neither", || {
        leads(&relay, "/ref/nobody", &[("host", "example.com")]) == "404"
    });
}

/// The first line and the headers that come back for these bytes.
fn raw(relay: &Relay, request: &str) -> String {
    let mut stream = TcpStream::connect(relay.url.trim_start_matches("http://")).unwrap();
    // It may have answered and closed before it has read everything.
    let _ = stream.write_all(request.as_bytes());
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8_lossy(&said)
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

fn nothing_gets_out_of_its_place(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &["--campaign", "a b\u{e9}&c=d#e"]).unwrap();
    let relay = place.serve();
    let to = "https://example.com/?utm_source=solare&utm_medium=referral&utm_campaign=a+b%C3%A9%26c%3Dd%23e";
    // What a visitor sends along leads nowhere else.
    assert_eq!(
        leads(
            &relay,
            "/ref/solare?landing=https://evil.example/&url=//evil.example&utm_source=x",
            &[]
        ),
        to
    );
    let elsewhere = [
        ("x-forwarded-host", "evil.example"),
        ("host", "evil.example"),
        ("referer", "https://evil.example/"),
    ];
    assert_eq!(leads(&relay, "/ref/solare", &elsewhere), to);
    let long = format!("/ref/{}", "a".repeat(5000));
    for path in [
        "/ref/..%2f..%2fetc%2fpasswd",
        "/ref/%2e%2e",
        "/ref/solare%0d%0aset-cookie:x=1",
        "/ref/%00",
        "/ref/%F0%9F",
        "/ref//evil.example",
        &long,
    ] {
        let said = raw(
            &relay,
            &format!("GET {path} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n"),
        );
        assert!(said.starts_with("http/1.1 404"), "{path}: {said}");
        assert!(
            !said.contains("location:") && !said.contains("set-cookie"),
            "{path}: {said}"
        );
    }
    for path in ["/ref/../v1/x", "/ref/solare/../../x", "//evil.example/ref/solare"] {
        let said = raw(
            &relay,
            &format!("GET {path} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n"),
        );
        assert!(
            said.starts_with("http/1.1 404") && !said.contains("location:"),
            "{path}: {said}"
        );
    }
    let huge = format!(
        "GET /ref/{} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n\r\n",
        "a".repeat(200_000)
    );
    assert!(raw(&relay, &huge).starts_with("http/1.1 414"));
    let heavy = format!(
        "GET /ref/solare HTTP/1.1\r\nhost: relay\r\ncookie: {}\r\nconnection: close\r\n\r\n",
        "a".repeat(2_000_000)
    );
    let said = raw(&relay, &heavy);
    assert!(said.is_empty() || said.starts_with("http/1.1 431"), "{said}");
    let said = browser().post(format!("{}/ref/solare", relay.url)).send().unwrap();
    assert_eq!(said.status(), 405);
    assert_eq!(leads(&relay, "/ref/solare", &[]), to, "and it still works");
}

fn a_suspended_shops_links_rest(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    place.run(&["shop", "suspend", &shop]).unwrap();
    let relay = place.serve();
    assert_eq!(leads(&relay, "/ref/solare", &[]), "404");
    assert_eq!(leads(&relay, "/ref/solare", &[("host", "example.com")]), "404");
    place.run(&["shop", "resume", &shop]).unwrap();
    assert!(leads(&relay, "/ref/solare", &[]).starts_with("https://example.com/"));
}

fn changes_are_known_at_every_relay(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let relays = if place.url.starts_with("sqlite") {
        vec![place.serve()]
    } else {
        vec![place.serve(), place.serve()]
    };
    for relay in &relays {
        assert!(leads(relay, "/ref/solare", &[]).starts_with("https://example.com/"));
        assert_eq!(leads(relay, "/ref/later", &[]), "404");
    }
    add(place, &shop, "later", &[]).unwrap();
    set(place, &shop, &["--site", "https://example.com/new"]);
    for relay in &relays {
        assert!(
            leads(relay, "/ref/later", &[]).starts_with("https://example.com/"),
            "a new code works at once"
        );
        until("it leads to the new page", || {
            leads(relay, "/ref/solare", &[]).starts_with("https://example.com/new")
        });
    }
    // Both know a visitor as the same.
    let counts = clicks(place, &shop, "solare");
    assert_eq!(counts["unique"], 1, "{counts}");
}
