//! Where a link may lead: addresses, hosts, and what is added to an address so that the shop's own statistics know the
//! link. Nothing that a visitor sends gets in here.

use std::collections::BTreeSet;
use url::Url;

/// Longest address, with all that is added.
const MAX: usize = 2000;
/// Longest template of what is added.
const UTM_MAX: usize = 400;

/// What is wrong with an address, a host or a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlace {
    /// Not an address of a page.
    #[error("This is not the address of a page. Write it like https://example.com/, without a user name in it.")]
    Address,
    /// Not a host.
    #[error("This is not a host. Write it like example.com, or example.com:8443 where the port is not the usual one.")]
    Host,
    /// Not a template.
    #[error(
        "This can't be added to an address. Write it like utm_source={{code}}&utm_medium=referral&utm_campaign={{campaign}}."
    )]
    Utm,
}

/// A page: an address of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page(Url);

impl Page {
    /// Reads an address.
    ///
    /// # Errors
    /// [`BadPlace::Address`] where it is of no page, has a user in it, or is too long.
    pub fn read(text: &str) -> Result<Self, BadPlace> {
        let text = text.trim();
        // A browser drops line ends and tabs from an address; here they are a mistake.
        if text.chars().any(char::is_control) {
            return Err(BadPlace::Address);
        }
        let url = Url::parse(text).map_err(|_| BadPlace::Address)?;
        let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
        let plain = url.username().is_empty() && url.password().is_none();
        // What is printable ASCII can stand in a header as it is.
        let shown = url.as_str().len() <= MAX && url.as_str().bytes().all(|b| b.is_ascii_graphic());
        if web && plain && shown {
            Ok(Self(url))
        } else {
            Err(BadPlace::Address)
        }
    }

    /// Its host, with the port where that is not the scheme's usual one.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The address with the template's parameters. What the address says already stays as it is; a parameter that comes
    /// out empty is left out.
    #[must_use]
    pub fn with(&self, utm: &Utm, code: &str, campaign: &str) -> String {
        let there: BTreeSet<String> = self.0.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let added = utm.0.iter().filter(|(name, _)| !there.contains(name));
        let filled = added.map(|(name, value)| (name, value.replace("{code}", code).replace("{campaign}", campaign)));
        let filled: Vec<(&String, String)> = filled.filter(|(_, value)| !value.is_empty()).collect();
        let mut url = self.0.clone();
        if !filled.is_empty() {
            url.query_pairs_mut().extend_pairs(filled);
        }
        url.into()
    }
}

/// Reads a host, with the port where it is not the usual one.
///
/// # Errors
/// [`BadPlace::Host`].
pub fn host(text: &str) -> Result<String, BadPlace> {
    let text = text.trim();
    if text.is_empty() || text.contains(['/', '@', '?', '#', '\\']) {
        return Err(BadPlace::Host);
    }
    let page = Page::read(&format!("https://{text}/")).map_err(|_| BadPlace::Host)?;
    Ok(page.host())
}

/// A template of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utm(Vec<(String, String)>);

impl Utm {
    /// Reads one: `name=value` joined by `&`; `{code}` and `{campaign}` stand for the link's. Empty adds nothing.
    ///
    /// # Errors
    /// [`BadPlace::Utm`].
    pub fn read(text: &str) -> Result<Self, BadPlace> {
        if text.len() > UTM_MAX {
            return Err(BadPlace::Utm);
        }
        let pairs = text.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (name, value) = part.split_once('=').ok_or(BadPlace::Utm)?;
            let named = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
            let rest = value.replace("{code}", "").replace("{campaign}", "");
            let known = !rest.contains(['{', '}']) && rest.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
            (named && known)
                .then(|| (name.to_owned(), value.to_owned()))
                .ok_or(BadPlace::Utm)
        });
        Ok(Self(pairs.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTM: &str = "utm_source={code}&utm_medium=referral&utm_campaign={campaign}";
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn pages_are_of_the_web_and_of_nobody() {
        assert_eq!(
            Page::read("https://Example.COM").unwrap().as_str(),
            "https://example.com/"
        );
        assert_eq!(Page::read("https://example.com:443/a").unwrap().host(), "example.com");
        assert_eq!(
            Page::read("http://example.com:8080/a").unwrap().host(),
            "example.com:8080"
        );
        for wrong in [
            "",
            "example.com",
            "/menu",
            "//evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com/",
            "https://exam\nple.com/",
            "https://user@evil.example/",
            "https://example.com@evil.example/",
            "https:///",
            "http://",
        ] {
            assert!(Page::read(wrong).is_err(), "{wrong:?}: {:?}", Page::read(wrong));
        }
        // Browsers read a backslash as a slash; so does this, and the host is the one they would go to.
        assert_eq!(
            Page::read("https:\\\\evil.example\\@example.com/").unwrap().host(),
            "evil.example"
        );
    }

    #[test]
    fn hosts_are_hosts_alone() {
        assert_eq!(host(" Example.com ").unwrap(), "example.com");
        assert_eq!(host("example.com:443").unwrap(), "example.com");
        assert_eq!(host("example.com:8443").unwrap(), "example.com:8443");
        for wrong in [
            "",
            "a b",
            "example.com/x",
            "u@example.com",
            "exa\r\nmple.com",
            "https://example.com",
        ] {
            assert_eq!(host(wrong), Err(BadPlace::Host), "{wrong:?}");
        }
    }

    #[test]
    fn parameters_are_added_but_never_changed() {
        let utm = Utm::read(UTM).unwrap();
        let page = Page::read("https://example.com/menu?utm_source=own&x=1#top").unwrap();
        assert_eq!(
            page.with(&utm, "solare", "spring & co"),
            "https://example.com/menu?utm_source=own&x=1&utm_medium=referral&utm_campaign=spring+%26+co#top"
        );
        let page = Page::read("https://example.com/").unwrap();
        assert_eq!(
            page.with(&utm, "solare", ""),
            "https://example.com/?utm_source=solare&utm_medium=referral"
        );
        assert_eq!(
            page.with(&Utm::read("").unwrap(), "solare", "x"),
            "https://example.com/"
        );
        for wrong in ["utm_source", "a={visitor}", "=x", "a b=c", "a=\r\nset-cookie:x"] {
            assert_eq!(Utm::read(wrong), Err(BadPlace::Utm), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_address_breaks_out_of_a_header(text in "\\PC{0,60}", code in "[a-z0-9-]{2,40}", campaign in "\\PC{0,40}") {
            let _ = (host(&text), Utm::read(&text));
            if let Ok(page) = Page::read(&format!("https://example.com/{text}")) {
                let address = page.with(&Utm::read(UTM).unwrap(), &code, &campaign);
                prop_assert!(address.bytes().all(|b| b.is_ascii_graphic()), "{}", address);
                prop_assert!(address.starts_with("https://example.com/"), "{}", address);
            }
        }
    }
}
