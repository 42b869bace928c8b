//! How often one address and one till may ask, and how often an address may try a code. Kept in this process alone:
//! with several relays each counts for itself.

use axum::http::HeaderMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use loyalty::ShopId;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;
use sync::ProblemCode;
use uuid::Uuid;

use super::answer::Refused;
use crate::settings::Settings;

/// Between two looks at whether a shop's mail can arrive.
const ARRIVES_EVERY: Duration = Duration::from_secs(10);

fn once_in(every: Duration) -> Quota {
    // No quota is for no time at all, and this is none.
    Quota::with_period(every).unwrap_or(Quota::per_minute(NonZeroU32::MIN))
}

/// The limits on how often.
pub struct Limits {
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    codes: DefaultKeyedRateLimiter<IpAddr>,
    clicks: DefaultKeyedRateLimiter<IpAddr>,
    devices: DefaultKeyedRateLimiter<(ShopId, Uuid)>,
    arrivals: DefaultKeyedRateLimiter<ShopId>,
    trusted: Vec<IpNet>,
}

impl Limits {
    /// As the settings say.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            addresses: RateLimiter::keyed(Quota::per_minute(settings.address_rate)),
            codes: RateLimiter::keyed(Quota::per_minute(settings.code_rate)),
            clicks: RateLimiter::keyed(Quota::per_minute(settings.click_rate)),
            devices: RateLimiter::keyed(Quota::per_minute(settings.device_rate)),
            arrivals: RateLimiter::keyed(once_in(ARRIVES_EVERY)),
            trusted: settings.trusted_proxies.clone(),
        }
    }

    /// Who is asking: the peer, or whom a trusted proxy says it asks for. The last address in the list that is not
    /// itself a trusted proxy counts; what stands before it could have been made up by the client.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |ip: &IpAddr| self.is_trusted(*ip);
        let mut client = peer.to_canonical();
        if !trusted(&client) {
            return client;
        }
        let named = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok());
        let named: Vec<&str> = named.flat_map(|value| value.split(',')).collect();
        for name in named.into_iter().rev() {
            let Ok(ip) = name.trim().parse::<IpAddr>() else { break };
            client = ip.to_canonical();
            if !trusted(&client) {
                break;
            }
        }
        client
    }

    /// Whether this is a proxy whose word is believed.
    #[must_use]
    pub fn is_trusted(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|net| net.contains(&peer))
    }

    /// Counts a click of an address. Answers how many seconds to wait where there were too many.
    ///
    /// # Errors
    /// Those seconds.
    pub fn click(&self, client: IpAddr) -> Result<(), u64> {
        self.clicks.check_key(&network(client)).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            wait.as_secs().saturating_add(1)
        })
    }

    /// Counts a request of an address.
    ///
    /// # Errors
    /// `slow_down`.
    pub fn address(&self, client: IpAddr) -> Result<(), Refused> {
        check(&self.addresses, &network(client), "address")
    }

    /// Counts a look at whether a shop's mail can arrive. Answers whether the last one was long enough ago.
    pub fn arrives(&self, shop: ShopId) -> bool {
        self.arrivals.check_key(&shop).is_ok()
    }

    /// Counts an attempt at a code.
    ///
    /// # Errors
    /// `slow_down`.
    pub fn code(&self, client: IpAddr) -> Result<(), Refused> {
        check(&self.codes, &network(client), "codes")
    }

    /// Counts a request of a till.
    ///
    /// # Errors
    /// `slow_down`.
    pub fn device(&self, shop: ShopId, till: Uuid) -> Result<(), Refused> {
        check(&self.devices, &(shop, till), "till")
    }

    /// Forgets whoever has not asked for a while.
    pub fn forget(&self) {
        self.addresses.retain_recent();
        self.codes.retain_recent();
        self.clicks.retain_recent();
        self.devices.retain_recent();
    }
}

/// Whose an address is: whoever has one of IPv6 has its whole /64.
#[must_use]
pub fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

fn check<K: Clone + Eq + std::hash::Hash>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
    what: &str,
) -> Result<(), Refused> {
    limiter.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now()).as_millis();
        Refused::later(
            ProblemCode::SlowDown,
            what,
            u64::try_from(wait).unwrap_or(u64::MAX).saturating_add(1),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Given, Where, settle};

    fn limits(trusted: &[&str]) -> Limits {
        let mut settings = settle(&Where::default(), Given::default()).unwrap();
        settings.trusted_proxies = trusted.iter().map(|net| net.parse().unwrap()).collect();
        Limits::new(&settings)
    }

    fn client(limits: &Limits, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        limits.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_alone() {
        let none = limits(&[]);
        assert_eq!(client(&none, "10.0.0.1", &["1.2.3.4"]), "10.0.0.1");
        let one = limits(&["10.0.0.0/8"]);
        assert_eq!(client(&one, "10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(&one, "9.9.9.9", &["1.2.3.4"]), "9.9.9.9");
        assert_eq!(client(&one, "::ffff:10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
    }

    #[test]
    fn what_a_client_puts_before_its_own_address_does_not_count() {
        let one = limits(&["10.0.0.0/8"]);
        assert_eq!(client(&one, "10.0.0.1", &["6.6.6.6, 1.2.3.4, 10.0.0.2"]), "1.2.3.4");
        assert_eq!(client(&one, "10.0.0.1", &["6.6.6.6", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(client(&one, "10.0.0.1", &["1.2.3.4, nonsense"]), "10.0.0.1");
        assert_eq!(client(&one, "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn an_address_is_stopped_and_others_are_not() {
        let limits = limits(&[]);
        let [one, other]: [IpAddr; 2] = ["2001:db8::1".parse().unwrap(), "2001:db8:0:1::1".parse().unwrap()];
        let same_net: IpAddr = "2001:db8::ffff".parse().unwrap();
        let stopped = (0..100).find(|_| limits.code(one).is_err());
        assert!(stopped.is_some_and(|after| after >= 10), "{stopped:?}");
        assert!(limits.code(same_net).is_err());
        assert!(limits.code(other).is_ok());
    }
}
