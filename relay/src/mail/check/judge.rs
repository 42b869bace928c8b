//! What the records of a sender's domain mean for its mail, in plain words, and the record that would be right. Records are
//! handed in.

use std::net::IpAddr;

use super::finding::{Finding, Record};
use super::spf::{Seen, Wanted, Wrong};
use super::term::is_record;

/// Mail services by the end of their server's name, and what a domain's SPF record must include for them.
const INCLUDES: [(&str, &str); 9] = [
    (".amazonaws.com", "amazonses.com"),
    (".mailgun.org", "mailgun.org"),
    (".postmarkapp.com", "spf.mtasv.net"),
    (".sendgrid.net", "sendgrid.net"),
    (".gmail.com", "_spf.google.com"),
    (".google.com", "_spf.google.com"),
    (".office365.com", "spf.protection.outlook.com"),
    (".fastmail.com", "spf.messagingengine.com"),
    (".brevo.com", "spf.brevo.com"),
];

/// What an SPF record must say for this server to be let send: at these addresses, where it is nobody's service.
#[must_use]
pub fn wanted(host: &str, addresses: Vec<IpAddr>) -> Wanted {
    let host = host.to_ascii_lowercase();
    match INCLUDES.iter().find(|(end, _)| host.ends_with(end)) {
        Some((_, include)) => Wanted::Include((*include).to_owned()),
        None => Wanted::Server(host, addresses),
    }
}

fn part(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Include(name) => format!("include:{name}"),
        // `a:` wants a name (RFC 7208, 5.3); a server that is known by its address is named by that.
        Wanted::Server(host, _) => match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => format!("ip4:{ip}"),
            Ok(IpAddr::V6(ip)) => format!("ip6:{ip}"),
            Err(_) => format!("a:{host}"),
        },
    }
}

/// The domain's only SPF record.
///
/// # Errors
/// What is wrong where there is not one.
pub fn record_of<'a>(domain: &str, wanted: &Wanted, texts: &'a [String]) -> Result<&'a str, Box<Finding>> {
    let all: Vec<&String> = texts.iter().filter(|text| is_record(text)).collect();
    if let [said] = all[..] {
        return Ok(said);
    }
    let code = if all.is_empty() { "spf_none" } else { "spf_many" };
    let right = Record::text(domain, &format!("v=spf1 {} ~all", part(wanted)));
    Err(Box::new(Finding::of(code, &[]).mended_by(right)))
}

/// Whether the domain says that this server may send its mail.
#[must_use]
pub fn spf(domain: &str, host: &str, said: &str, wanted: &Wanted, seen: &Seen) -> Finding {
    match &seen.wrong {
        None => {}
        Some(Wrong::TooMany) => return Finding::of("spf_too_many", &[]),
        Some(Wrong::Void) => return Finding::of("spf_void", &[]),
        Some(Wrong::Word { domain, word }) => return Finding::of("spf_word", &[domain, word]),
        Some(Wrong::NoRecord(domain)) => return Finding::of("spf_no_record", &[domain]),
        Some(Wrong::Several(domain)) => return Finding::of("spf_several", &[domain]),
    }
    let words: Vec<&str> = said.split_ascii_whitespace().collect();
    if seen.everybody {
        let closed = |word: &&str| match word.to_ascii_lowercase().as_str() {
            "+all" | "all" => "~all".to_owned(),
            _ => (*word).to_owned(),
        };
        let right = words.iter().map(closed).collect::<Vec<_>>().join(" ");
        return Finding::of("spf_everybody", &[]).mended_by(Record::text(domain, &right));
    }
    if seen.named {
        return Finding::of("spf_good", &[host]);
    }
    // Before what ends it.
    let ends = |word: &&str| {
        let word = word.to_ascii_lowercase();
        word.trim_start_matches(['+', '-', '~', '?']) == "all" || word.starts_with("redirect=")
    };
    let needed = part(wanted);
    let mut better = words.clone();
    better.insert(words.iter().position(ends).unwrap_or(words.len()), &needed);
    Finding::of("spf_not_named", &[host]).mended_by(Record::text(domain, &better.join(" ")))
}

/// A tag of a record like `v=DKIM1; k=rsa; p=…`, without blanks.
fn tag(text: &str, name: &str) -> Option<String> {
    text.split(';').find_map(|part| {
        let (said, value) = part.split_once('=')?;
        let value = value.chars().filter(|c| !c.is_whitespace()).collect();
        said.trim().eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Whether a text is a key for checking signatures, and not one that was taken back.
#[must_use]
pub fn is_key(text: &str) -> bool {
    let version = tag(text, "v").is_none_or(|v| v == "DKIM1");
    version && tag(text, "p").is_some_and(|key| !key.is_empty())
}

/// Whether the record of the shop's own key is the key.
#[must_use]
pub fn own_key(name: &str, wanted: &str, in_use: bool, texts: &[String]) -> Finding {
    let fix = Record::text(name, wanted);
    let same = |text: &&String| tag(text, "p") == tag(wanted, "p");
    match (texts.iter().find(|text| is_key(text)), texts.iter().find(same)) {
        (_, Some(_)) if in_use => Finding::of("dkim_good", &[name]),
        (_, Some(_)) => Finding::of("dkim_unused", &[]),
        (Some(_), None) => Finding::of("dkim_other", &[name]).mended_by(fix),
        (None, None) => Finding::of("dkim_missing", &[name]).mended_by(fix),
    }
}

/// Whether the domain says what becomes of mail that is not its own. `at` is where a record was found.
#[must_use]
pub fn dmarc(domain: &str, owner: Option<&str>, at: Option<(&str, &[String])>) -> Finding {
    let report = owner.map(|owner| format!("; rua=mailto:{owner}")).unwrap_or_default();
    let fix = Record::text(&format!("_dmarc.{domain}"), &format!("v=DMARC1; p=none{report}"));
    let Some((name, texts)) = at else {
        return Finding::of("dmarc_none", &[]).mended_by(fix);
    };
    let all: Vec<&String> = texts.iter().filter(|text| is_dmarc(text)).collect();
    match all[..] {
        [one] => match tag(one, "p").as_deref() {
            Some("none" | "quarantine" | "reject") => Finding::of("dmarc_good", &[name]),
            _ => Finding::of("dmarc_no_policy", &[name]).mended_by(fix),
        },
        _ => Finding::of("dmarc_many", &[name]).mended_by(fix),
    }
}

/// Whether a text is a DMARC record.
#[must_use]
pub fn is_dmarc(text: &str) -> bool {
    text.split(';')
        .next()
        .is_some_and(|first| first.replace(' ', "").eq_ignore_ascii_case("v=DMARC1"))
}

/// Whether answers and bounces reach the domain.
#[must_use]
pub fn mx(domain: &str, hosts: &[String], has_address: bool) -> Finding {
    match hosts {
        [only] if only.is_empty() || only == "." => Finding::of("mx_refuses", &[domain]),
        [] if has_address => Finding::of("mx_own", &[domain]),
        [] => Finding::of("mx_none", &[domain]).mended_by(Record {
            name: domain.to_owned(),
            kind: "MX",
            text: "10 the server of your mailboxes".to_owned(),
        }),
        [first, ..] => Finding::of("mx_good", &[first, domain]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    /// As if nothing that it includes had a record of note.
    fn judged(host: &str, all: &[&str]) -> Finding {
        let (domain, all, wanted) = ("corner.example", texts(all), wanted(host, Vec::new()));
        match record_of(domain, &wanted, &all) {
            Err(found) => *found,
            Ok(said) => {
                let named = said.split_ascii_whitespace().any(|word| word == part(&wanted));
                let everybody = said.ends_with(" all") || said.ends_with("+all");
                let seen = Seen {
                    named,
                    everybody,
                    ..Seen::default()
                };
                spf(domain, host, said, &wanted, &seen)
            }
        }
    }

    fn entered(found: &Finding) -> Option<String> {
        found.fix.as_ref().map(ToString::to_string)
    }

    #[test]
    fn spf_is_judged_by_the_server_that_sends() {
        let of = |all: &[&str]| judged("smtp.postmarkapp.com", all);
        assert!(of(&["google-site-verification=x", "v=spf1 include:spf.mtasv.net ~all"]).good);
        let none = of(&["hello"]);
        assert_eq!(
            entered(&none).as_deref(),
            Some("corner.example TXT \"v=spf1 include:spf.mtasv.net ~all\"")
        );
        let other = of(&["v=spf1 include:_spf.google.com -all"]);
        let fix = "corner.example TXT \"v=spf1 include:_spf.google.com include:spf.mtasv.net -all\"";
        assert_eq!((other.good, entered(&other).as_deref()), (false, Some(fix)));
        assert!(of(&["v=spf1 -all", "v=spf1 ~all"]).said.contains("more than one"));
        assert!(of(&["v=spf1 +all"]).said.contains("everybody"));
        let own = judged("mail.corner.example", &["v=spf1 a:mail.corner.example -all"]);
        assert!(own.good, "{own:?}");
        let by_address = judged("192.0.2.7", &["v=spf1 mx -all"]);
        let fix = "corner.example TXT \"v=spf1 mx ip4:192.0.2.7 -all\"";
        assert_eq!(entered(&by_address).as_deref(), Some(fix));
    }

    #[test]
    fn keys_are_compared_by_what_they_are() {
        let (name, wanted) = ("r1._domainkey.corner.example", "v=DKIM1; k=rsa; p=AAAA");
        assert!(own_key(name, wanted, true, &texts(&["v=DKIM1;k=rsa;p=AA AA"])).good);
        assert!(own_key(name, wanted, false, &texts(&[wanted])).said.contains("--use"));
        assert!(
            own_key(name, wanted, true, &texts(&["v=DKIM1; p=BBBB"]))
                .said
                .contains("another key")
        );
        let none = own_key(name, wanted, true, &texts(&["v=DKIM1; p="]));
        assert_eq!(
            entered(&none).as_deref(),
            Some("r1._domainkey.corner.example TXT \"v=DKIM1; k=rsa; p=AAAA\"")
        );
    }

    #[test]
    fn policies_and_mailboxes() {
        let at = |all: &[&str]| {
            dmarc(
                "corner.example",
                Some("o@corner.example"),
                Some(("_dmarc.corner.example", &texts(all))),
            )
        };
        assert!(at(&["v=DMARC1; p=quarantine"]).good);
        assert!(!at(&["v=DMARC1; rua=mailto:x@y.example"]).good);
        assert!(!at(&["v=DMARC1; p=none", "v=DMARC1; p=none"]).good);
        let none = dmarc("corner.example", Some("o@corner.example"), None);
        let fix = "_dmarc.corner.example TXT \"v=DMARC1; p=none; rua=mailto:o@corner.example\"";
        assert_eq!(entered(&none).as_deref(), Some(fix));
        assert!(mx("corner.example", &texts(&["mx.example"]), false).good);
        assert!(!mx("corner.example", &[], false).good);
        assert!(!mx("corner.example", &texts(&["."]), true).good);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_judges_panic(text in "(v=spf1|v=DKIM1|v=DMARC1|\\PC{0,9})[;:= +~a-z.]{0,30}\\PC{0,9}") {
            let all = [text.clone(), text];
            for texts in [&all[..1], &all[..]] {
                let wanted = wanted("b.example", Vec::new());
                match record_of("a.example", &wanted, texts) {
                    Err(found) => prop_assert!(!found.good && found.fix.is_some()),
                    Ok(said) => {
                        let found = spf("a.example", "b.example", said, &wanted, &Seen::default());
                        prop_assert!(found.fix.is_some_and(|fix| fix.text.contains("a:b.example")));
                    }
                }
                let _ = own_key("x", &texts[0], true, texts);
                let _ = dmarc("a.example", None, Some(("x", texts)));
                let _ = mx("a.example", texts, true);
            }
        }
    }
}
