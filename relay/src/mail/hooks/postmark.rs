//! Postmark's webhooks: bounces, complaints, deliveries and changes of its own list. They are not signed: whoever sends
//! them shows a token of ours, as the password of the address (basic auth) or as `?token=`.

use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

use super::event::{Event, NotOne, What, address_of, mail_of};

/// The name under which a mail's id is in what Postmark keeps beside it: the header `X-PM-Metadata-mail`.
pub const METADATA: &str = "mail";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    record_type: String,
    #[serde(rename = "ID")]
    id: Option<Value>,
    #[serde(rename = "MessageID")]
    message_id: Option<String>,
    r#type: Option<String>,
    email: Option<String>,
    recipient: Option<String>,
    suppress_sending: Option<bool>,
    suppression_reason: Option<String>,
    #[serde(default)]
    metadata: HashMap<String, Value>,
}

/// Reads a message: its own name, and what it tells.
///
/// # Errors
/// [`NotOne`].
pub fn read(body: &[u8]) -> Result<(String, Vec<Event>), NotOne> {
    let message: Message = serde_json::from_slice(body).map_err(|_| NotOne("not Postmark's JSON"))?;
    let reason = message.suppression_reason.as_deref();
    let what = match (message.record_type.as_str(), message.r#type.as_deref()) {
        ("Bounce", Some("HardBounce" | "BadEmailAddress" | "ManuallyDeactivated")) => Some(What::Hard),
        ("Bounce", Some("SpamNotification" | "SpamComplaint")) | ("SpamComplaint", _) => Some(What::Complaint),
        ("Bounce", Some("Unsubscribe")) => Some(What::Stopped),
        // What its servers answer for somebody who is away, or who asks to be confirmed, is no bounce.
        (
            "Bounce",
            Some("AutoResponder" | "AddressChange" | "ChallengeVerification" | "OpenRelayTest" | "Subscribe"),
        ) => None,
        ("Bounce", _) => Some(What::Soft),
        ("Delivery", _) => Some(What::Delivered),
        ("SubscriptionChange", _) if message.suppress_sending != Some(true) => None,
        ("SubscriptionChange", _) => Some(match reason {
            Some("HardBounce") => What::Hard,
            Some("SpamComplaint") => What::Complaint,
            _ => What::Stopped,
        }),
        _ => None,
    };
    let named = message.email.or(message.recipient);
    let id = message.id.map(|id| id.to_string()).or(message.message_id);
    let name = [Some(message.record_type), id, named.clone(), message.suppression_reason];
    let name: Vec<String> = name.into_iter().map(Option::unwrap_or_default).collect();
    let event = what.map(|what| Event {
        what,
        mail: message.metadata.get(METADATA).and_then(Value::as_str).and_then(mail_of),
        address: named.as_deref().and_then(address_of),
        status: None,
    });
    Ok((name.join("\n"), event.into_iter().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    fn what(text: &str) -> Option<What> {
        read(text.as_bytes()).unwrap().1.first().map(|event| event.what)
    }

    #[test]
    fn postmarks_own_examples_are_read() {
        let bounce = r#"{"RecordType":"Bounce","MessageStream":"outbound","ID":4323372036854775807,"Type":"HardBounce",
            "TypeCode":1,"Name":"Hard bounce","Tag":"Test","MessageID":"883953f4-6105-42a2-a16a-77a8eac79483",
            "Metadata":{"mail":"0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001"},"ServerID":23,
            "Description":"The server was unable to deliver your message (ex: unknown user, mailbox not found).",
            "Details":"Test bounce details","Email":"john@example.com","From":"sender@example.com",
            "BouncedAt":"2019-11-05T16:33:54.9070259Z","DumpAvailable":true,"Inactive":true,"CanActivate":true,
            "Subject":"Test subject","Content":"<Full dump of bounce>"}"#;
        let (name, events) = read(bounce.as_bytes()).unwrap();
        assert!(name.contains("4323372036854775807"), "{name}");
        assert_eq!(events[0].what, What::Hard);
        assert_eq!(events[0].address.as_deref(), Some("john@example.com"));
        assert_eq!(events[0].mail, mail_of("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001"));
        let of = |kind: &str| format!(r#"{{"RecordType":"Bounce","ID":1,"Type":"{kind}","Email":"a@b.example"}}"#);
        assert_eq!(what(&of("SoftBounce")), Some(What::Soft));
        assert_eq!(what(&of("SpamNotification")), Some(What::Complaint));
        assert_eq!(what(&of("AutoResponder")), None);
        let change = |on: bool, why: &str| {
            format!(
                r#"{{"RecordType":"SubscriptionChange","Recipient":"a@b.example","SuppressSending":{on},"SuppressionReason":"{why}"}}"#
            )
        };
        assert_eq!(what(&change(true, "ManualSuppression")), Some(What::Stopped));
        assert_eq!(what(&change(true, "HardBounce")), Some(What::Hard));
        assert_eq!(what(&change(false, "")), None);
        assert_eq!(
            what(r#"{"RecordType":"Delivery","Recipient":"a@b.example"}"#),
            Some(What::Delivered)
        );
        assert_eq!(what(r#"{"RecordType":"Open","Recipient":"a@b.example"}"#), None);
        assert!(read(b"{}").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,40}", kind in "Bounce|Delivery|SpamComplaint|\\PC{0,8}") {
            let message = serde_json::json!({"RecordType": kind, "Type": text, "Email": text, "Metadata": {"mail": text}});
            let _ = read(message.to_string().as_bytes());
            let _ = read(text.as_bytes());
        }
    }
}
