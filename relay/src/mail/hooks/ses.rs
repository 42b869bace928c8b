//! What Amazon SES tells in a message of SNS: as notifications of an identity (`notificationType`) or as events of a
//! configuration set (`eventType`).

use serde_json::Value;

use super::event::{EVENTS_MAX, Event, MAIL_HEADER, NotOne, What, address_of, digits, mail_of};

/// Reads it.
///
/// # Errors
/// [`NotOne`].
pub fn read(message: &str) -> Result<Vec<Event>, NotOne> {
    // What SES sends once to try a new topic is not JSON.
    if message.starts_with("Successfully validated SNS topic") {
        return Ok(Vec::new());
    }
    let told: Value = serde_json::from_str(message).map_err(|_| NotOne("not SES's JSON"))?;
    let kind = [&told["notificationType"], &told["eventType"]];
    let kind = kind.into_iter().find_map(Value::as_str).ok_or(NotOne("no type"))?;
    let mail = mail(&told["mail"]);
    let (what, recipients) = match kind {
        "Bounce" => {
            let hard = told["bounce"]["bounceType"] == "Permanent";
            let what = if hard { What::Hard } else { What::Soft };
            (what, &told["bounce"]["bouncedRecipients"])
        }
        // Somebody who moved a mail out of the spam complains of nothing.
        "Complaint" if told["complaint"]["complaintFeedbackType"] == "not-spam" => return Ok(Vec::new()),
        "Complaint" => (What::Complaint, &told["complaint"]["complainedRecipients"]),
        "Delivery" => (What::Delivered, &told["delivery"]["recipients"]),
        _ => return Ok(Vec::new()),
    };
    let recipients = recipients.as_array().map(Vec::as_slice).unwrap_or_default();
    let event = |recipient: &Value| Event {
        what,
        mail,
        address: recipient
            .as_str()
            .or(recipient["emailAddress"].as_str())
            .and_then(address_of),
        status: recipient["status"].as_str().and_then(digits),
    };
    Ok(recipients.iter().take(EVENTS_MAX).map(event).collect())
}

/// Our mail: SES gives it another `Message-ID`, and tells ours among the headers as we wrote them.
fn mail(mail: &Value) -> Option<uuid::Uuid> {
    let headers = mail["headers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = |name: &str| {
        let is_it = |header: &&Value| {
            header["name"]
                .as_str()
                .is_some_and(|said| said.eq_ignore_ascii_case(name))
        };
        headers
            .iter()
            .find(is_it)
            .and_then(|header| header["value"].as_str())
            .and_then(mail_of)
    };
    let common = || mail["commonHeaders"]["messageId"].as_str().and_then(mail_of);
    named(MAIL_HEADER).or_else(|| named("Message-ID")).or_else(common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    /// After the example in Amazon's documentation.
    const BOUNCE: &str = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","reportingMTA":"dns; email.example.com",
        "bouncedRecipients":[{"emailAddress":"Jane <jane@example.com>","status":"5.1.1","action":"failed","diagnosticCode":"smtp; 550 5.1.1 <jane@example.com>... User"}],
        "bounceSubType":"General","timestamp":"2016-01-27T14:59:38.237Z","feedbackId":"00000138111222aa","remoteMtaIp":"127.0.2.0"},
        "mail":{"timestamp":"2016-01-27T14:59:38.237Z","source":"john@example.com","messageId":"00000138111222aa-33322211",
        "destination":["jane@example.com"],"headersTruncated":false,"headers":[{"name":"From","value":"\"John Doe\" <john@example.com>"},
        {"name":"Message-ID","value":"<0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001@corner.example>"}],
        "commonHeaders":{"from":["John Doe <john@example.com>"],"messageId":"custom-message-ID"}}}"#;

    #[test]
    fn amazons_examples_are_read() {
        let events = read(BOUNCE).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].what, What::Hard);
        assert_eq!(events[0].address.as_deref(), Some("jane@example.com"));
        assert_eq!(events[0].mail, mail_of("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001"));
        assert_eq!(events[0].status.as_deref(), Some("5.1.1"));
        assert_eq!(
            read(&BOUNCE.replace("Permanent", "Transient")).unwrap()[0].what,
            What::Soft
        );
        assert_eq!(
            read(&BOUNCE.replace("Permanent", "Undetermined")).unwrap()[0].what,
            What::Soft
        );
        let event = BOUNCE
            .replace("notificationType", "eventType")
            .replace("<0192", "<none");
        assert_eq!(read(&event).unwrap()[0].mail, None);
        let complaint = r#"{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@b.example"}],"complaintFeedbackType":"abuse"},"mail":{}}"#;
        assert_eq!(read(complaint).unwrap()[0].what, What::Complaint);
        assert_eq!(read(&complaint.replace("abuse", "not-spam")).unwrap(), []);
        let delivery = r#"{"eventType":"Delivery","delivery":{"recipients":["a@b.example"]},"mail":{}}"#;
        assert_eq!(read(delivery).unwrap()[0].what, What::Delivered);
        assert_eq!(read(r#"{"eventType":"Open"}"#).unwrap(), []);
        assert_eq!(
            read("Successfully validated SNS topic for Amazon SES event publishing.").unwrap(),
            []
        );
        assert!(read("{}").is_err() && read("hello").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,40}", kind in "Bounce|Complaint|Delivery|\\PC{0,8}", at in 0..900_usize) {
            let _ = read(&text);
            let _ = read(&serde_json::json!({"eventType": kind, "mail": text, "bounce": {"bouncedRecipients": [text, {"emailAddress": text}, 7]}}).to_string());
            let _ = read(&BOUNCE.chars().take(at).collect::<String>());
        }
    }
}
