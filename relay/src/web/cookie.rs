//! The cookie that remembers through whom a visitor came: which code, and when. One for each shop, because a relay has
//! many. It holds nothing of the visitor.

use axum::http::{HeaderMap, HeaderValue, header};
use loyalty::{ShopId, UtcMs};

use super::code::RefCode;

const DAY_S: i64 = 24 * 60 * 60;

/// How a shop wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The cookie's name.
    name: String,
    /// Whether the last link counts and not the first.
    pub last_touch: bool,
    /// How long, in days; 0: no cookie.
    pub days: i64,
}

impl Rule {
    /// A shop's.
    #[must_use]
    pub fn new(shop: ShopId, last_touch: bool, days: i64) -> Self {
        // The end of the id is its random part.
        let id = shop.0.simple().to_string();
        let name = format!("ref_{}", &id[20..]);
        Self { name, last_touch, days }
    }

    /// Through which code the visitor came, where a cookie says so that is not too old.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap, now: UtcMs) -> Option<RefCode> {
        let all = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut each = all
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let (_, value) = each.find(|(name, _)| *name == self.name)?;
        let (code, at) = value.split_once('.')?;
        let age = (now.0 / 1000).checked_sub(at.parse::<i64>().ok()?)?;
        // A clock may be a little behind another relay's.
        (-DAY_S..self.days * DAY_S)
            .contains(&age)
            .then(|| RefCode::read(code))
            .flatten()
    }

    /// What to set after a click, if anything.
    #[must_use]
    pub fn set(&self, headers: &HeaderMap, code: &str, tls: bool, now: UtcMs) -> Option<HeaderValue> {
        if self.days == 0 || (!self.last_touch && self.read(headers, now).is_some()) {
            return None;
        }
        let (name, at, age) = (&self.name, now.0 / 1000, self.days * DAY_S);
        let secure = if tls { "; Secure" } else { "" };
        let cookie = format!("{name}={code}.{at}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_maybe_shared(axum::body::Bytes::from(cookie)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    const NOW: UtcMs = UtcMs(1_800_000_000_000);

    fn rule(last_touch: bool, days: i64) -> Rule {
        Rule::new(ShopId(uuid::Uuid::from_u128(7)), last_touch, days)
    }

    fn after(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, format!("other=1; {pair}").parse().unwrap())])
    }

    #[test]
    fn the_first_link_counts_until_its_time_is_over() {
        let first = rule(false, 30);
        let headers = after(&first.set(&HeaderMap::new(), "one", true, NOW).unwrap());
        assert_eq!(first.read(&headers, NOW).unwrap().as_str(), "one");
        assert_eq!(first.set(&headers, "two", true, NOW), None);
        let late = UtcMs(NOW.0 + 30 * UtcMs::DAY_MS);
        assert_eq!(first.read(&headers, late), None);
        assert!(first.set(&headers, "two", true, late).is_some());
    }

    #[test]
    fn the_last_link_counts_where_the_shop_wants_it_so() {
        let last = rule(true, 7);
        let headers = after(&last.set(&HeaderMap::new(), "one", false, NOW).unwrap());
        let again = last.set(&headers, "two", false, NOW).unwrap();
        assert_eq!(last.read(&after(&again), NOW).unwrap().as_str(), "two");
        assert!(
            again
                .to_str()
                .unwrap()
                .contains("Max-Age=604800; Path=/; HttpOnly; SameSite=Lax")
        );
    }

    #[test]
    fn no_cookie_where_the_shop_wants_none() {
        assert_eq!(rule(false, 0).set(&HeaderMap::new(), "one", true, NOW), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(value in "[ -~]{0,60}") {
            let rule = rule(false, 30);
            let cookie = format!("{}={value}", rule.name);
            let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
            let _ = rule.read(&headers, NOW);
        }
    }
}
