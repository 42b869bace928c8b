//! `mail check` against a name server and a mail server of the tests' own.

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::{A, MX, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use relay::mail::check::finding;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use sync::mail::{MailAnswer, MailFinding, MailRequest};

use crate::harness::Place;
use crate::mail_shop::Shop;
use crate::on_both;
use crate::smtp::Mode;
use crate::till::post;

on_both! {
    what_is_wrong_is_said_with_the_record, a_server_that_does_not_let_the_shop_in_is_told,
    an_owner_asks_and_not_too_often, what_is_included_is_followed_as_receivers_do,
}

type Zone = Arc<Mutex<HashMap<(String, RecordType), Vec<RData>>>>;

/// A name server that knows what it was told, and that nothing else exists. It ends with the tests.
struct Dns {
    address: SocketAddr,
    zone: Zone,
}

impl Dns {
    fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let (address, zone) = (socket.local_addr().unwrap(), Zone::default());
        let known = zone.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut bytes) {
                let asked = Message::from_vec(&bytes[..length]).unwrap();
                let query = asked.queries[0].clone();
                let mut answer = Message::response(asked.metadata.id, asked.metadata.op_code);
                answer.metadata.recursion_available = true;
                answer.add_query(query.clone());
                let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
                for data in known
                    .lock()
                    .unwrap()
                    .get(&(name, query.query_type()))
                    .into_iter()
                    .flatten()
                {
                    answer.add_answer(Record::from_rdata(query.name().clone(), 60, data.clone()));
                }
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            }
        });
        Self { address, zone }
    }

    fn knows(&self, name: &str, data: RData) {
        let key = (name.to_owned(), data.record_type());
        self.zone.lock().unwrap().entry(key).or_default().push(data);
    }

    fn says(&self, name: &str, text: &str) {
        // As long records are kept: in strings of 255 bytes.
        let strings = text
            .as_bytes()
            .chunks(255)
            .map(|part| String::from_utf8(part.to_vec()).unwrap());
        self.knows(name, RData::TXT(TXT::new(strings.collect())));
    }
}

fn check(shop: &Shop<'_>, dns: &Dns, more: &[&str]) -> Value {
    let address = dns.address.to_string();
    let all = [&["check", &shop.id, "--name-server", &address, "--json"], more].concat();
    serde_json::from_str(&shop.mail(&all).unwrap()).unwrap()
}

fn goods(said: &Value) -> Vec<(String, bool)> {
    let finding = |found: &Value| {
        (
            found["what"].as_str().unwrap().to_owned(),
            found["good"].as_bool().unwrap(),
        )
    };
    said["findings"].as_array().unwrap().iter().map(finding).collect()
}

fn fix(said: &Value, what: &str) -> String {
    let all = said["findings"].as_array().unwrap();
    let found = all.iter().find(|found| found["what"] == what).unwrap();
    found["fix"].as_str().unwrap().to_owned()
}

fn what_is_wrong_is_said_with_the_record(place: &Place) {
    let (shop, dns) = (Shop::new(place, Mode::Tls), Dns::start());
    let said = check(&shop, &dns, &[]);
    let all = |good: [bool; 5]| {
        ["server", "spf", "dkim", "dmarc", "mx"]
            .map(str::to_owned)
            .into_iter()
            .zip(good)
            .collect::<Vec<_>>()
    };
    assert_eq!(goods(&said), all([true, false, false, false, false]));
    // What it says to enter is entered, one after the other.
    let enter = |fix: String| {
        let (name, text) = fix.split_once(" TXT ").unwrap();
        dns.says(name, text.trim_matches('"'));
    };
    enter(fix(&said, "spf"));
    assert_eq!(
        fix(&said, "dmarc"),
        "_dmarc.corner.example TXT \"v=DMARC1; p=none; rua=mailto:owner@corner.example\""
    );
    enter(fix(&said, "dmarc"));
    dns.knows(
        "corner.example",
        RData::MX(MX::new(10, Name::from_ascii("mx.corner.example.").unwrap())),
    );
    assert_eq!(goods(&check(&shop, &dns, &[])), all([true, true, false, true, true]));
    // A service's key, under a usual name and under one that is said.
    dns.says("pm7._domainkey.corner.example", "v=DKIM1; k=rsa; p=AAAA");
    assert_eq!(check(&shop, &dns, &[])["good"], json!(false));
    assert_eq!(check(&shop, &dns, &["--selector", "pm7"])["good"], json!(true));
    dns.says("k1._domainkey.corner.example", "k=rsa; p=AAAA");
    assert_eq!(check(&shop, &dns, &[])["good"], json!(true));
    // The shop's own, which is longer than one string: made, entered, used.
    shop.mail(&["dkim", &shop.id, "--new", "--selector", "own"]).unwrap();
    let said = check(&shop, &dns, &[]);
    assert_eq!(goods(&said), all([true, true, false, true, true]));
    enter(fix(&said, "dkim"));
    let address = dns.address.to_string();
    let said = shop.mail(&["check", &shop.id, "--name-server", &address]).unwrap();
    assert!(said.contains("TO DO  dkim") && said.contains("--use"), "{said}");
    shop.mail(&["dkim", &shop.id, "--use"]).unwrap();
    let said = shop.mail(&["check", &shop.id, "--name-server", &address]).unwrap();
    assert!(said.contains("All is well") && !said.contains("TO DO"), "{said}");
    // Nothing was sent for it.
    assert!(shop.smtp.received().is_empty());
    // A domain below one that has a policy, and takes mail at its own address.
    shop.set(&["--sender", "hello@shop.corner.example"]).unwrap();
    dns.knows("shop.corner.example", RData::A(A::new(192, 0, 2, 1)));
    assert_eq!(goods(&check(&shop, &dns, &[])), all([true, false, false, true, true]));
}

fn a_server_that_does_not_let_the_shop_in_is_told(place: &Place) {
    let (shop, dns) = (Shop::new(place, Mode::Starttls), Dns::start());
    shop.write("wrong", "not it");
    shop.set(&["--password-file", &shop.file("wrong")]).unwrap();
    let said = check(&shop, &dns, &[]);
    assert!(said["findings"][0]["said"].as_str().unwrap().contains("535"), "{said}");
    shop.smtp.will(
        "owner@corner.example",
        &[crate::smtp::Act::Refuse("553 5.7.1 not from this address")],
    );
    shop.set(&["--password-file", &shop.file("password")]).unwrap();
    let said = check(&shop, &dns, &[]);
    assert!(
        said["findings"][0]["said"].as_str().unwrap().contains("553 5.7.1"),
        "{said}"
    );
    assert_eq!(said["good"], json!(false));
}

/// What a relay that was just started tells an owner: it has not been asked before.
fn asked(shop: &Shop<'_>, dns: &Dns) -> (Vec<MailFinding>, Option<String>) {
    let (key, address) = (shop.file("key"), dns.address.to_string());
    let relay = shop.place.serve_with(&["--key-file", &key, "--name-server", &address]);
    let till = shop.till(&relay);
    let asks = || {
        let url = format!("{}/v1/mail", relay.url);
        post::<MailAnswer>(&till.http, &url, &till.credential, &MailRequest::Arrives).unwrap()
    };
    let (first, again) = (asks(), asks());
    (first.findings.unwrap(), again.refused.map(|no| no.code))
}

fn an_owner_asks_and_not_too_often(place: &Place) {
    let (shop, dns) = (Shop::new(place, Mode::Tls), Dns::start());
    let (found, again) = asked(&shop, &dns);
    assert_eq!(again.as_deref(), Some("mail_asked_too_soon"));
    let seen: Vec<_> = found.iter().map(|one| (one.code.as_str(), one.good)).collect();
    assert_eq!(
        seen,
        [
            ("server_good", true),
            ("spf_none", false),
            ("dkim_unknown", false),
            ("dmarc_none", false),
            ("mx_none", false)
        ]
    );
    assert_eq!(found[0].values, ["localhost", "hello@corner.example"]);
    // What it says to enter is entered as it stands.
    for one in &found {
        if let Some(record) = &one.record {
            assert_eq!(record.kind, "TXT");
            dns.says(&record.name, &record.text);
        }
    }
    dns.says("mx._domainkey.corner.example", "k=rsa; p=AAAA");
    dns.knows(
        "corner.example",
        RData::MX(MX::new(10, Name::from_ascii("mx.corner.example.").unwrap())),
    );
    let (found, _) = asked(&shop, &dns);
    let codes: Vec<_> = found.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(
        codes,
        ["server_good", "spf_good", "dkim_service", "dmarc_good", "mx_good"]
    );
    assert!(found.iter().all(|one| one.good && one.record.is_none()));
    assert!(shop.smtp.received().is_empty());
    // Every code that was told is in the list, and its sentence names its values.
    for one in &found {
        assert!(finding::ALL.iter().any(|(code, ..)| *code == one.code));
        assert!(one.values.iter().all(|value| one.said.contains(value)));
    }
}

fn what_is_included_is_followed_as_receivers_do(place: &Place) {
    let (shop, dns) = (Shop::new(place, Mode::Tls), Dns::start());
    let of = |said: &Value| {
        let found = &said["findings"][1];
        (found["code"].as_str().unwrap().to_owned(), found["good"] == json!(true))
    };
    dns.says("corner.example", "v=spf1 include:_spf.corner.example -all");
    dns.says("_spf.corner.example", "v=spf1 redirect=more.example");
    dns.says("more.example", "v=spf1 ip4:192.0.2.0/24 a:localhost ~all");
    dns.knows("localhost", RData::A(A::new(127, 0, 0, 1)));
    assert_eq!(of(&check(&shop, &dns, &[])), ("spf_good".into(), true));
    // A record that includes itself takes too many look-ups, and one that leads nowhere is of no use.
    dns.says("again.example", "v=spf1 include:again.example ~all");
    dns.says("nowhere.example", "v=spf1 a:a.example a:b.example a:c.example ~all");
    dns.says("broken.example", "v=spf1 ip4:1.2.3 -all");
    dns.says("gone.example", "v=spf1 include:nobody.example -all");
    for (sender, code) in [
        ("hello@again.example", "spf_too_many"),
        ("hello@nowhere.example", "spf_void"),
        ("hello@broken.example", "spf_word"),
        ("hello@gone.example", "spf_no_record"),
    ] {
        shop.set(&["--sender", sender]).unwrap();
        assert_eq!(of(&check(&shop, &dns, &[])), (code.into(), false), "{sender}");
    }
}
