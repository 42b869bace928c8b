//! What providers tell of mails, over HTTP: believed, heard once, acted on. SNS, which signs otherwise, is in `mail_sns`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use loyalty::op::{Body, Private};
use loyalty::{MemberId, UtcMs};
use pos::signature::standard::{Secret, sign};
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};
use sha2::Sha256;
use sync::mail::{MailAnswer, MailRequest};

use crate::harness::{Place, Relay, until};
use crate::linking::browser;
use crate::mail_shop::{MINUTE, Shop, heard, now, read};
use crate::on_both;
use crate::smtp::Mode;
use crate::till::{Till, id, post};

on_both! {
    a_bounce_ends_the_mail_and_the_tills_hear_of_it, what_is_forged_old_or_too_long_changes_nothing,
    five_soft_ones_in_a_row_are_enough, reports_by_mail_are_heard, postmark_and_mailgun_are_heard,
    who_has_another_address_by_now_did_not_bounce, an_owner_sees_what_came_back,
}

/// A shop whose member was sent a mail.
pub struct Told<'a> {
    pub shop: Shop<'a>,
    pub relay: Relay,
    pub till: Till,
    pub member: MemberId,
    /// The mail's `Message-ID`, without its brackets.
    pub name: String,
    pub raw: Vec<u8>,
}

impl<'a> Told<'a> {
    pub fn new(place: &'a Place) -> Self {
        let shop = Shop::new(place, Mode::Tls);
        let relay = shop.serve();
        let mut till = shop.till(&relay);
        let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
        till.syncs(&relay).unwrap();
        let raw = shop.arrives("nadia@example.com", 1);
        until("it is noted", || shop.count("sent") == 1);
        let name = read(&raw).message_id().unwrap().to_owned();
        Self {
            shop,
            relay,
            till,
            member,
            name,
            raw,
        }
    }

    fn url(&self, provider: &str) -> String {
        format!("{}/hooks/{}/bounces/{provider}", self.relay.url, self.shop.id)
    }

    /// Sets a provider up: the secret, where it is made here.
    fn set(&self, args: &[&str]) -> Option<String> {
        let said = self
            .shop
            .mail(&[&["hooks", &self.shop.id, "--json", "--provider"], args].concat());
        let said: Value = serde_json::from_str(&said.unwrap()).unwrap();
        said["secret"].as_str().map(str::to_owned)
    }

    fn generic(&self) -> Secret {
        Secret::read(&self.set(&["generic", "--new"]).unwrap()).unwrap()
    }

    /// Posts a signed message.
    fn signed(&self, to: &str, secret: &Secret, name: &str, body: &[u8]) -> (u16, Value) {
        send(self.request(to, secret, name, now(), body))
    }

    fn request(&self, to: &str, secret: &Secret, name: &str, at: i64, body: &[u8]) -> RequestBuilder {
        let headers = sign(std::slice::from_ref(secret), name, UtcMs(at), body);
        let request = browser().post(self.url(to)).body(body.to_vec());
        let request = request
            .header("webhook-id", headers.id)
            .header("webhook-timestamp", headers.timestamp);
        request.header("webhook-signature", headers.signature)
    }

    fn suppressed(&self) -> Vec<String> {
        let place = self.shop.place;
        place.texts("SELECT coalesce(why, 'soft ' || CAST(soft AS TEXT)) FROM mail_suppressed")
    }

    fn counts(&self) -> Value {
        self.shop.place.command(&["mail", "queue", &self.shop.id, "--json"])["counts"].clone()
    }

    /// Whose word the member's last operation was.
    fn by(&self) -> Option<String> {
        let newest = "SELECT by_whom FROM ops ORDER BY shop_seq DESC LIMIT 1";
        self.shop.place.texts(newest).pop()
    }
}

fn send(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn bounced(name: &str, more: Value) -> Vec<u8> {
    let mut data = json!({"message_id": format!("<{name}>")});
    data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"type": "mail.bounced", "data": data}).to_string().into_bytes()
}

fn a_bounce_ends_the_mail_and_the_tills_hear_of_it(place: &Place) {
    let mut told = Told::new(place);
    let secret = told.generic();
    let body = bounced(&told.name, json!({"permanent": true, "status": "5.1.1"}));
    let (status, said) = told.signed("generic", &secret, "msg_1", &body);
    assert_eq!(
        (status, &said),
        (200, &json!({"taken": 1, "unknown": 0, "again": false}))
    );
    told.till.syncs(&told.relay).unwrap();
    assert_eq!(heard(&told.till), ["withdrawn"]);
    assert_eq!(told.by().as_deref(), Some("webhook:generic"));
    assert_eq!(told.suppressed(), ["bounced"]);
    assert_eq!(told.counts(), json!({"bounced": 1}));
    let listed = told.shop.mail(&["queue", &told.shop.id]).unwrap();
    assert!(listed.contains("bounced") && listed.contains("5.1.1"), "{listed}");
    // The same message again, and another about the same mail: nothing more.
    let before = place.number("SELECT count(*) FROM ops");
    let (status, said) = told.signed("generic", &secret, "msg_1", &body);
    assert_eq!((status, &said["again"]), (200, &json!(true)));
    let (_, said) = told.signed("generic", &secret, "msg_2", &body);
    assert_eq!(said["taken"], 1);
    assert_eq!(place.number("SELECT count(*) FROM ops"), before);
    // Whoever says yes again at this address is not written to: the address is none.
    let covers = Some(Vec::new());
    told.till.does(
        &Body::ConsentGiven {
            member: told.member,
            covers,
        },
        &Private::default(),
    );
    told.till.syncs(&told.relay).unwrap();
    assert!(told.shop.queues(mail::Kind::Balance, told.member, "x", now()));
    until("it is cancelled", || told.shop.count("cancelled") >= 1);
    assert_eq!(told.shop.smtp.received().len(), 1);
    assert!(told.relay.counted("regulars_relay_mails_total{what=\"bounced\"}") >= 1.0);
}

fn an_owner_sees_what_came_back(place: &Place) {
    let told = Told::new(place);
    let secret = told.generic();
    let seen = || {
        let url = format!("{}/v1/mail", told.relay.url);
        let answer: MailAnswer = post(&told.till.http, &url, &told.till.credential, &MailRequest::Look).unwrap();
        let state = answer.state.unwrap();
        let (line, ends) = (&state.gone[0], &state.ends);
        assert_eq!((state.gone.len(), ends.len(), ends[0].mails), (1, 1, 1));
        assert_eq!(ends[0].state, line.state);
        (line.state.clone(), line.why.clone())
    };
    assert_eq!(seen(), ("sent".to_owned(), None));
    let soft = bounced(&told.name, json!({"permanent": false, "status": "4.2.2"}));
    told.signed("generic", &secret, "msg_1", &soft);
    assert_eq!(seen(), ("bounced_softly".to_owned(), Some("4.2.2".to_owned())));
    let hard = bounced(&told.name, json!({"permanent": true, "status": "5.1.1"}));
    told.signed("generic", &secret, "msg_2", &hard);
    assert_eq!(seen(), ("bounced".to_owned(), Some("5.1.1".to_owned())));
    let complaint = json!({"type": "mail.complained", "data": {"message_id": told.name}}).to_string();
    told.signed("generic", &secret, "msg_3", complaint.as_bytes());
    assert_eq!(seen().0, "complained");
}

fn what_is_forged_old_or_too_long_changes_nothing(place: &Place) {
    let told = Told::new(place);
    let body = bounced(&told.name, json!({"permanent": true}));
    let other = Secret::from_random([9; 32]);
    // Before it was set up nobody is believed.
    assert_eq!(told.signed("generic", &other, "m", &body).0, 401);
    let secret = told.generic();
    let before = place.number("SELECT (SELECT count(*) FROM ops) + (SELECT count(*) FROM mail_suppressed)");
    let other_id = [("webhook-id".parse().unwrap(), "other".parse().unwrap())]
        .into_iter()
        .collect();
    let forged = [
        told.request("generic", &other, "m", now(), &body),
        told.request("generic", &secret, "m", now() - 6 * MINUTE, &body),
        told.request("generic", &secret, "m", now() + 6 * MINUTE, &body),
        told.request("generic", &secret, "m", now(), &body)
            .body(bounced(&told.name, json!({"permanent": false}))),
        told.request("generic", &secret, "m", now(), &body).headers(other_id),
        browser().post(told.url("generic")).body(body.clone()),
    ];
    for (at, request) in forged.into_iter().enumerate() {
        let (status, said) = send(request);
        assert_eq!((status, &said["code"]), (401, &json!("not_believed")), "{at}");
    }
    for (provider, status) in [("ses", 401), ("postmark", 401), ("mailgun", 401), ("elsewhere", 404)] {
        assert_eq!(told.signed(provider, &secret, "m", &body).0, status, "{provider}");
    }
    let stranger = told.url("generic").replace(&told.shop.id, &id().to_string());
    assert_eq!(send(browser().post(stranger).body(body.clone())).0, 401);
    let long = vec![b' '; 301 * 1024];
    assert_eq!(told.signed("generic", &secret, "m", &long).0, 413);
    assert_eq!(told.signed("generic", &secret, "m", b"{}").0, 400);
    // Believed, and about nothing of this shop's.
    let (_, said) = told.signed(
        "generic",
        &secret,
        "n",
        &bounced(&format!("{}@x", id()), json!({"permanent": true})),
    );
    assert_eq!(said, json!({"taken": 0, "unknown": 1, "again": false}));
    let after = "SELECT (SELECT count(*) FROM ops) + (SELECT count(*) FROM mail_suppressed)";
    assert_eq!(place.number(after), before);
    assert_eq!(told.counts(), json!({"sent": 1}));
    // A new secret, and the old one is none any more; switched off, nobody is believed.
    let new = told.generic();
    assert_eq!(told.signed("generic", &secret, "o", &body).0, 401);
    told.set(&["generic", "--off"]);
    assert_eq!(told.signed("generic", &new, "o", &body).0, 401);
}

fn five_soft_ones_in_a_row_are_enough(place: &Place) {
    let mut told = Told::new(place);
    let secret = told.generic();
    told.shop.has_confirmed(told.member, "nadia@example.com");
    told.shop.set(&["--per-week", "50"]).unwrap();
    let mut sent = 1;
    let mut next = |told: &Told<'_>| {
        sent += 1;
        assert!(
            told.shop
                .queues(mail::Kind::Balance, told.member, &sent.to_string(), now())
        );
        let raw = told.shop.arrives("nadia@example.com", sent);
        until("it is noted", || {
            told.shop.count("sent") == i64::try_from(sent).unwrap()
        });
        read(&raw).message_id().unwrap().to_owned()
    };
    let soft = |told: &Told<'_>, name: &str, n: &str| {
        let body = bounced(name, json!({"permanent": false, "status": "4.2.2"}));
        assert_eq!(told.signed("generic", &secret, n, &body).1["taken"], 1);
    };
    // One mail that is told of again and again counts once.
    for n in 0..9 {
        soft(&told, &told.name, &format!("same{n}"));
    }
    assert_eq!(told.suppressed(), ["soft 1"]);
    for n in 0..3 {
        let name = next(&told);
        soft(&told, &name, &format!("a{n}"));
    }
    assert_eq!(told.suppressed(), ["soft 4"]);
    // One that arrives begins anew.
    let name = next(&told);
    let arrived = json!({"type": "mail.delivered", "data": {"message_id": name}}).to_string();
    assert_eq!(told.signed("generic", &secret, "d", arrived.as_bytes()).1["taken"], 1);
    assert_eq!(told.suppressed(), ["soft 0"]);
    for n in 0..4 {
        let name = next(&told);
        soft(&told, &name, &format!("b{n}"));
    }
    told.till.syncs(&told.relay).unwrap();
    assert!(heard(&told.till).is_empty());
    let name = next(&told);
    soft(&told, &name, "b4");
    assert_eq!(told.suppressed(), ["soft_bounces"]);
    told.till.syncs(&told.relay).unwrap();
    assert_eq!(heard(&told.till), ["withdrawn"]);
}

/// A report as a server mails it, with the mail in it.
fn report(told: &Told<'_>, kind: &str, second: &str) -> Vec<u8> {
    let mail = String::from_utf8(told.raw.clone()).unwrap();
    format!(
        "From: MAILER-DAEMON@mx.example.com\r\nTo: hello@corner.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type={kind}; boundary=\"R1\"\r\n\r\n--R1\r\n\
         Content-Type: text/plain\r\n\r\nSorry.\r\n--R1\r\nContent-Type: message/{kind}\r\n\r\n{second}\r\n\
         --R1\r\nContent-Type: message/rfc822\r\n\r\n{mail}\r\n--R1--\r\n"
    )
    .into_bytes()
}

fn reports_by_mail_are_heard(place: &Place) {
    let mut told = Told::new(place);
    let secret = told.generic();
    let status = |action: &str, digits: &str| {
        format!(
            "Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; nadia@example.com\r\nAction: {action}\r\n\
             Status: {digits}\r\nDiagnostic-Code: smtp; 550 {digits}\r\n"
        )
    };
    let late = report(&told, "delivery-status", &status("delayed", "4.4.1"));
    assert_eq!(told.signed("report", &secret, "r1", &late).1["taken"], 0);
    assert_eq!(told.counts(), json!({"sent": 1}));
    // A report that names an address and none of our mails: anybody can write that.
    let all = String::from_utf8(report(&told, "delivery-status", &status("failed", "5.1.1"))).unwrap();
    let made_up = all
        .replace(&told.name, "1234@corner.example")
        .replace(told.name.split('@').next().unwrap(), "1234");
    assert_eq!(told.signed("report", &secret, "r2", made_up.as_bytes()).0, 400);
    assert!(told.suppressed().is_empty());
    assert_eq!(told.signed("report", &secret, "r3", all.as_bytes()).1["taken"], 1);
    assert_eq!(
        (told.suppressed(), told.counts()),
        (vec!["bounced".to_owned()], json!({"bounced": 1}))
    );
    let abuse = report(&told, "feedback-report", "Feedback-Type: abuse\r\nVersion: 1\r\n");
    assert_eq!(told.signed("report", &secret, "r4", &abuse).1["taken"], 1);
    assert_eq!(told.counts(), json!({"complained": 1}));
    told.till.syncs(&told.relay).unwrap();
    assert_eq!(heard(&told.till), ["withdrawn"]);
    let long = [all.as_bytes(), &vec![b'x'; 1024 * 1024]].concat();
    assert_eq!(told.signed("report", &secret, "r5", &long).0, 413);
}

fn postmark_and_mailgun_are_heard(place: &Place) {
    let mut told = Told::new(place);
    let token = told.set(&["postmark", "--new"]).unwrap();
    let soft =
        json!({"RecordType": "Bounce", "ID": 42, "Type": "SoftBounce", "Email": "nadia@example.com"}).to_string();
    let post = |query: &str| browser().post(told.url("postmark") + query).body(soft.clone());
    for wrong in [
        post(""),
        post("?token="),
        post(&format!("?token={token}0")),
        post("").basic_auth("x", Some("y")),
    ] {
        assert_eq!(send(wrong).0, 401);
    }
    assert_eq!(send(post(&format!("?token={token}"))).1["taken"], 1);
    assert_eq!(send(post("").basic_auth("postmark", Some(&token))).1["again"], true);
    assert_eq!(told.suppressed(), ["soft 1"]);
    // An address that this shop never wrote to is nobody's here.
    let stranger = soft.replace("nadia@", "stranger@").replace("Soft", "Hard");
    let request = browser()
        .post(told.url("postmark"))
        .basic_auth("", Some(&token))
        .body(stranger);
    assert_eq!(send(request).1, json!({"taken": 0, "unknown": 1, "again": false}));
    assert_eq!(told.suppressed(), ["soft 1"]);

    told.shop.write("mailgun", "signing-key\n");
    assert_eq!(
        told.set(&["mailgun", "--secret-file", &told.shop.file("mailgun")]),
        None
    );
    let mailgun = |at: i64, token: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"signing-key").unwrap();
        mac.update(format!("{at}{token}").as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        let event = json!({"event": "complained", "recipient": "nadia@example.com",
            "message": {"headers": {"message-id": told.name}}});
        let signature = json!({"timestamp": at.to_string(), "token": token, "signature": signature});
        json!({"signature": signature, "event-data": event}).to_string()
    };
    let post = |body: String| send(browser().post(told.url("mailgun")).body(body));
    let at = now() / 1000;
    assert_eq!(post(mailgun(at - 301, "t1")).0, 401);
    assert_eq!(post(mailgun(at, "t1").replace("\"t1\"", "\"t2\"")).0, 401);
    assert_eq!(post(mailgun(at, "t1")).1["taken"], 1);
    assert_eq!(post(mailgun(at, "t1")).1["again"], true);
    assert_eq!(
        (told.suppressed(), told.counts()),
        (vec!["complained".to_owned()], json!({"complained": 1}))
    );
    told.till.syncs(&told.relay).unwrap();
    assert_eq!(heard(&told.till), ["withdrawn"]);
    // No secret is in the database as it is, nor in the log.
    let secrets = place.texts("SELECT CAST(count(*) AS TEXT) FROM mail_hooks WHERE length(secret) > 40");
    assert_eq!(secrets, ["2"]);
    let log = told.relay.stop().1;
    assert!(!log.contains(&token) && !log.contains("nadia@") && !log.contains(&STANDARD.encode("signing-key")));
}

fn who_has_another_address_by_now_did_not_bounce(place: &Place) {
    let mut told = Told::new(place);
    let secret = told.generic();
    let private = Private {
        email: Some("nadia.quill@example.com".to_owned()),
        ..Private::default()
    };
    let clock = loyalty::hlc::Hlc(now() << 16);
    told.till.does(
        &Body::MemberChanged {
            member: told.member,
            clock,
        },
        &private,
    );
    told.till.syncs(&told.relay).unwrap();
    let body = bounced(&told.name, json!({"permanent": true}));
    assert_eq!(told.signed("generic", &secret, "m", &body).1["taken"], 1);
    told.till.syncs(&told.relay).unwrap();
    assert!(heard(&told.till).is_empty());
    assert_eq!(told.suppressed(), ["bounced"]);
    // The new address was asked.
    told.shop.arrives("nadia.quill@example.com", 1);
}
