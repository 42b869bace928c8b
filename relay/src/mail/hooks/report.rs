//! Reports by mail, as they are posted whole: that a mail was not delivered (RFC 3464), or complained of (RFC 5965).
//!
//! Anybody can write such a mail. So nothing is done by an address in it: only by the name of a mail of ours, which nobody
//! knows but who got it.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use std::collections::HashMap;
use uuid::Uuid;

use super::event::{EVENTS_MAX, Event, MAIL_HEADER, NotOne, What, digits, is_hard, mail_of};

/// A group of fields, by their names in small letters.
type Fields = HashMap<String, String>;

/// Reads a report.
///
/// # Errors
/// [`NotOne`].
pub fn read(raw: &[u8]) -> Result<Vec<Event>, NotOne> {
    let message = MessageParser::default().parse(raw).ok_or(NotOne("not a mail"))?;
    let find = |kind: &str| message.parts.iter().find(|part| is(part, "message", kind));
    let mail = message
        .parts
        .iter()
        .find_map(returned)
        .ok_or(NotOne("none of our mails in it"))?;
    let event = |(what, status)| Event {
        what,
        mail: Some(mail),
        address: None,
        status,
    };
    if let Some(part) = find("feedback-report") {
        let fields = groups(&text(part)).into_iter().next().unwrap_or_default();
        let kind = fields.get("feedback-type").map(|kind| kind.to_ascii_lowercase());
        let complains = !matches!(kind.as_deref(), None | Some("not-spam"));
        return Ok(complains.then(|| event((What::Complaint, None))).into_iter().collect());
    }
    let part = find("delivery-status").or_else(|| find("global-delivery-status"));
    let groups = groups(&text(part.ok_or(NotOne("not a report"))?));
    // The first group is of the message, the others are of a recipient each.
    let told = groups.iter().skip(1).take(EVENTS_MAX).filter_map(became);
    Ok(told.map(event).collect())
}

/// What became of a recipient's.
fn became(fields: &Fields) -> Option<(What, Option<String>)> {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let status = digits(field("status"));
    let what = match field("action").trim().to_ascii_lowercase().as_str() {
        "failed" if is_hard(status.as_deref(), field("diagnostic-code")) => What::Hard,
        "failed" => What::Soft,
        "delivered" => What::Delivered,
        // Delayed: it is tried again. Relayed, expanded: whoever has it now tells nothing more.
        _ => return None,
    };
    Some((what, status))
}

fn is(part: &MessagePart<'_>, kind: &str, sub: &str) -> bool {
    part.content_type().is_some_and(|said| {
        said.ctype().eq_ignore_ascii_case(kind) && said.subtype().is_some_and(|said| said.eq_ignore_ascii_case(sub))
    })
}

fn text(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Message(inner) => String::from_utf8_lossy(inner.raw_message()).into_owned(),
        _ => String::from_utf8_lossy(part.contents()).into_owned(),
    }
}

/// The mail of ours that came back in a part: whole, or its head alone.
fn returned(part: &MessagePart<'_>) -> Option<Uuid> {
    let of = |message: &Message<'_>| {
        let header = message.header_raw(MAIL_HEADER).and_then(mail_of);
        header.or_else(|| message.message_id().and_then(mail_of))
    };
    match &part.body {
        PartType::Message(inner) => of(inner),
        _ if is(part, "text", "rfc822-headers") || is(part, "message", "rfc822-headers") => {
            of(&MessageParser::default().parse_headers(part.contents())?)
        }
        _ => None,
    }
}

/// Groups of `Name: value`, with empty lines between them; a line that begins with a blank goes on with the one before.
fn groups(text: &str) -> Vec<Fields> {
    let mut all = vec![Fields::new()];
    let mut last: Option<String> = None;
    for line in text.lines() {
        if line.trim().is_empty() {
            if all.last().is_some_and(|group| !group.is_empty()) {
                all.push(Fields::new());
            }
            last = None;
            continue;
        }
        let Some(group) = all.last_mut() else { break };
        if line.starts_with([' ', '\t']) {
            if let Some(value) = last.as_ref().and_then(|name| group.get_mut(name)) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let name = name.trim().to_ascii_lowercase();
            // The first word counts, whoever repeats a field.
            group.entry(name.clone()).or_insert_with(|| value.trim().to_owned());
            last = Some(name);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    const ID: &str = "0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001";

    /// As Postfix writes it.
    fn bounce(status: &str, action: &str, diagnostic: &str, third: &str) -> String {
        format!(
            "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.com (Mail Delivery System)\r\n\
             Subject: Undelivered Mail Returned to Sender\r\nTo: hello@corner.example\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"B1\"\r\n\r\n\
             This is a MIME-encapsulated message.\r\n\r\n--B1\r\nContent-Description: Notification\r\n\
             Content-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host mx.example.com.\r\n\r\n\
             --B1\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mx.example.com\r\nArrival-Date: Sat, 21 Nov 2026 13:00:00 +0000 (UTC)\r\n\r\n\
             Final-Recipient: rfc822; ana@example.com\r\nOriginal-Recipient: rfc822;ana@example.com\r\n\
             Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: {diagnostic}\r\n\r\n--B1\r\n{third}\r\n--B1--\r\n"
        )
    }

    fn whole(id: &str) -> String {
        format!(
            "Content-Description: Undelivered Message\r\nContent-Type: message/rfc822\r\n\r\n\
             From: Corner <hello@corner.example>\r\nTo: ana@example.com\r\nMessage-ID: <{id}@corner.example>\r\n\
             Subject: Hi\r\n\r\nHello\r\n"
        )
    }

    fn head(id: &str) -> String {
        format!(
            "Content-Type: text/rfc822-headers\r\n\r\nFrom: Corner <hello@corner.example>\r\n\
             X-Regulars-Mail: {id}\r\nMessage-ID: <010001@email.amazonses.com>\r\nSubject: Hi\r\n"
        )
    }

    #[test]
    fn reports_of_servers_are_read() {
        let folded = "smtp; 550 5.1.1 <ana@example.com>: Recipient\r\n    address rejected: User unknown";
        for third in [whole(ID), head(ID)] {
            let events = read(bounce("5.1.1", "failed", folded, &third).as_bytes()).unwrap();
            let good = Event {
                what: What::Hard,
                mail: mail_of(ID),
                address: None,
                status: Some("5.1.1".to_owned()),
            };
            assert_eq!(events, [good]);
        }
        let what = |status: &str, action: &str, diagnostic: &str| {
            let events = read(bounce(status, action, diagnostic, &whole(ID)).as_bytes()).unwrap();
            events.first().map(|event| event.what)
        };
        assert_eq!(what("5.2.2", "failed", "smtp; 552 5.2.2 full"), Some(What::Soft));
        assert_eq!(what("4.4.1", "failed", "smtp; timeout"), Some(What::Soft));
        assert_eq!(what("5.0.0", "Failed", "smtp; 550 no such user"), Some(What::Hard));
        assert_eq!(what("4.4.1", "delayed", "smtp; timeout"), None);
        assert_eq!(what("2.0.0", "delivered", "smtp; 250 fine"), Some(What::Delivered));
    }

    #[test]
    fn complaints_of_providers_are_read() {
        let report = |kind: &str| {
            format!(
                "From: <abusedesk@example.com>\r\nSubject: FW: Hi\r\nMIME-Version: 1.0\r\n\
                 Content-Type: multipart/report; report-type=feedback-report; boundary=\"B1\"\r\n\r\n\
                 --B1\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n\
                 --B1\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nUser-Agent: Some/0.1\r\n\
                 Version: 1\r\n\r\n--B1\r\n{}\r\n--B1--\r\n",
                whole(ID)
            )
        };
        assert_eq!(read(report("abuse").as_bytes()).unwrap()[0].what, What::Complaint);
        assert_eq!(read(report("not-spam").as_bytes()).unwrap(), []);
    }

    #[test]
    fn a_report_without_a_mail_of_ours_is_none() {
        let other = bounce("5.1.1", "failed", "x", &whole("1234"));
        assert_eq!(read(other.as_bytes()), Err(NotOne("none of our mails in it")));
        let plain =
            format!("From: ana@example.com\r\nMessage-ID: <{ID}@corner.example>\r\nSubject: Hi\r\n\r\nHello\r\n");
        assert!(read(plain.as_bytes()).is_err());
        // Forwarded, without a report: nothing came back.
        let forwarded = format!(
            "From: ana@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"B1\"\r\n\r\n--B1\r\n{}\r\n--B1--\r\n",
            whole(ID)
        );
        assert_eq!(read(forwarded.as_bytes()), Err(NotOne("not a report")));
        assert!(read(b"").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(raw in proptest::collection::vec(0..=255_u8, 0..200), text in "([A-Za-z-]{0,9}:? ?\\PC{0,9}\r?\n){0,9}") {
            let _ = read(&raw);
            let _ = groups(&text);
            let _ = read(bounce(&text, &text, &text, &text).as_bytes());
        }

        #[test]
        fn a_report_that_was_cut_says_nothing_else(at in 0..1400_usize) {
            let all = bounce("5.1.1", "failed", "smtp; 550 5.1.1 unknown", &whole(ID));
            let cut = &all.as_bytes()[..at.min(all.len())];
            if let Ok(events) = read(cut) {
                prop_assert!(events.iter().all(|event| event.mail == mail_of(ID)));
                prop_assert!(events.iter().all(|event| matches!(event.what, What::Hard | What::Soft)));
            }
        }
    }
}
