//! What a provider told of a mail, in our words, whoever it was; and what the digits of servers mean.

use uuid::Uuid;

/// The header by which a mail is known again where a provider gives it another `Message-ID`.
pub const MAIL_HEADER: &str = "X-Regulars-Mail";
/// Events that are read of one message.
pub const EVENTS_MAX: usize = 100;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// There is no such address.
    Hard,
    /// It did not arrive this time.
    Soft,
    /// Its reader says that it is spam.
    Complaint,
    /// Its reader stopped the mail at the provider.
    Stopped,
    /// It arrived.
    Delivered,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What became of it.
    pub what: What,
    /// Which mail, where that was told.
    pub mail: Option<Uuid>,
    /// To which address, where that was told and may be believed.
    pub address: Option<String>,
    /// The finer digits (RFC 3463), where they were told.
    pub status: Option<String>,
}

/// A message that is not of this provider, or not whole. The word is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOne(pub &'static str);

/// The mail that a `Message-ID` or our own header names: `<id@domain>`, or the id alone.
#[must_use]
pub fn mail_of(text: &str) -> Option<Uuid> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    let id = text.split('@').next()?;
    // As we write it, and not in any other way in which an id can be written.
    id.parse().ok().filter(|read: &Uuid| read.to_string() == id)
}

/// An address as a provider names it: `Ana <ana@example.com>`, `<ana@example.com>` or `ana@example.com`.
#[must_use]
pub fn address_of(text: &str) -> Option<String> {
    let inner = match (text.rfind('<'), text.rfind('>')) {
        (Some(from), Some(to)) if from < to => &text[from + 1..to],
        _ => text,
    };
    let address = inner.trim();
    (address.len() <= 320 && address.contains('@') && !address.contains(char::is_whitespace))
        .then(|| address.to_owned())
}

/// Finer digits, if it is some: `5.1.1`.
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let word = text.split_ascii_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let good = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (parts.len() == 3 && matches!(parts[0], "2" | "4" | "5") && parts.iter().all(good)).then(|| word.to_owned())
}

/// Whether a refusal says that the address is none: by the finer digits, or by the server's three where those say nothing.
#[must_use]
pub fn is_hard(status: Option<&str>, diagnostic: &str) -> bool {
    match status {
        // 5.1.7 and 5.1.8 are about the sender's address.
        Some("5.1.7" | "5.1.8") => false,
        Some("5.2.1") => true,
        Some(status) if status.starts_with("5.1.") => true,
        Some("5.0.0") | None => {
            let words = diagnostic.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            let code = words.into_iter().find(|word| word.len() == 3 && word.starts_with('5'));
            matches!(code, Some("550" | "551" | "553"))
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn our_own_names_are_found_and_others_are_not() {
        let id = Uuid::from_u128(0x0192_aaaa_bbbb_7ccc_8ddd_eeee_ffff_0001);
        for text in [
            format!("<{id}@corner.example>"),
            format!(" {id}@corner.example "),
            id.to_string(),
        ] {
            assert_eq!(mail_of(&text), Some(id), "{text}");
        }
        let simple = id.simple().to_string();
        for text in [
            "",
            "<>",
            "<1@x>",
            simple.as_str(),
            "{0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001}",
        ] {
            assert_eq!(mail_of(text), None, "{text}");
        }
    }

    #[test]
    fn digits_decide_whether_an_address_is_gone() {
        for (status, diagnostic, hard) in [
            (Some("5.1.1"), "", true),
            (Some("5.1.10"), "", true),
            (Some("5.2.1"), "", true),
            (Some("5.1.8"), "", false),
            (Some("5.2.2"), "550 full", false),
            (Some("5.7.1"), "550 policy", false),
            (Some("4.2.2"), "", false),
            (Some("5.0.0"), "smtp; 550 no such user", true),
            (None, "smtp;550-no such user", true),
            (None, "smtp; 554 no", false),
            (None, "", false),
        ] {
            assert_eq!(is_hard(status, diagnostic), hard, "{status:?} {diagnostic}");
        }
    }

    #[test]
    fn addresses_are_read_however_they_stand() {
        assert_eq!(address_of("Ana <ana@example.com>").as_deref(), Some("ana@example.com"));
        assert_eq!(address_of(" ana@example.com").as_deref(), Some("ana@example.com"));
        assert_eq!(address_of("rfc822"), None);
        assert_eq!(digits("5.1.1 (bad)").as_deref(), Some("5.1.1"));
        assert_eq!(digits("10.0.0.1"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_readers_panic(text in "\\PC{0,60}|[<>@.a-f0-9 -]{0,60}") {
            let _ = (mail_of(&text), address_of(&text), digits(&text), is_hard(Some(&text), &text));
        }
    }
}
