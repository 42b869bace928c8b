//! Looking records up, at the system's name servers or at one that is handed in.

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Longest wait for one answer; it is asked twice.
const ANSWER: Duration = Duration::from_secs(3);

/// The name server does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away;

/// Looks records up.
pub trait Dns {
    /// Records of text, each put together.
    ///
    /// # Errors
    /// [`Away`].
    fn texts(&self, name: &str) -> impl Future<Output = Result<Vec<String>, Away>> + Send;

    /// Whether a name has an address.
    ///
    /// # Errors
    /// [`Away`].
    fn has_address(&self, name: &str) -> impl Future<Output = Result<bool, Away>> + Send;

    /// Servers that take a domain's mail, the first to be asked first.
    ///
    /// # Errors
    /// [`Away`].
    fn mail_servers(&self, name: &str) -> impl Future<Output = Result<Vec<String>, Away>> + Send;
}

/// Asks name servers.
pub struct Names(TokioResolver);

fn found(answer: Result<Lookup, NetError>) -> Result<Vec<RData>, Away> {
    match answer {
        Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
        Err(error) if error.is_no_records_found() || error.is_nx_domain() => Ok(Vec::new()),
        Err(_) => Err(Away),
    }
}

/// A name that is whole: nothing of the machine's own is put behind it.
fn whole(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

impl Names {
    /// With a name server, or the system's.
    ///
    /// # Errors
    /// Where the system has none.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, Away> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio().map_err(|_| Away)?,
            Some(server) => {
                let mut ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                ways.iter_mut().for_each(|way| way.port = server.port());
                let server = NameServerConfig::new(server.ip(), true, ways.into());
                let config = ResolverConfig::from_name_servers(vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
        };
        builder.options_mut().timeout = ANSWER;
        builder.options_mut().attempts = 2;
        builder.build().map(Self).map_err(|_| Away)
    }

    /// The addresses of a name.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Away> {
        let mut all = found(self.0.ipv4_lookup(whole(name)).await)?;
        all.extend(found(self.0.ipv6_lookup(whole(name)).await)?);
        let address = |data: RData| match data {
            RData::A(four) => Some(IpAddr::from(four.0)),
            RData::AAAA(six) => Some(IpAddr::from(six.0)),
            _ => None,
        };
        Ok(all.into_iter().filter_map(address).collect())
    }
}

impl Dns for Names {
    async fn texts(&self, name: &str) -> Result<Vec<String>, Away> {
        let all = found(self.0.txt_lookup(whole(name)).await)?;
        let text = |data: RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(all.into_iter().filter_map(text).collect())
    }

    async fn mail_servers(&self, domain: &str) -> Result<Vec<String>, Away> {
        let all = found(self.0.mx_lookup(whole(domain)).await)?;
        let server = |data: RData| match data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii())),
            _ => None,
        };
        let mut all: Vec<(u16, String)> = all.into_iter().filter_map(server).collect();
        all.sort();
        let plain = |(_, name): (u16, String)| match name.trim_end_matches('.') {
            "" => ".".to_owned(),
            name => name.to_owned(),
        };
        Ok(all.into_iter().map(plain).collect())
    }

    async fn has_address(&self, name: &str) -> Result<bool, Away> {
        let four = found(self.0.ipv4_lookup(whole(name)).await)?;
        Ok(!four.is_empty() || !found(self.0.ipv6_lookup(whole(name)).await)?.is_empty())
    }
}
