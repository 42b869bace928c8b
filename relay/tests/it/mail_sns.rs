//! Messages of Amazon SNS: signed by a key of the tests' own, whose certificate the tests hand in where the relay would
//! open Amazon's address. The relay runs in this process.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use relay::mail::hooks::Hooks;
use relay::mail::hooks::open::{NotOpen, Open, Opening};
use relay::serve::in_process_with;
use relay::settings::{Given, Where, settle};
use relay::store::Db;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::sha2::{Digest, Sha256};
use rsa::{RsaPrivateKey, rand_core::OsRng};
use serde_json::{Value, json};
use sha1::Sha1;
use std::sync::{Arc, Mutex, OnceLock};
use tower::ServiceExt;
use url::Url;

use crate::harness::{Place, until};
use crate::mail_shop::{Shop, heard, now, read};
use crate::on_both;
use crate::smtp::Mode;

on_both! {
    a_bounce_that_amazon_signed_is_heard, what_amazon_did_not_sign_is_not, a_subscription_is_confirmed_once_asked,
}

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:bounces";
const CERTIFICATE: &str = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem";
const SUBSCRIBE: &str = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=x&Token=y";

/// A key and its certificate, made once for all tests: it takes a while.
struct Amazon {
    key: RsaPrivateKey,
    certificate: String,
    out_of_date: String,
}

fn amazon() -> &'static Amazon {
    static AMAZON: OnceLock<Amazon> = OnceLock::new();
    AMAZON.get_or_init(|| {
        let key = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let pair = rcgen::KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).unwrap();
        let named = || rcgen::CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).unwrap();
        let mut old = named();
        old.not_after = rcgen::date_time_ymd(2020, 1, 1);
        Amazon {
            certificate: named().self_signed(&pair).unwrap().pem(),
            out_of_date: old.self_signed(&pair).unwrap().pem(),
            key,
        }
    })
}

/// Opens what the tests have, and notes what was asked for.
#[derive(Default)]
struct Outside {
    asked: Mutex<Vec<String>>,
    away: bool,
    out_of_date: bool,
}

impl Open for Outside {
    fn get<'a>(&'a self, url: &'a Url) -> Opening<'a> {
        self.asked.lock().unwrap().push(url.to_string());
        let answer = match url.path() {
            _ if self.away => Err(NotOpen("away")),
            "/SimpleNotificationService-0123abcd.pem" if self.out_of_date => Ok(amazon().out_of_date.clone()),
            "/SimpleNotificationService-0123abcd.pem" => Ok(amazon().certificate.clone()),
            "/" => Ok("<ConfirmSubscriptionResponse/>".to_owned()),
            _ => Err(NotOpen("nothing there")),
        };
        Box::pin(async move { answer.map(String::into_bytes) })
    }
}

fn at(ms: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(ms).unwrap();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A message, and its signature. The string is put together here by hand, as Amazon's page has it.
fn message(id: &str, version: &str, told: &str) -> Value {
    let timestamp = at(now());
    let text =
        format!("Message\n{told}\nMessageId\n{id}\nTimestamp\n{timestamp}\nTopicArn\n{TOPIC}\nType\nNotification\n");
    json!({"Type": "Notification", "MessageId": id, "TopicArn": TOPIC, "Message": told, "Timestamp": timestamp,
        "SignatureVersion": version, "Signature": signature(version, &text), "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"})
}

fn asks(id: &str, subscribe: &str) -> Value {
    let timestamp = at(now());
    let text = format!(
        "Message\nYou have chosen\nMessageId\n{id}\nSubscribeURL\n{subscribe}\nTimestamp\n{timestamp}\nToken\ntok\n\
         TopicArn\n{TOPIC}\nType\nSubscriptionConfirmation\n"
    );
    json!({"Type": "SubscriptionConfirmation", "MessageId": id, "TopicArn": TOPIC, "Message": "You have chosen",
        "Token": "tok", "SubscribeURL": subscribe, "Timestamp": timestamp, "SignatureVersion": "2",
        "Signature": signature("2", &text), "SigningCertURL": CERTIFICATE})
}

fn signature(version: &str, text: &str) -> String {
    let key = &amazon().key;
    let signed = match version {
        "1" => key.sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(text)),
        _ => key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text)),
    };
    STANDARD.encode(signed.unwrap())
}

fn with(mut message: Value, name: &str, value: &str) -> Value {
    message[name] = value.into();
    message
}

/// What SES says of a mail that came back.
fn bounce(name: &str) -> String {
    json!({"notificationType": "Bounce", "bounce": {"bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": "nadia@example.com", "status": "5.1.1", "action": "failed"}]},
        "mail": {"messageId": "0100", "headers": [{"name": "X-Regulars-Mail", "value": name}]}})
    .to_string()
}

/// Posts messages to a relay of this process, one after the other.
fn post(shop: &Shop<'_>, outside: &Arc<Outside>, messages: &[Value]) -> Vec<(u16, Value)> {
    let hook = format!("/hooks/{}/bounces/ses", shop.id);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let db = Db::connect(&shop.place.url, 3).await.unwrap();
        let place = Where {
            database: Some(shop.place.url.clone()),
            ..Where::default()
        };
        let settings = settle(&place, Given::default()).unwrap();
        let relay = in_process_with(db.clone(), settings, Hooks::new(outside.clone()));
        let mut said = Vec::new();
        for message in messages {
            let request = Request::post(&hook).body(Body::from(message.to_string())).unwrap();
            let answer = relay.clone().oneshot(request).await.unwrap();
            let status: StatusCode = answer.status();
            let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            said.push((status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default()));
        }
        db.close().await;
        said
    })
}

fn subscribed(place: &Place) -> Shop<'_> {
    let shop = Shop::new(place, Mode::Tls);
    let said = shop
        .mail(&["hooks", &shop.id, "--provider", "ses", "--topic", "bounces"])
        .unwrap_err();
    assert!(said.contains("arn:aws:sns"), "{said}");
    let said = shop
        .mail(&["hooks", &shop.id, "--provider", "ses", "--topic", TOPIC])
        .unwrap();
    assert!(
        said.contains(&format!("/hooks/{}/bounces/ses", shop.id)) && said.contains(TOPIC),
        "{said}"
    );
    shop
}

fn a_bounce_that_amazon_signed_is_heard(place: &Place) {
    let shop = subscribed(place);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.syncs(&relay).unwrap();
    let raw = shop.arrives("nadia@example.com", 1);
    until("it is noted", || shop.count("sent") == 1);
    let name = read(&raw).message_id().unwrap().split('@').next().unwrap().to_owned();
    let outside = Arc::new(Outside::default());
    // Both versions of the signature; the first has a subject, too.
    let first = message("m1", "1", &bounce(&name));
    let told = bounce("none").replace("Permanent", "Transient");
    let said = post(
        &shop,
        &outside,
        &[message("m0", "2", &told), first.clone(), first.clone()],
    );
    let taken = |again: bool| json!({"taken": i32::from(!again), "unknown": 0, "again": again});
    assert_eq!(said, [(200, taken(false)), (200, taken(false)), (200, taken(true))]);
    // One certificate, fetched once.
    assert_eq!(*outside.asked.lock().unwrap(), [CERTIFICATE]);
    assert_eq!(place.texts("SELECT why FROM mail_suppressed"), ["bounced"]);
    assert_eq!(place.texts("SELECT returned FROM mails"), ["bounced"]);
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["withdrawn"]);
    assert_eq!(
        place.texts("SELECT by_whom FROM ops ORDER BY shop_seq DESC LIMIT 1"),
        ["webhook:ses"]
    );
}

fn what_amazon_did_not_sign_is_not(place: &Place) {
    let shop = subscribed(place);
    let outside = Arc::new(Outside::default());
    let good = || message("m1", "2", &bounce("x"));
    let other = "arn:aws:sns:us-east-1:123456789012:others";
    let unasked = [
        with(good(), "TopicArn", other),
        with(
            good(),
            "SigningCertURL",
            "https://evil.example/SimpleNotificationService-0123abcd.pem",
        ),
        with(
            good(),
            "SigningCertURL",
            "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem",
        ),
        with(
            good(),
            "SigningCertURL",
            "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123abcd.pem",
        ),
        with(
            good(),
            "SigningCertURL",
            "https://sns.us-east-1.amazonaws.com/?Action=x",
        ),
        with(good(), "SignatureVersion", "3"),
        with(good(), "Timestamp", &at(now() - 25 * 3_600_000)),
        with(good(), "Timestamp", &at(now() + 3_600_000)),
    ];
    for (at, (status, said)) in post(&shop, &outside, &unasked).into_iter().enumerate() {
        assert_eq!((status, &said["code"]), (401, &json!("not_believed")), "{at} {said}");
    }
    // None of these made the relay open anything.
    assert!(outside.asked.lock().unwrap().is_empty());
    let forged = [
        with(good(), "Message", &bounce("y")),
        with(good(), "MessageId", "m2"),
        with(good(), "Timestamp", &at(now() - 1000)),
        with(good(), "Subject", "added"),
        with(good(), "SignatureVersion", "1"),
        with(good(), "Signature", "AAAA"),
        with(good(), "Signature", "not base64!"),
    ];
    for (at, (status, said)) in post(&shop, &outside, &forged).into_iter().enumerate() {
        assert_eq!((status, &said["code"]), (401, &json!("not_believed")), "{at} {said}");
    }
    let late = Arc::new(Outside {
        out_of_date: true,
        ..Outside::default()
    });
    assert_eq!(post(&shop, &late, &[good()])[0].0, 401);
    // Where Amazon can't be asked, it sends again later: nothing is taken on trust.
    let away = Arc::new(Outside {
        away: true,
        ..Outside::default()
    });
    assert_eq!(post(&shop, &away, &[good()])[0].0, 503);
    assert_eq!(
        post(&shop, &outside, &[json!({}), with(good(), "Type", "Other")])
            .iter()
            .map(|s| s.0)
            .collect::<Vec<_>>(),
        [400, 400]
    );
    let nothing = "SELECT (SELECT count(*) FROM mail_heard) + (SELECT count(*) FROM mail_suppressed)";
    assert_eq!(place.number(nothing), 0);
}

fn a_subscription_is_confirmed_once_asked(place: &Place) {
    let shop = subscribed(place);
    let outside = Arc::new(Outside::default());
    let elsewhere = [
        asks("s1", "https://evil.example/?Action=ConfirmSubscription"),
        asks("s1", "http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription"),
        with(
            asks("s1", SUBSCRIBE),
            "SubscribeURL",
            "https://sns.us-east-1.amazonaws.com/?Action=Other",
        ),
        with(asks("s1", SUBSCRIBE), "Token", "other"),
    ];
    for (status, said) in post(&shop, &outside, &elsewhere) {
        assert_eq!(status, 401, "{said}");
    }
    assert_eq!(post(&shop, &outside, &[asks("s1", SUBSCRIBE)])[0].0, 200);
    let asked = outside.asked.lock().unwrap().clone();
    assert_eq!(
        asked.iter().filter(|url| url.contains("Action=")).collect::<Vec<_>>(),
        [SUBSCRIBE]
    );
}
