//! Whom a domain's SPF record lets send its mail, read as receivers read it (RFC 7208): nested includes and redirects are
//! followed, up to ten look-ups and two in vain. Who looks up is handed in.

use std::collections::VecDeque;
use std::net::IpAddr;

use super::names::{Away, Dns};
use super::term::{Term, depends, is_record, term};

/// Look-ups that receivers make for one record, all that it includes counted in (section 4.6.4).
pub const LOOKUPS_MAX: usize = 10;
/// Of those, how many may find nothing.
pub const VOID_MAX: usize = 2;
/// Mail servers of one name that receivers look at.
const SERVERS_MAX: usize = 10;

/// What a mail service's part of a record is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This name is included.
    Include(String),
    /// A server of this name and these addresses is let.
    Server(String, Vec<IpAddr>),
}

/// Why receivers can't use a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It takes more than ten look-ups.
    TooMany,
    /// More than two of them find nothing.
    Void,
    /// A word of a domain's record can't be read.
    Word {
        /// Whose record.
        domain: String,
        /// Which word.
        word: String,
    },
    /// It includes a domain that has no record.
    NoRecord(String),
    /// It includes a domain that has several.
    Several(String),
}

/// What was seen of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Look-ups that it takes.
    pub lookups: usize,
    /// Of those, how many found nothing.
    pub void: usize,
    /// Whether the wanted one is let.
    pub named: bool,
    /// Whether everybody is.
    pub everybody: bool,
    /// Why it can't be used, if so.
    pub wrong: Option<Wrong>,
}

/// Reads a domain's record, and what it includes, as far as receivers do. The domain has one record.
///
/// # Errors
/// Where the name server does not answer.
pub async fn walk(dns: &impl Dns, domain: &str, record: &str, wanted: &Wanted) -> Result<Seen, Away> {
    let mut walk = Walk {
        dns,
        wanted,
        seen: Seen::default(),
        next: VecDeque::from([(domain.to_owned(), record.to_owned())]),
    };
    while let Some((domain, record)) = walk.next.pop_front() {
        if let Err(stop) = walk.record(&domain, &record).await {
            match stop {
                Stop::Away => return Err(Away),
                Stop::Wrong(wrong) => walk.seen.wrong = Some(wrong),
            }
            break;
        }
    }
    Ok(walk.seen)
}

enum Stop {
    Away,
    Wrong(Wrong),
}

impl From<Away> for Stop {
    fn from(Away: Away) -> Self {
        Self::Away
    }
}

struct Walk<'a, D> {
    dns: &'a D,
    wanted: &'a Wanted,
    seen: Seen,
    next: VecDeque<(String, String)>,
}

impl<D: Dns> Walk<'_, D> {
    async fn record(&mut self, domain: &str, record: &str) -> Result<(), Stop> {
        let words: Vec<&str> = record.split_ascii_whitespace().skip(1).collect();
        let mut terms = Vec::new();
        for word in &words {
            let wrong = || Wrong::Word {
                domain: domain.to_owned(),
                word: (*word).to_owned(),
            };
            terms.push(term(word).ok_or_else(|| Stop::Wrong(wrong()))?);
        }
        let all = terms.iter().position(|(term, _)| *term == Term::All);
        for (term, lets) in terms.iter().take(all.unwrap_or(terms.len())) {
            if !matches!(term, Term::Redirect(_)) {
                self.mechanism(domain, term, *lets).await?;
            }
        }
        match all {
            Some(all) => self.seen.everybody |= terms[all].1,
            // Only where nothing says `all`, and after everything else.
            None => {
                for (term, _) in &terms {
                    if let Term::Redirect(to) = term {
                        self.follow(to, true).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn mechanism(&mut self, domain: &str, term: &Term<'_>, lets: bool) -> Result<(), Stop> {
        match term {
            Term::Include(to) => self.follow(to, lets).await,
            Term::A(at) => {
                let at = at.unwrap_or(domain);
                self.seen.named |= lets && self.is_server(at);
                self.look_up()?;
                let found = depends(at) || self.dns.has_address(at).await?;
                self.found(found)
            }
            Term::Mx(at) => {
                let at = at.unwrap_or(domain);
                self.look_up()?;
                if depends(at) {
                    return Ok(());
                }
                let servers = self.dns.mail_servers(at).await?;
                if servers.len() > SERVERS_MAX {
                    return Err(Stop::Wrong(Wrong::TooMany));
                }
                self.seen.named |= lets && servers.iter().any(|server| self.is_server(server));
                self.found(!servers.is_empty())
            }
            Term::Exists(at) => {
                self.look_up()?;
                let found = depends(at) || self.dns.has_address(at).await?;
                self.found(found)
            }
            Term::Ptr => self.look_up(),
            Term::Net(net) => {
                if let Wanted::Server(_, at) = self.wanted {
                    self.seen.named |= lets && !at.is_empty() && at.iter().all(|ip| net.contains(ip));
                }
                self.seen.everybody |= lets && net.prefix_len() == 0;
                Ok(())
            }
            Term::All | Term::Redirect(_) | Term::Other => Ok(()),
        }
    }

    fn is_server(&self, name: &str) -> bool {
        matches!(self.wanted, Wanted::Server(server, _) if server.eq_ignore_ascii_case(name.trim_end_matches('.')))
    }

    /// An include or a redirect.
    async fn follow(&mut self, to: &str, lets: bool) -> Result<(), Stop> {
        self.look_up()?;
        let wanted =
            matches!(self.wanted, Wanted::Include(name) if name.eq_ignore_ascii_case(to.trim_end_matches('.')));
        self.seen.named |= lets && wanted;
        if depends(to) {
            return Ok(());
        }
        let texts = self.dns.texts(to).await?;
        let mut records = texts.into_iter().filter(|text| is_record(text));
        match (records.next(), records.next()) {
            (None, _) => Err(Stop::Wrong(Wrong::NoRecord(to.to_owned()))),
            (Some(_), Some(_)) => Err(Stop::Wrong(Wrong::Several(to.to_owned()))),
            // What it says of others than it lets is nothing to this record.
            (Some(_), None) if !lets => Ok(()),
            (Some(record), None) => {
                self.next.push_back((to.to_owned(), record));
                Ok(())
            }
        }
    }

    fn look_up(&mut self) -> Result<(), Stop> {
        self.seen.lookups += 1;
        if self.seen.lookups > LOOKUPS_MAX {
            return Err(Stop::Wrong(Wrong::TooMany));
        }
        Ok(())
    }

    fn found(&mut self, found: bool) -> Result<(), Stop> {
        self.seen.void += usize::from(!found);
        if self.seen.void > VOID_MAX {
            return Err(Stop::Wrong(Wrong::Void));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
    use std::collections::HashMap;
    use std::sync::Mutex;

    /// Records that are handed in, and how often somebody asked.
    #[derive(Default)]
    struct Zone {
        texts: HashMap<String, Vec<String>>,
        addresses: Vec<String>,
        servers: HashMap<String, Vec<String>>,
        asked: Mutex<usize>,
    }

    impl Zone {
        fn of(texts: &[(&str, &str)]) -> Self {
            let mut zone = Self::default();
            for (name, text) in texts {
                zone.texts
                    .entry((*name).to_owned())
                    .or_default()
                    .push((*text).to_owned());
            }
            zone
        }

        fn asked(&self) {
            *self.asked.lock().unwrap() += 1;
        }
    }

    impl Dns for Zone {
        async fn texts(&self, name: &str) -> Result<Vec<String>, Away> {
            self.asked();
            Ok(self.texts.get(name).cloned().unwrap_or_default())
        }

        async fn has_address(&self, name: &str) -> Result<bool, Away> {
            self.asked();
            Ok(self.addresses.iter().any(|known| known == name))
        }

        async fn mail_servers(&self, name: &str) -> Result<Vec<String>, Away> {
            self.asked();
            Ok(self.servers.get(name).cloned().unwrap_or_default())
        }
    }

    fn seen(zone: &Zone, record: &str, wanted: &Wanted) -> Seen {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(walk(zone, "corner.example", record, wanted)).unwrap()
    }

    fn service() -> Wanted {
        Wanted::Include("spf.service.example".into())
    }

    #[test]
    fn a_service_is_found_however_deep() {
        let zone = Zone::of(&[
            ("one.example", "v=spf1 include:two.example ?all"),
            ("two.example", "v=spf1 redirect=three.example"),
            (
                "three.example",
                "v=spf1 ip4:192.0.2.0/24 include:spf.service.example -all",
            ),
            ("spf.service.example", "v=spf1 ip4:198.51.100.0/24 ~all"),
        ]);
        let found = seen(&zone, "v=spf1 include:one.example -all", &service());
        assert_eq!((found.named, found.lookups, found.wrong), (true, 4, None));
        // Not through one that is not let, nor after `all`, nor by a redirect beside `all`.
        for record in [
            "v=spf1 -include:one.example -all",
            "v=spf1 -all include:one.example",
            "v=spf1 -all redirect=one.example",
        ] {
            assert!(!seen(&zone, record, &service()).named, "{record}");
        }
        assert!(seen(&zone, "v=spf1 redirect=one.example", &service()).named);
    }

    #[test]
    fn the_eleventh_look_up_and_the_third_in_vain_are_too_many() {
        let mut zone = Zone::of(&[("spf.service.example", "v=spf1 -all")]);
        let tens = |n: usize| (0..n).map(|n| format!("a:h{n}.example ")).collect::<String>();
        zone.addresses = (0..20).map(|n| format!("h{n}.example")).collect();
        let record = |n: usize| format!("v=spf1 {}include:spf.service.example -all", tens(n));
        let ten = seen(&zone, &record(9), &service());
        assert_eq!((ten.lookups, ten.wrong, ten.named), (10, None, true));
        assert_eq!(seen(&zone, &record(10), &service()).wrong, Some(Wrong::TooMany));
        // What includes itself ends, too.
        let zone = Zone::of(&[("a.example", "v=spf1 include:a.example -all")]);
        assert_eq!(
            seen(&zone, "v=spf1 include:a.example -all", &service()).wrong,
            Some(Wrong::TooMany)
        );
        let void = seen(&zone, "v=spf1 a:x.example mx:y.example -all", &service());
        assert_eq!((void.void, void.wrong), (2, None));
        let void = seen(
            &zone,
            "v=spf1 a:x.example mx:y.example exists:z.example -all",
            &service(),
        );
        assert_eq!(void.wrong, Some(Wrong::Void));
        // What depends on who sends counts, and is not looked up.
        let macros = seen(
            &zone,
            "v=spf1 exists:%{i}.x.example a:%{d} mx:%{d} ptr -all",
            &service(),
        );
        assert_eq!((macros.lookups, macros.void, macros.wrong), (4, 0, None));
    }

    #[test]
    fn what_receivers_refuse_is_said() {
        let zone = Zone::of(&[("two.example", "v=spf1 -all"), ("two.example", "v=spf1 ~all")]);
        let wrong = |record: &str| seen(&zone, record, &service()).wrong;
        assert_eq!(
            wrong("v=spf1 include:no.example -all"),
            Some(Wrong::NoRecord("no.example".into()))
        );
        assert_eq!(
            wrong("v=spf1 include:two.example -all"),
            Some(Wrong::Several("two.example".into()))
        );
        for word in [
            "ip4:1.2.3",
            "ip4:::1",
            "ip6:1.2.3.4",
            "include:",
            "a/33",
            "mx//129",
            "al",
            "all:x",
            "include",
        ] {
            let said = wrong(&format!("v=spf1 {word} -all"));
            let domain = "corner.example".to_owned();
            assert_eq!(
                said,
                Some(Wrong::Word {
                    domain,
                    word: word.into()
                }),
                "{word}"
            );
        }
        for word in [
            "a",
            "a/24//64",
            "mx:x.example/24",
            "A:X.example//64",
            "exp=x.example",
            "ip6:2001:db8::/32",
            "PTR",
        ] {
            assert_ne!(
                wrong(&format!("v=spf1 {word} -all")).map(|wrong| format!("{wrong:?}").contains("Word")),
                Some(true),
                "{word}"
            );
        }
    }

    #[test]
    fn a_server_is_let_by_its_name_its_address_or_as_a_mailbox() {
        let mut zone = Zone::of(&[]);
        zone.servers
            .insert("corner.example".into(), vec!["mail.corner.example".into()]);
        zone.addresses = vec!["mail.corner.example".into()];
        let at = vec!["192.0.2.7".parse().unwrap()];
        let wanted = Wanted::Server("mail.corner.example".into(), at);
        let named = |record: &str| seen(&zone, record, &wanted).named;
        assert!(named("v=spf1 a:mail.corner.example -all") && named("v=spf1 mx -all"));
        assert!(named("v=spf1 ip4:192.0.2.0/24 -all") && !named("v=spf1 ip4:198.51.100.0/24 -all"));
        assert!(!named("v=spf1 -ip4:192.0.2.0/24 -all") && !named("v=spf1 a:other.example -all"));
        for open in ["v=spf1 all", "v=spf1 +all", "v=spf1 ip4:0.0.0.0/0 -all"] {
            assert!(seen(&zone, open, &wanted).everybody, "{open}");
        }
        assert!(!seen(&zone, "v=spf1 ?all", &wanted).everybody);
    }

    fn words() -> impl Strategy<Value = String> {
        let word = "[-+~?]?(all|a|mx|ptr|(include|redirect=|a|mx|exists):?[a-e]\\.example|ip4:1\\.2\\.3\\.4(/[0-9]{1,2})?|\\PC{0,6})";
        proptest::collection::vec(word, 0..8).prop_map(|words| format!("v=spf1 {}", words.join(" ")))
    }

    proptest! {
        #[test]
        fn whatever_the_records_say_few_are_asked(records in proptest::collection::vec(words(), 5), own in words(), there in any::<bool>()) {
            let names = ["a.example", "b.example", "c.example", "d.example", "e.example"];
            let mut zone = Zone::default();
            for (name, record) in names.iter().zip(records) {
                zone.texts.insert((*name).to_owned(), vec![record]);
            }
            if there {
                zone.addresses = names.map(str::to_owned).to_vec();
            }
            let found = seen(&zone, &own, &Wanted::Include("e.example".into()));
            prop_assert!(*zone.asked.lock().unwrap() <= LOOKUPS_MAX);
            prop_assert!(found.lookups <= LOOKUPS_MAX + 1 && found.void <= VOID_MAX + 1);
            prop_assert_eq!(found.wrong == Some(Wrong::TooMany), found.lookups > LOOKUPS_MAX);
            prop_assert_eq!(found.wrong == Some(Wrong::Void), found.void > VOID_MAX);
        }
    }
}
