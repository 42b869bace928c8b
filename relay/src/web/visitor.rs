//! Who clicked, as far as it is kept: a hash that nobody can turn back once its day is over, the kind of device, whether
//! it was a person, where they came from. No address and no name of a browser leaves this file.

use aho_corasick::AhoCorasick;
use axum::http::{HeaderMap, HeaderName, Method, header};
use hmac::{Hmac, Mac};
use loyalty::{ShopId, UtcMs};
use sha2::Sha256;
use std::net::IpAddr;
use std::sync::{LazyLock, PoisonError, RwLock};

use crate::clock;
use crate::serve::limits::network;
use crate::store::db::Result;
use crate::store::places::Seen;
use crate::store::{Db, DbError, clicks};

/// Programs that say who they are: those that index pages, and those that draw a preview of a link.
const PROGRAMS: &[&str] = &[
    "bot",
    "crawl",
    "spider",
    "slurp",
    "facebookexternalhit",
    "facebookcatalog",
    "whatsapp",
    "telegram",
    "skypeuripreview",
    "vkshare",
    "embedly",
    "quora link preview",
    "pinterest",
    "bitlybot",
    "linkpreview",
    "link preview",
    "mediapartners",
    "lighthouse",
    "pagespeed",
    "google-read-aloud",
    "google-inspectiontool",
    "bingpreview",
    "ia_archiver",
    "monitor",
    "uptime",
    "pingdom",
    "statuscake",
    "feedfetcher",
    "scrapy",
    "iframely",
    "outbrain",
    "yandeximages",
];

static KNOWN: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(PROGRAMS).ok());

/// What a request tells about who sent it.
pub struct Visitor {
    /// `phone`, `tablet`, `desktop` or `other`.
    pub device: &'static str,
    /// Whether it counts: not a program's, not fetched ahead.
    pub counted: bool,
    /// The host of the page with the link; empty where it is not told.
    pub referrer: String,
}

impl Visitor {
    /// Reads a request.
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let agent = text(headers, &header::USER_AGENT);
        let program = KNOWN.as_ref().is_some_and(|known| known.is_match(agent));
        Self {
            device: device(agent),
            counted: method != Method::HEAD && !program && !ahead(headers),
            referrer: host_of(text(headers, &header::REFERER)),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether a browser fetches it in case somebody clicks.
fn ahead(headers: &HeaderMap) -> bool {
    const SAYS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
    SAYS.iter().any(|name| {
        let said = headers
            .get(*name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        said.contains("prefetch") || said.contains("prerender") || said.contains("preview")
    })
}

fn device(agent: &str) -> &'static str {
    let has = |word| memchr::memmem::find(agent.as_bytes(), word).is_some();
    if has(b"iPad") || has(b"Tablet") || (has(b"Android") && !has(b"Mobi")) {
        "tablet"
    } else if has(b"Mobi") || has(b"iPhone") {
        "phone"
    } else if has(b"Windows") || has(b"Macintosh") || has(b"X11") || has(b"CrOS") {
        "desktop"
    } else {
        "other"
    }
}

/// The host in an address, without its port; empty where there is none.
fn host_of(address: &str) -> String {
    let Some((_, rest)) = address.split_once("://") else {
        return String::new();
    };
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let good = host.len() <= 253
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if good { host.to_ascii_lowercase() } else { String::new() }
}

/// Two capital letters; empty for anything else and for the code of "not known".
#[must_use]
pub fn country(said: Option<&str>) -> &str {
    said.filter(|said| said.len() == 2 && said.bytes().all(|b| b.is_ascii_uppercase()) && *said != "XX")
        .unwrap_or_default()
}

/// The key of the day, as this process remembers it.
#[derive(Default)]
pub struct Keys {
    today: RwLock<Option<(i64, Hmac<Sha256>)>>,
}

impl Keys {
    /// A visitor of a shop, as the clicks of one day know them: the same address and browser give the same 16 bytes that
    /// day, in that shop, at every relay, and other ones on another day.
    ///
    /// # Errors
    /// Where the database is away and this is the day's first.
    pub async fn visitor(
        &self,
        db: &Db,
        shop: ShopId,
        client: IpAddr,
        headers: &HeaderMap,
        now: UtcMs,
    ) -> Result<[u8; 16]> {
        let mut keyed = self.placed(db, shop, client, now).await?;
        keyed.update(headers.get(header::USER_AGENT).map_or(&[], |agent| agent.as_bytes()));
        Ok(short(keyed))
    }

    /// The same, and the address alone.
    ///
    /// # Errors
    /// As [`Keys::visitor`].
    pub async fn seen(&self, db: &Db, shop: ShopId, client: IpAddr, headers: &HeaderMap, now: UtcMs) -> Result<Seen> {
        let visitor = self.visitor(db, shop, client, headers, now).await?;
        let mut keyed = self.placed(db, shop, client, now).await?;
        // No browser says this of itself.
        keyed.update(b"\0address");
        let address = short(keyed);
        Ok(Seen { address, visitor })
    }

    async fn placed(&self, db: &Db, shop: ShopId, client: IpAddr, now: UtcMs) -> Result<Hmac<Sha256>> {
        let day = now.0.div_euclid(UtcMs::DAY_MS);
        let mut keyed = match self.of(day) {
            Some(keyed) => keyed,
            None => self.fetch(db, day).await?,
        };
        keyed.update(shop.0.as_bytes());
        match network(client) {
            IpAddr::V4(ip) => keyed.update(&ip.octets()),
            IpAddr::V6(ip) => keyed.update(&ip.octets()),
        }
        Ok(keyed)
    }

    fn of(&self, day: i64) -> Option<Hmac<Sha256>> {
        let today = self.today.read().unwrap_or_else(PoisonError::into_inner);
        today
            .as_ref()
            .filter(|(of, _)| *of == day)
            .map(|(_, keyed)| keyed.clone())
    }

    async fn fetch(&self, db: &Db, day: i64) -> Result<Hmac<Sha256>> {
        let key = clicks::day_key(db, day, &clock::random()).await?;
        let keyed =
            Hmac::<Sha256>::new_from_slice(&key).map_err(|_| DbError::Broken("the day's key is no key".into()))?;
        *self.today.write().unwrap_or_else(PoisonError::into_inner) = Some((day, keyed.clone()));
        Ok(keyed)
    }
}

/// The first 16 bytes.
fn short(keyed: Hmac<Sha256>) -> [u8; 16] {
    let whole: [u8; 32] = keyed.finalize().into_bytes().into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    const IPHONE: &str =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
    const ANDROID: &str =
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36";
    const TABLET: &str = "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 Chrome/130.0 Safari/537.36";
    const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36";

    fn of(method: &Method, said: &[(&'static str, &str)]) -> Visitor {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, value.parse().unwrap());
        }
        Visitor::of(method, &headers)
    }

    #[test]
    fn devices_are_told_apart() {
        let device = |agent| of(&Method::GET, &[("user-agent", agent)]).device;
        assert_eq!(
            [IPHONE, ANDROID, TABLET, LAPTOP, "curl/8.0", ""].map(device),
            ["phone", "phone", "tablet", "desktop", "other", "other"]
        );
    }

    #[test]
    fn programs_and_what_is_fetched_ahead_do_not_count() {
        let counted = |method, said: &[(&'static str, &str)]| of(method, said).counted;
        assert!(counted(&Method::GET, &[("user-agent", IPHONE)]) && counted(&Method::GET, &[]));
        assert!(!counted(&Method::HEAD, &[("user-agent", IPHONE)]));
        for program in [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "WhatsApp/2.24",
            "facebookexternalhit/1.1",
            "TelegramBot (like TwitterBot)",
        ] {
            assert!(!counted(&Method::GET, &[("user-agent", program)]), "{program}");
        }
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
        ] {
            assert!(
                !counted(&Method::GET, &[("user-agent", IPHONE), (name, value)]),
                "{name}"
            );
        }
    }

    #[test]
    fn of_an_address_the_host_is_kept() {
        assert_eq!(
            host_of("https://User:pw@News.Example.com:8443/a?b#c"),
            "news.example.com"
        );
        for none in ["", "nonsense", "android-app", "https://exa mple.com/", "https://[::1]/"] {
            assert_eq!(host_of(none), "", "{none}");
        }
        assert_eq!(
            [Some("US"), Some("us"), Some("XX"), Some("USA"), None].map(country),
            ["US", "", "", "", ""]
        );
    }

    proptest! {
        #[test]
        fn hosts_hold_no_more_than_a_host(text in "\\PC{0,80}") {
            let host = host_of(&format!("https://{text}"));
            prop_assert!(host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-')));
        }
    }
}
