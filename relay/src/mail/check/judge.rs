//! What the records of a sender's domain mean for its mail, in plain words, and the record that would be right. Records are
//! handed in.

use serde::Serialize;

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

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `spf`, `dkim`, `dmarc`, `mx`, `server`.
    pub what: &'static str,
    /// Whether it is as it should be.
    pub good: bool,
    /// In plain words.
    pub said: String,
    /// The record to enter: its name, its kind and its text.
    pub fix: Option<String>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn good(what: &'static str, said: impl Into<String>) -> Self {
        Self {
            what,
            good: true,
            said: said.into(),
            fix: None,
        }
    }

    /// Not as it should be, and what would be.
    #[must_use]
    pub fn bad(what: &'static str, said: impl Into<String>, fix: Option<String>) -> Self {
        Self {
            what,
            good: false,
            said: said.into(),
            fix,
        }
    }
}

fn record(name: &str, text: &str) -> Option<String> {
    Some(format!("{name} TXT \"{text}\""))
}

/// The part of an SPF record that lets this server send.
fn allows(host: &str) -> String {
    let known = INCLUDES.iter().find(|(end, _)| host.ends_with(end));
    known.map_or_else(|| format!("a:{host}"), |(_, include)| format!("include:{include}"))
}

/// Whether the domain says that this server may send its mail.
#[must_use]
pub fn spf(domain: &str, host: &str, texts: &[String]) -> Finding {
    let host = host.to_ascii_lowercase();
    let is_spf = |text: &&String| {
        text.split_ascii_whitespace()
            .next()
            .is_some_and(|v| v.eq_ignore_ascii_case("v=spf1"))
    };
    let all: Vec<&String> = texts.iter().filter(is_spf).collect();
    let needed = allows(&host);
    let [said] = all[..] else {
        let what = match all.len() {
            0 => "The domain does not say who may send its mail.",
            _ => "The domain has more than one SPF record, so none of them counts. Leave one.",
        };
        return Finding::bad("spf", what, record(domain, &format!("v=spf1 {needed} ~all")));
    };
    let words: Vec<String> = said.split_ascii_whitespace().map(str::to_ascii_lowercase).collect();
    if words.iter().any(|word| matches!(word.as_str(), "+all" | "all")) {
        let fix = said.replace("+all", "~all").replace(" all", " ~all");
        return Finding::bad(
            "spf",
            "The record lets everybody send the domain's mail.",
            record(domain, &fix),
        );
    }
    let has = |word: &String| word.trim_start_matches(['+', '?', '~']) == needed;
    if words.iter().any(has) {
        return Finding::good("spf", format!("The domain lets {host} send its mail."));
    }
    // Addresses and other names can let the server send, too; then this says more than is needed.
    let end = words
        .iter()
        .position(|word| word.ends_with("all") || word.starts_with("redirect="));
    let mut better: Vec<&str> = said.split_ascii_whitespace().collect();
    better.insert(end.unwrap_or(better.len()), &needed);
    let what = format!("The record does not name {host}.");
    Finding::bad("spf", what, record(domain, &better.join(" ")))
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
    let fix = record(name, wanted);
    let same = |text: &&String| tag(text, "p") == tag(wanted, "p");
    match (texts.iter().find(|text| is_key(text)), texts.iter().find(same)) {
        (_, Some(_)) if in_use => Finding::good("dkim", format!("Mail is signed, and the key at {name} fits.")),
        (_, Some(_)) => Finding::bad(
            "dkim",
            "The key's record is there. Sign with it: `mail dkim SHOP --use`.",
            None,
        ),
        (Some(_), None) => Finding::bad("dkim", format!("The record at {name} is of another key."), fix),
        (None, None) => Finding::bad(
            "dkim",
            format!("There is no key at {name}, so signatures count for nothing."),
            fix,
        ),
    }
}

/// Whether the domain says what becomes of mail that is not its own. `at` is where a record was found.
#[must_use]
pub fn dmarc(domain: &str, owner: Option<&str>, at: Option<(&str, &[String])>) -> Finding {
    let report = owner.map(|owner| format!("; rua=mailto:{owner}")).unwrap_or_default();
    let fix = record(&format!("_dmarc.{domain}"), &format!("v=DMARC1; p=none{report}"));
    let Some((name, texts)) = at else {
        let what = "The domain has no DMARC record. Large mailboxes want one from whoever writes to many.";
        return Finding::bad("dmarc", what, fix);
    };
    let all: Vec<&String> = texts.iter().filter(|text| is_dmarc(text)).collect();
    match all[..] {
        [one] => match tag(one, "p").as_deref() {
            Some("none" | "quarantine" | "reject") => Finding::good("dmarc", format!("{name} has a policy.")),
            _ => Finding::bad("dmarc", format!("The record at {name} has no policy (p=)."), fix),
        },
        _ => Finding::bad(
            "dmarc",
            format!("{name} has more than one DMARC record, so none counts. Leave one."),
            fix,
        ),
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
        [only] if only.is_empty() || only == "." => Finding::bad(
            "mx",
            format!("{domain} says that it takes no mail, so answers and bounces are lost."),
            None,
        ),
        [] if has_address => Finding::good("mx", format!("{domain} takes mail at its own address.")),
        [] => {
            let what = format!("Nothing takes mail for {domain}, so answers and bounces are lost.");
            Finding::bad("mx", what, Some(format!("{domain} MX 10 the server of your mailboxes")))
        }
        [first, ..] => Finding::good("mx", format!("{first} takes mail for {domain}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn spf_is_judged_by_the_server_that_sends() {
        let of = |all: &[&str]| spf("corner.example", "smtp.postmarkapp.com", &texts(all));
        assert!(of(&["google-site-verification=x", "v=spf1 include:spf.mtasv.net ~all"]).good);
        let none = of(&["hello"]);
        assert_eq!(
            none.fix.as_deref(),
            Some("corner.example TXT \"v=spf1 include:spf.mtasv.net ~all\"")
        );
        let other = of(&["v=spf1 include:_spf.google.com -all"]);
        let fix = "corner.example TXT \"v=spf1 include:_spf.google.com include:spf.mtasv.net -all\"";
        assert_eq!((other.good, other.fix.as_deref()), (false, Some(fix)));
        assert!(of(&["v=spf1 -all", "v=spf1 ~all"]).said.contains("more than one"));
        assert!(of(&["v=spf1 +all"]).said.contains("everybody"));
        let own = spf(
            "corner.example",
            "mail.corner.example",
            &texts(&["v=spf1 a:mail.corner.example -all"]),
        );
        assert!(own.good, "{own:?}");
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
            none.fix.as_deref(),
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
        assert_eq!(none.fix.as_deref(), Some(fix));
        assert!(mx("corner.example", &texts(&["mx.example"]), false).good);
        assert!(!mx("corner.example", &[], false).good);
        assert!(!mx("corner.example", &texts(&["."]), true).good);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_judges_panic(text in "(v=spf1|v=DKIM1|v=DMARC1|\\PC{0,9})[;:= +~a-z.]{0,30}\\PC{0,9}") {
            let all = [text.clone(), text];
            for texts in [&all[..1], &all[..]] {
                let found = spf("a.example", "b.example", texts);
                prop_assert!(found.good || found.fix.is_some());
                let _ = own_key("x", &texts[0], true, texts);
                let _ = dmarc("a.example", None, Some(("x", texts)));
                let _ = mx("a.example", texts, true);
            }
        }
    }
}
