//! The words of an SPF record (RFC 7208, section 12), one by one.

use ipnet::IpNet;
use std::net::IpAddr;

/// A word of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term<'a> {
    /// `all`: whoever it is.
    All,
    /// Whoever another record lets.
    Include(&'a str),
    /// Whoever is at the address of a name; none: of the record's own.
    A(Option<&'a str>),
    /// Whoever takes a name's mail.
    Mx(Option<&'a str>),
    /// Whoever's address is called so.
    Ptr,
    /// Whoever is of this network.
    Net(IpNet),
    /// Whoever makes a name that has an address.
    Exists(&'a str),
    /// What another record says, where this one does not end.
    Redirect(&'a str),
    /// Something that says nothing of who may send.
    Other,
}

/// Whether a text is an SPF record.
#[must_use]
pub fn is_record(text: &str) -> bool {
    let first = text.split_ascii_whitespace().next();
    first.is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
}

/// A word, and whether what it fits is let send; none where it can't be read.
#[must_use]
pub fn term(word: &str) -> Option<(Term<'_>, bool)> {
    let lets = !word.starts_with(['-', '~', '?']);
    let word = word.strip_prefix(['+', '-', '~', '?']).unwrap_or(word);
    let end = word.find([':', '/', '=']).unwrap_or(word.len());
    let (name, rest) = word.split_at(end);
    let name = name.to_ascii_lowercase();
    if let Some(value) = rest.strip_prefix('=') {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        return match name.as_str() {
            "redirect" => domain(value).map(|domain| (Term::Redirect(domain), lets)),
            _ => is_name.then_some((Term::Other, lets)),
        };
    }
    let value = rest.strip_prefix(':');
    let read = match (name.as_str(), value) {
        ("all", None) if rest.is_empty() => Term::All,
        ("include", Some(value)) => Term::Include(domain(value)?),
        ("exists", Some(value)) => Term::Exists(domain(value)?),
        ("ptr", None) if rest.is_empty() => Term::Ptr,
        ("ptr", Some(value)) => domain(value).map(|_| Term::Ptr)?,
        ("a", _) => Term::A(place(rest)?),
        ("mx", _) => Term::Mx(place(rest)?),
        ("ip4", Some(value)) => Term::Net(net(value).filter(|net| net.addr().is_ipv4())?),
        ("ip6", Some(value)) => Term::Net(net(value).filter(|net| net.addr().is_ipv6())?),
        _ => return None,
    };
    Some((read, lets))
}

/// `:domain/24//64`, each part of it optional: the domain.
fn place(rest: &str) -> Option<Option<&str>> {
    let (name, lengths) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (four, six) = lengths
        .split_once("//")
        .map_or((lengths, ""), |(four, six)| (four, six));
    let length = |text: &str, most: u8| text.is_empty() || text.parse::<u8>().is_ok_and(|length| length <= most);
    if !length(four.trim_start_matches('/'), 32) || !length(six, 128) {
        return None;
    }
    match name.strip_prefix(':') {
        None => Some(None),
        Some(name) => domain(name).map(Some),
    }
}

fn domain(text: &str) -> Option<&str> {
    let fine = |c: char| c.is_ascii_graphic();
    (!text.is_empty() && text.len() <= 255 && text.chars().all(fine)).then_some(text)
}

fn net(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether a name depends on who sends: it can't be looked up before somebody does.
#[must_use]
pub fn depends(name: &str) -> bool {
    name.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(word in "\\PC{0,12}|[a-z]{1,4}[:/=][0-9a-z./:%{}]{0,12}") {
            let _ = term(&word);
        }
    }
}
