//! Mail signed with the shop's own key: what arrives is checked as a receiving server does, by the record that the
//! command prints and by nothing of the sender's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

use crate::harness::{Place, until};
use crate::mail_shop::{MINUTE, Shop, now, waiting};
use crate::on_both;
use crate::smtp::Mode;

on_both! {
    what_arrives_is_signed, keys_follow_one_another, without_its_key_mail_waits,
}

/// `a=b; c=d`, without the blanks in it.
fn tags(text: &str) -> HashMap<String, String> {
    let tag = |part: &str| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_owned(), value.split_whitespace().collect()))
    };
    text.split(';').filter_map(tag).collect()
}

/// Headers as they stand, each with the lines that it goes on with; and the body.
fn parts(raw: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let mut all: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            let last = &mut all.last_mut().unwrap().1;
            last.push(' ');
            last.push_str(line);
        } else {
            let (name, value) = line.split_once(':').unwrap();
            all.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    (all, body)
}

fn relaxed(text: &str) -> String {
    text.split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Blanks at a line's end and empty lines at the end don't count; blanks within a line are one.
fn relaxed_body(body: &str) -> String {
    let line = |line: &str| {
        let begins = if line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            " "
        } else {
            ""
        };
        format!("{begins}{}\r\n", relaxed(line))
    };
    let all: String = body.split("\r\n").map(line).collect();
    let end = all.trim_end_matches("\r\n").len();
    if end == 0 {
        String::new()
    } else {
        format!("{}\r\n", &all[..end])
    }
}

/// Whether a message is signed by the key of this record (RFC 6376, relaxed/relaxed).
fn is_signed(raw: &[u8], record: &str) -> bool {
    let raw = std::str::from_utf8(raw).unwrap();
    let (headers, body) = parts(raw);
    let (_, signature) = headers.iter().find(|(name, _)| name == "dkim-signature").unwrap();
    let (said, record) = (tags(signature), tags(record));
    assert_eq!((said["v"].as_str(), said["c"].as_str()), ("1", "relaxed/relaxed"));
    assert_eq!(
        (record["v"].as_str(), said["a"].clone()),
        ("DKIM1", format!("{}-sha256", record["k"]))
    );
    let mut signed = String::new();
    for name in said["h"].split(':') {
        if let Some((name, value)) = headers.iter().rfind(|(said, _)| said == name) {
            signed.push_str(&format!("{name}:{}\r\n", relaxed(value)));
        }
    }
    let at = signature.rfind("b=").unwrap() + 2;
    signed.push_str(&format!("dkim-signature:{}", relaxed(&signature[..at])));
    let public = STANDARD.decode(&record["p"]).unwrap();
    let hash = Sha256::digest(&signed);
    let (algorithm, key, text): (&dyn VerificationAlgorithm, &[u8], &[u8]) = match record["k"].as_str() {
        // The record has the key within an envelope that says that it is one of RSA: 24 bytes, for keys of this length.
        "rsa" => (&RSA_PKCS1_2048_8192_SHA256, &public[24..], signed.as_bytes()),
        _ => (&ED25519, &public, &hash),
    };
    let signature = STANDARD.decode(&said["b"]).unwrap();
    let good = UnparsedPublicKey::new(algorithm, key).verify(text, &signature).is_ok();
    good && STANDARD.encode(Sha256::digest(relaxed_body(body))) == said["bh"]
}

fn keys(shop: &Shop<'_>, args: &[&str]) -> Vec<Value> {
    let said = shop.mail(&[&["dkim", &shop.id, "--json"], args].concat()).unwrap();
    serde_json::from_str(&said).unwrap()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

fn what_arrives_is_signed(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com"]);
    for (args, algorithm) in [
        (vec!["--new", "--selector", "one"], "rsa"),
        (vec!["--new", "--selector", "two", "--ed25519"], "ed25519"),
    ] {
        let made = keys(&shop, &args);
        assert_eq!(text(&made[0]["key"], "algorithm"), algorithm);
        assert_eq!(text(&made[0], "name"), format!("{}._domainkey.corner.example", args[2]));
        shop.has_confirmed(members[0], "nadia@example.com");
        // Made, and not used yet.
        shop.mail(&["test", &shop.id]).unwrap();
        keys(&shop, &["--use", "--selector", args[2]]);
        assert!(shop.queues(mail::Kind::Balance, members[0], algorithm, now()));
        shop.works(&[now() + MINUTE]);
        let raw = shop.smtp.to("nadia@example.com").pop().unwrap();
        let record = text(&made[0], "text");
        assert!(is_signed(&raw, record), "{}", String::from_utf8_lossy(&raw));
        let said = String::from_utf8(raw).unwrap();
        let signature = said.split("DKIM-Signature:").nth(1).unwrap();
        let signature = tags(
            signature
                .split("\r\n")
                .map(str::trim)
                .collect::<String>()
                .split("b=")
                .next()
                .unwrap(),
        );
        assert!(
            signature["h"].contains("list-unsubscribe:list-unsubscribe-post"),
            "{signature:?}"
        );
        for (from, to) in [
            ("Subject: ", "Subject: x"),
            ("/mail/stop?t=", "/mail/stop?t=x"),
            ("List-Unsubscribe-Post: List", "List-Unsubscribe-Post: Lost"),
            ("From: ", "From: x"),
        ] {
            assert!(said.contains(from));
            assert!(!is_signed(said.replacen(from, to, 1).as_bytes(), record), "{from}");
        }
        // A header that the mail did not have can't be added.
        assert!(!is_signed(
            format!("Reply-To: evil@example.com\r\n{said}").as_bytes(),
            record
        ));
        assert!(!is_signed(format!("{said}More\r\n").as_bytes(), record));
    }
    let tests = shop.smtp.to("owner@corner.example");
    let has = |raw: &Vec<u8>| String::from_utf8_lossy(raw).contains("DKIM-Signature:");
    assert_eq!(tests.iter().map(has).collect::<Vec<_>>(), [false, true]);
}

fn keys_follow_one_another(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let none = shop.mail(&["dkim", &shop.id]).unwrap();
    assert!(none.contains("no key of its own"), "{none}");
    assert!(
        shop.mail(&["dkim", &shop.id, "--use"])
            .unwrap_err()
            .contains("no such key")
    );
    assert!(shop.mail(&["dkim", &shop.id, "--new", "--selector", "a b"]).is_err());
    keys(&shop, &["--new", "--ed25519", "--selector", "old"]);
    assert!(
        shop.mail(&["dkim", &shop.id, "--new", "--selector", "old"])
            .unwrap_err()
            .contains("of this name")
    );
    keys(&shop, &["--use"]);
    keys(&shop, &["--new", "--ed25519"]);
    let used = |all: &[Value]| -> Vec<bool> { all.iter().map(|key| key["key"]["in_use"] == true).collect() };
    assert_eq!(used(&keys(&shop, &[])), [false, true]);
    assert_eq!(used(&keys(&shop, &["--use"])), [true, false]);
    // A key is for one domain: from another nothing is signed, and nothing can be used.
    shop.set(&["--sender", "hello@other.example"]).unwrap();
    assert!(
        shop.mail(&["dkim", &shop.id, "--use"])
            .unwrap_err()
            .contains("no such key")
    );
    shop.mail(&["test", &shop.id]).unwrap();
    let raw = shop.smtp.to("owner@corner.example").pop().unwrap();
    assert!(!String::from_utf8_lossy(&raw).contains("DKIM-Signature:"));
    assert_eq!(used(&keys(&shop, &["--off"])), [false, false]);
    // Strings of a zone have no more than 255 bytes.
    let long = shop.mail(&["dkim", &shop.id, "--new", "--selector", "long"]).unwrap();
    let zone = long
        .lines()
        .find(|line| line.contains("long._domainkey.other.example. IN TXT"))
        .unwrap();
    assert!(
        zone.split('"').all(|part| part.len() <= 255) && zone.matches('"').count() == 4,
        "{zone}"
    );
    assert_eq!(
        place.number("SELECT count(*) FROM mail_dkim WHERE length(secret) > 40"),
        3
    );
}

fn without_its_key_mail_waits(place: &Place) {
    let (shop, _) = waiting(place, &["nadia@example.com"]);
    keys(&shop, &["--new", "--ed25519", "--selector", "one"]);
    keys(&shop, &["--use"]);
    // As if it had been sealed with another key.
    shop.within(async |db| {
        db.run("UPDATE mail_dkim SET secret = mail_shops.password FROM mail_shops", &[])
            .await
            .unwrap()
    });
    shop.works(&[now() + 1000]);
    assert_eq!(place.texts("SELECT why FROM mails"), ["key"]);
    let queue = place.command(&["mail", "queue", &shop.id, "--json"]);
    assert!(
        text(&queue, "problem").contains("key for signing mail can't be opened"),
        "{queue}"
    );
    assert!(shop.smtp.received().is_empty());
    // Without the key's use it goes out, unsigned.
    keys(&shop, &["--off"]);
    shop.works(&[now() + 2 * MINUTE]);
    until("it is sent", || shop.count("sent") == 1);
}
