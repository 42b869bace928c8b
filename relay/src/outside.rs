//! Other people's machines, named by owners: a mail server, a document. Owners name them, and the relay stands inside
//! somebody's network, so addresses that are nobody's on the internet are refused unless the operator allows them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longest wait for a name.
const NAMED: Duration = Duration::from_secs(10);

/// Why a machine can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// Nothing is called so.
    Unknown,
    /// It is inside a private network.
    Private,
}

/// Whether an address is on the internet, and not of this machine, a private network or a special use.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        // Shared by providers' customers, protocol assignments, benchmarks, old relays of IPv6.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    // An address of IPv4 in other clothes counts as that.
    let within = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => within(high, low),
        [0x2002, high, low, ..] => within(high, low),
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,
        // Only these are given out (RFC 4291); loopback, local and multicast ones are not among them.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Where a host is. Whoever connects must use these addresses, and not look the name up again.
///
/// # Errors
/// See [`Unreachable`].
pub async fn resolved(host: &str, port: u16, allow_private: bool) -> Result<Vec<SocketAddr>, Unreachable> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let looked = tokio::time::timeout(NAMED, tokio::net::lookup_host((host, port))).await;
    let all: Vec<SocketAddr> = match looked {
        Ok(Ok(all)) => all.collect(),
        _ => return Err(Unreachable::Unknown),
    };
    let public: Vec<SocketAddr> = all
        .iter()
        .copied()
        .filter(|at| allow_private || is_public(at.ip()))
        .collect();
    match (public.is_empty(), all.is_empty()) {
        (false, _) => Ok(public),
        (true, true) => Err(Unreachable::Unknown),
        (true, false) => Err(Unreachable::Private),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_is_not_public_in_whatever_clothes() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in [
            "93.184.216.34",
            "8.8.8.8",
            "2606:2800:220:1:248:1893:25c8:1946",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_private() {
        assert_eq!(resolved("127.0.0.1", 25, false).await, Err(Unreachable::Private));
        assert_eq!(resolved("localhost", 25, false).await, Err(Unreachable::Private));
        assert!(resolved("[::1]", 25, true).await.is_ok());
        assert_eq!(resolved("no such name", 25, true).await, Err(Unreachable::Unknown));
    }
}
