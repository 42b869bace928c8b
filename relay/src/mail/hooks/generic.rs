//! Our own hook, for whatever has no hook of its own here: JSON, signed as Standard Webhooks are.
//!
//! `{"type": "mail.bounced", "data": {"permanent": true, "message_id": "…", "address": "…", "status": "5.1.1"}}`; the other
//! types are `mail.complained`, `mail.stopped` and `mail.delivered`. Either `message_id` or `address` is needed.

use serde::Deserialize;

use super::event::{Event, NotOne, What, address_of, digits, is_hard, mail_of};

#[derive(Deserialize)]
struct Message {
    r#type: String,
    #[serde(default)]
    data: Data,
}

#[derive(Deserialize, Default)]
struct Data {
    permanent: Option<bool>,
    message_id: Option<String>,
    address: Option<String>,
    status: Option<String>,
}

/// Reads a message.
///
/// # Errors
/// [`NotOne`].
pub fn read(body: &[u8]) -> Result<Vec<Event>, NotOne> {
    let Message { r#type, data } = serde_json::from_slice(body).map_err(|_| NotOne("not our JSON"))?;
    let status = data.status.as_deref().and_then(digits);
    let what = match r#type.as_str() {
        "mail.bounced" if data.permanent.unwrap_or_else(|| is_hard(status.as_deref(), "")) => What::Hard,
        "mail.bounced" => What::Soft,
        "mail.complained" => What::Complaint,
        "mail.stopped" => What::Stopped,
        "mail.delivered" => What::Delivered,
        _ => return Err(NotOne("no such type")),
    };
    let event = Event {
        what,
        mail: data.message_id.as_deref().and_then(mail_of),
        address: data.address.as_deref().and_then(address_of),
        status,
    };
    if event.mail.is_none() && event.address.is_none() {
        return Err(NotOne("neither message_id nor address"));
    }
    Ok(vec![event])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn types_and_digits_are_told_apart() {
        let what = |text: &str| read(text.as_bytes()).map(|events| events[0].what);
        let of =
            |kind: &str, more: &str| format!(r#"{{"type":"mail.{kind}","data":{{"address":"a@b.example"{more}}}}}"#);
        assert_eq!(what(&of("bounced", r#","permanent":true"#)), Ok(What::Hard));
        assert_eq!(
            what(&of("bounced", r#","permanent":false,"status":"5.1.1""#)),
            Ok(What::Soft)
        );
        assert_eq!(what(&of("bounced", r#","status":"5.1.1""#)), Ok(What::Hard));
        assert_eq!(what(&of("bounced", "")), Ok(What::Soft));
        assert_eq!(what(&of("complained", "")), Ok(What::Complaint));
        assert_eq!(what(&of("stopped", "")), Ok(What::Stopped));
        assert_eq!(what(&of("delivered", "")), Ok(What::Delivered));
        assert!(what(&of("opened", "")).is_err());
        assert!(what(r#"{"type":"mail.bounced","data":{}}"#).is_err());
        assert!(what("[]").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(kind in "mail\\.[a-z]{0,12}", id in "\\PC{0,40}", status in "[0-9.]{0,12}") {
            let data = serde_json::json!({"message_id": id, "address": id, "status": status});
            let text = serde_json::json!({"type": kind, "data": data}).to_string();
            let _ = read(text.as_bytes());
            let _ = read(id.as_bytes());
        }
    }
}
