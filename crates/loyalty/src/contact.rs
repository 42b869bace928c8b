//! What members give of themselves: names and email addresses, checked and tidied.

use crate::refusal::{Code, Refusal};

/// A person's or thing's name, trimmed; empty stays empty (not everybody gives one).
///
/// # Errors
/// `bad_name` beyond 80 characters or with a control character.
pub fn optional_name(text: &str) -> Result<String, Refusal> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = name.chars().count() <= 80 && !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    if fits {
        Ok(name)
    } else {
        Err(Refusal::of(Code::BadName, "name", text))
    }
}

/// A name that must be there.
///
/// # Errors
/// `bad_name`, as above or when empty.
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = optional_name(text)?;
    if name.is_empty() {
        Err(Refusal::of(Code::BadName, "name", text))
    } else {
        Ok(name)
    }
}

/// An email address, trimmed; empty stays empty.
///
/// # Errors
/// `bad_email` for what is not one.
pub fn optional_email(text: &str) -> Result<String, Refusal> {
    let email = text.trim();
    // No `Ana <ana@example.com>`, no address on a host without a domain.
    let plain = email_address::Options::default()
        .without_display_text()
        .without_domain_literal()
        .with_required_tld();
    let fits = email.is_empty()
        || (email_address::EmailAddress::parse_with_options(email, plain).is_ok()
            && email.rsplit_once('@').is_some_and(|(_, d)| d.contains('.')));
    if fits {
        Ok(email.to_owned())
    } else {
        Err(Refusal::of(Code::BadEmail, "email", text))
    }
}

/// An address without what makes no other mailbox of it: capitals, what follows a `+`, and Google's dots. Empty for what
/// is no address.
#[must_use]
pub fn mailbox(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let Some((name, host)) = email.rsplit_once('@') else {
        return String::new();
    };
    let name = name.split('+').next().unwrap_or_default();
    match host {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", name.replace('.', "")),
        _ => format!("{name}@{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_emails() {
        assert_eq!(optional_name("  Maria   Lopez ").unwrap(), "Maria Lopez");
        assert!(optional_name("").unwrap().is_empty() && name(" ").is_err());
        assert!(optional_name(&"x".repeat(81)).is_err() && optional_name("a\u{7}b").is_err());
        assert_eq!(optional_email(" ana@example.com ").unwrap(), "ana@example.com");
        for bad in [
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "a b@example.com",
            "Ana <ana@example.com>",
        ] {
            assert!(optional_email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn one_mailbox_is_one_address() {
        assert_eq!(
            mailbox(" Ana.Lopez+shop@GoogleMail.com "),
            mailbox("analopez@gmail.com")
        );
        assert_eq!(mailbox("Ana+x@example.com"), "ana@example.com");
        assert_ne!(mailbox("ana.lopez@example.com"), mailbox("analopez@example.com"));
        assert_eq!(mailbox("nonsense"), "");
    }
}
