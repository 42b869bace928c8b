//! Signatures: the vectors of public documentation, and everything that must not pass.

use loyalty::UtcMs;
use pos::signature::standard::{self, Headers, Secret};
use pos::signature::{SignatureError, shopify, square, stripe};
use proptest::prelude::*;

/// The vector of the Standard Webhooks reference libraries.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SENT: UtcMs = UtcMs(1_614_265_330_000);

fn vector() -> Headers {
    Headers {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
        timestamp: "1614265330".into(),
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".into(),
    }
}

fn secret() -> Secret {
    Secret::read(SECRET).unwrap()
}

fn check(headers: &Headers, body: &[u8], now: UtcMs) -> Result<String, SignatureError> {
    standard::verify(&[secret()], |name| headers.get(name), body, now).map(str::to_owned)
}

#[test]
fn standard_vector() {
    assert_eq!(check(&vector(), BODY, SENT).unwrap(), vector().id);
    assert_eq!(standard::sign(&[secret()], &vector().id, SENT, BODY), vector());
}

#[test]
fn standard_times() {
    let later = |ms: i64| check(&vector(), BODY, UtcMs(SENT.0 + ms));
    assert!(later(300_000).is_ok() && later(-300_000).is_ok());
    assert_eq!(later(300_001), Err(SignatureError::TooOld));
    assert_eq!(later(-300_001), Err(SignatureError::TooEarly));
    for timestamp in [
        "",
        " ",
        "+1614265330",
        "1614265330.0",
        "-1",
        "99999999999999999999",
        "1614265330000000",
        "now",
    ] {
        let headers = Headers {
            timestamp: timestamp.into(),
            ..vector()
        };
        let want = if timestamp.trim().is_empty() {
            SignatureError::Missing
        } else {
            SignatureError::Malformed
        };
        assert_eq!(check(&headers, BODY, SENT), Err(want), "{timestamp:?}");
    }
    let moved = Headers {
        timestamp: "1614265331".into(),
        ..vector()
    };
    assert_eq!(check(&moved, BODY, SENT), Err(SignatureError::Wrong));
}

#[test]
fn standard_tampered_and_truncated() {
    let good = vector();
    assert_eq!(check(&good, &BODY[..BODY.len() - 1], SENT), Err(SignatureError::Wrong));
    assert_eq!(
        check(&good, br#"{"test": 2432232315}"#, SENT),
        Err(SignatureError::Wrong)
    );
    let with = |signature: &str| {
        check(
            &Headers {
                signature: signature.into(),
                ..vector()
            },
            BODY,
            SENT,
        )
    };
    assert_eq!(
        with("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1A=="),
        Err(SignatureError::Wrong)
    );
    assert_eq!(with("v1,"), Err(SignatureError::Wrong));
    assert_eq!(with("v1,g0hM9SsE"), Err(SignatureError::Wrong));
    assert_eq!(
        with("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        Err(SignatureError::Malformed)
    );
    assert_eq!(
        with("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        Err(SignatureError::Malformed)
    );
    assert_eq!(with(""), Err(SignatureError::Missing));
    assert!(with("v1,AAAA v2,x v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=").is_ok());
    // A sender can't make us try without end.
    assert_eq!(
        with(&format!(
            "{}v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            "v1,AAAA ".repeat(16)
        )),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        standard::verify(&[], |n| good.get(n), BODY, SENT),
        Err(SignatureError::Wrong)
    );
    let other = Headers {
        id: "msg_2".into(),
        ..vector()
    };
    assert_eq!(check(&other, BODY, SENT), Err(SignatureError::Wrong));
    assert_eq!(
        standard::verify(&[secret()], |_| None, BODY, SENT),
        Err(SignatureError::Missing)
    );
}

#[test]
fn standard_secret_in_rotation() {
    let new = Secret::from_random([7; 32]);
    let both = [secret(), new.clone()];
    let signed_by_new = standard::sign(std::slice::from_ref(&new), "msg_1", SENT, BODY);
    let signed_by_both = standard::sign(&both, "msg_1", SENT, BODY);
    assert!(standard::verify(&both, |n| signed_by_new.get(n), BODY, SENT).is_ok());
    assert!(standard::verify(&[secret()], |n| signed_by_both.get(n), BODY, SENT).is_ok());
    assert!(standard::verify(&[secret()], |n| signed_by_new.get(n), BODY, SENT).is_err());
}

#[test]
fn secrets_are_read_and_never_shown_by_accident() {
    assert_eq!(secret().reveal(), SECRET);
    assert_eq!(Secret::read(&format!(" {SECRET}\n")).unwrap(), secret());
    assert_eq!(format!("{:?}", secret()), "Secret(…)");
    for text in [
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_c2hvcnQ=",
        "whsec_not base64",
    ] {
        assert!(Secret::read(text).is_none(), "{text}");
    }
}

#[test]
fn square_vector_of_its_documentation() {
    let (url, body) = ("https://example.com/webhook", br#"{"hello":"world"}"#);
    let check = |keys: &[&str], url: &str, signature: &'static str, body: &[u8]| {
        square::verify(
            keys,
            url,
            |name| (name == square::SIGNATURE_HEADER).then_some(signature),
            body,
        )
    };
    let good = "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=";
    assert_eq!(check(&["old", "asdf1234"], url, good, body), Ok(()));
    assert_eq!(
        check(&["asdf1234"], "https://example.com/webhook/", good, body),
        Err(SignatureError::Wrong)
    );
    assert_eq!(check(&["asdf1234"], url, good, b"{}"), Err(SignatureError::Wrong));
    assert_eq!(
        check(&["asdf1234"], url, "2kRE5qRU2tQ=", body),
        Err(SignatureError::Wrong)
    );
    assert_eq!(check(&["asdf1234"], url, "%", body), Err(SignatureError::Malformed));
    assert_eq!(check(&["asdf1234"], url, "", body), Err(SignatureError::Missing));
    assert_eq!(check(&[""], url, good, body), Err(SignatureError::Wrong));
}

/// Where a key was left empty in a settings file, anybody could sign with it.
#[test]
fn an_empty_key_signs_nothing() {
    // Made with Python's hmac: an empty key over `{}`, over `u{}` and over `12345.{}`.
    let (shop, square_, stripe_) = (
        "IvjuqQlACvmK3zaBqfMZI+9rf8ukq7VT2Sgjo+nVwl4=",
        "bIqmZqw//YlvVXp9Nsbn84h6utEO9xfGM4sxL6JTslo=",
        "59d1c5908696c1aa6912e3d37735383f18e553901da9e0416e54ed4e01b01c03",
    );
    let wrong = Err(SignatureError::Wrong);
    assert_eq!(shopify::verify(&[""], |_| Some(shop), b"{}"), wrong);
    assert_eq!(square::verify(&["", ""], "u", |_| Some(square_), b"{}"), wrong);
    let header = format!("t=12345,v1={stripe_}");
    assert_eq!(
        stripe::verify(&[""], |_| Some(header.as_str()), b"{}", UtcMs(12_345_000)),
        wrong
    );
}

#[test]
fn shopify_signature() {
    // Made with Python's hmac: key `hush`.
    let (body, good) = (
        br#"{"id":820982911946154508}"#,
        "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=",
    );
    let check = |signature: &'static str, body: &[u8]| shopify::verify(&["hush"], |_| Some(signature), body);
    assert_eq!(check(good, body), Ok(()));
    assert_eq!(check(good, br#"{"id":820982911946154509}"#), Err(SignatureError::Wrong));
    assert_eq!(
        check("qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPs", body),
        Err(SignatureError::Wrong)
    );
    assert_eq!(check("qBvrs", body), Err(SignatureError::Malformed));
    assert_eq!(shopify::verify(&["hush"], |_| None, body), Err(SignatureError::Missing));
}

#[test]
fn stripe_signature() {
    // Made with Python's hmac: key `whsec_test_secret`, text `12345.{…}`.
    let body = br#"{"id":"evt_test_webhook","object":"event"}"#;
    let v1 = "e7df43adcf699b3839cf5fe20429cae4712141aee3660a1671b34f77a1be9444";
    let check = |header: String, seconds: i64| {
        stripe::verify(
            &["whsec_test_secret"],
            |_| Some(header.as_str()),
            body,
            UtcMs(seconds * 1000),
        )
    };
    assert_eq!(check(format!("t=12345,v1={v1}"), 12_345), Ok(()));
    assert_eq!(check(format!("t=12345,v1=00ff,v0=x,v1={v1}"), 12_645), Ok(()));
    assert_eq!(check(format!("t=12345,v1={v1}"), 12_646), Err(SignatureError::TooOld));
    assert_eq!(check(format!("t=12345,v1={v1}"), 12_044), Err(SignatureError::TooEarly));
    assert_eq!(check(format!("t=12346,v1={v1}"), 12_345), Err(SignatureError::Wrong));
    assert_eq!(
        check(format!("t=12345,v1={}", &v1[..62]), 12_345),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        check(format!("t=12345,v1={}", &v1[..63]), 12_345),
        Err(SignatureError::Malformed)
    );
    assert_eq!(
        check(format!("t=12345,v0={v1}"), 12_345),
        Err(SignatureError::Malformed)
    );
    assert_eq!(check(format!("v1={v1}"), 12_345), Err(SignatureError::Malformed));
    assert_eq!(
        check(format!("t=12345,t=99999,v1={v1}"), 12_345),
        Err(SignatureError::Malformed)
    );
    assert_eq!(check(String::new(), 12_345), Err(SignatureError::Missing));
}

proptest! {
    #[test]
    fn what_is_signed_passes_and_nothing_else(
        body in prop::collection::vec(any::<u8>(), 0..200), bytes: [u8; 32], at in 0_i64..4_102_444_800_000, bit in 0_usize..1600,
    ) {
        let secrets = [Secret::from_random(bytes)];
        prop_assert_eq!(&Secret::read(&secrets[0].reveal()).unwrap(), &secrets[0]);
        let headers = standard::sign(&secrets, "msg_1", UtcMs(at), &body);
        prop_assert!(standard::verify(&secrets, |n| headers.get(n), &body, UtcMs(at)).is_ok());
        let mut changed = body;
        match changed.get_mut(bit / 8) {
            Some(byte) => *byte ^= 1 << (bit % 8),
            None => changed.push(0),
        }
        prop_assert_eq!(standard::verify(&secrets, |n| headers.get(n), &changed, UtcMs(at)), Err(SignatureError::Wrong));
    }

    #[test]
    fn never_panics(header in "\\PC{0,80}|[tv1=,0-9a-f ]{0,80}", body in prop::collection::vec(any::<u8>(), 0..40), now: i64) {
        let any = |_: &str| Some(header.as_str());
        prop_assert!(standard::verify(&[Secret::from_random([1; 32])], any, &body, UtcMs(now)).is_err());
        prop_assert!(square::verify(&["k"], "u", any, &body).is_err());
        prop_assert!(shopify::verify(&["k"], any, &body).is_err());
        prop_assert!(stripe::verify(&["k"], any, &body, UtcMs(now)).is_err());
        let _ = Secret::read(&header);
    }
}
