//! Mailgun's webhooks: `signature` and `event-data` in one JSON. The signature is over a time and a token, not over the
//! rest: so the time has five minutes, and a token is good once.

use hmac::{Hmac, Mac};
use loyalty::UtcMs;
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::event::{Event, NotOne, What, address_of, digits, is_hard, mail_of};

/// How far the signed time may be from now, either way.
const TOLERANCE_S: i64 = 300;

#[derive(Deserialize)]
struct Message {
    signature: Signature,
    #[serde(rename = "event-data")]
    event: Value,
}

#[derive(Deserialize)]
struct Signature {
    timestamp: Value,
    token: String,
    signature: String,
}

/// Why it is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum No {
    /// It is not one.
    NotOne(NotOne),
    /// It is not by Mailgun, or too old.
    NotBelieved(&'static str),
}

/// Believes a message by the account's signing key, and reads it: its token, and what it tells.
///
/// # Errors
/// [`No`].
pub fn read(body: &[u8], key: &str, now: UtcMs) -> Result<(String, Vec<Event>), No> {
    let message: Message = serde_json::from_slice(body).map_err(|_| No::NotOne(NotOne("not Mailgun's JSON")))?;
    let Signature {
        timestamp,
        token,
        signature,
    } = message.signature;
    let timestamp = timestamp.as_str().map_or_else(|| timestamp.to_string(), str::to_owned);
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| No::NotBelieved("no key"))?;
    mac.update(timestamp.as_bytes());
    mac.update(token.as_bytes());
    let signed = unhex(&signature).is_some_and(|signature| mac.verify_slice(&signature).is_ok());
    if key.is_empty() || !signed {
        return Err(No::NotBelieved("signature"));
    }
    let seconds: i64 = timestamp.parse().map_err(|_| No::NotBelieved("time"))?;
    if seconds.abs_diff(now.0.div_euclid(1000)) > TOLERANCE_S.unsigned_abs() {
        return Err(No::NotBelieved("time"));
    }
    Ok((token, event(&message.event).into_iter().collect()))
}

fn event(data: &Value) -> Option<Event> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let permanent = text(&data["severity"]) == "permanent";
    let (reason, status) = (text(&data["reason"]), &data["delivery-status"]);
    let fine = digits(&text(&status["enhanced-code"]));
    let what = match text(&data["event"]).as_str() {
        "failed" if permanent => match reason.as_str() {
            "suppress-complaint" => What::Complaint,
            "suppress-unsubscribe" => What::Stopped,
            "suppress-bounce" => What::Hard,
            // Mailgun gave up, or the other side does not like the message: nothing is known of the address.
            "old" | "espblock" => What::Soft,
            "bounce" if fine.is_none() => What::Hard,
            _ if is_hard(fine.as_deref(), &status["code"].to_string()) => What::Hard,
            _ => What::Soft,
        },
        "failed" => What::Soft,
        "complained" => What::Complaint,
        "unsubscribed" => What::Stopped,
        "delivered" => What::Delivered,
        _ => return None,
    };
    Some(Event {
        what,
        mail: mail_of(&text(&data["message"]["headers"]["message-id"])),
        address: address_of(&text(&data["recipient"])),
        status: fine,
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.is_ascii() && text.len() == 64;
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    digits.then(|| (0..64).step_by(2).map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    const KEY: &str = "key-3ax6xnjp29jd6fds4gc373sgvjxteol0";
    const TIME: i64 = 1_529_006_854;

    fn message(time: &str, token: &str, data: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
        mac.update(format!("{time}{token}").as_bytes());
        let signature: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        format!(
            r#"{{"signature":{{"timestamp":"{time}","token":"{token}","signature":"{signature}"}},"event-data":{data}}}"#
        )
    }

    const FAILED: &str = r#"{"event":"failed","severity":"permanent","reason":"bounce","recipient":"ana@example.com",
        "message":{"headers":{"message-id":"0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@corner.example"}},
        "delivery-status":{"code":550,"enhanced-code":"5.1.1","message":"no such user"}}"#;

    fn read_at(text: &str, seconds: i64) -> Result<(String, Vec<Event>), No> {
        read(text.as_bytes(), KEY, UtcMs(seconds * 1000))
    }

    #[test]
    fn mailguns_events_are_read() {
        let (token, events) = read_at(&message("1529006854", "a8ce", FAILED), TIME + 299).unwrap();
        assert_eq!(token, "a8ce");
        assert_eq!(events[0].what, What::Hard);
        assert_eq!(events[0].mail, mail_of("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001"));
        assert_eq!(events[0].status.as_deref(), Some("5.1.1"));
        let what = |data: &str| event(&serde_json::from_str(data).unwrap()).map(|event| event.what);
        assert_eq!(what(r#"{"event":"failed","severity":"temporary"}"#), Some(What::Soft));
        assert_eq!(
            what(r#"{"event":"failed","severity":"permanent","reason":"old"}"#),
            Some(What::Soft)
        );
        assert_eq!(
            what(
                r#"{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"enhanced-code":"5.7.1"}}"#
            ),
            Some(What::Soft)
        );
        assert_eq!(
            what(r#"{"event":"failed","severity":"permanent","reason":"suppress-bounce"}"#),
            Some(What::Hard)
        );
        assert_eq!(what(r#"{"event":"complained"}"#), Some(What::Complaint));
        assert_eq!(what(r#"{"event":"opened"}"#), None);
    }

    /// By `printf 1529006854a8ce | openssl dgst -sha256 -hmac key-3ax6xnjp29jd6fds4gc373sgvjxteol0`.
    #[test]
    fn a_signature_that_others_computed_fits() {
        let known = "9c945fba72c7c03658a29f74b025c0dfb16dc7afb7082d0f222a40b3c26f65bb";
        assert!(message("1529006854", "a8ce", FAILED).contains(known));
    }

    #[test]
    fn forged_and_old_ones_are_not_believed() {
        let good = message("1529006854", "a8ce", FAILED);
        for (text, at) in [
            (good.clone(), TIME + 301),
            (good.clone(), TIME - 301),
            (good.replace("a8ce", "a8cf"), TIME),
            (good.replace("1529006854", "1529006855"), TIME),
            (message("soon", "a8ce", FAILED), TIME),
        ] {
            assert!(matches!(read_at(&text, at), Err(No::NotBelieved(_))), "{text} {at}");
        }
        assert!(read(good.as_bytes(), "", UtcMs(TIME * 1000)).is_err());
        assert!(read(good.as_bytes(), "other", UtcMs(TIME * 1000)).is_err());
        assert!(matches!(read_at("{}", TIME), Err(No::NotOne(_))));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,60}", data in "\\{\"event\":\"failed\"(,\"[a-z-]{1,9}\":\"[a-z0-9.]{0,9}\"){0,4}\\}") {
            let _ = read_at(&text, TIME);
            let _ = read_at(&message("1529006854", "a8ce", &data), TIME);
            let _ = unhex(&text);
        }
    }
}
