//! The tills' protocol over HTTP: one file an address. Each request is checked here and carried out by `store`.

pub mod acquire;
pub mod clicks;
pub mod commands;
mod csv;
pub mod documents;
mod documents_schema;
pub mod links;
pub mod live;
pub mod mail;
mod mail_schema;
pub mod outreach;
mod outreach_schema;
pub mod pair;
pub mod referrals;
pub mod renew;
pub mod schema;
pub mod shops;
pub mod standing;
mod standing_schema;
pub mod sync_page;
pub mod tills;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::serve::app::App;

/// The address that asks; behind a trusted proxy, the one it asks for.
#[derive(Clone, Copy, Debug)]
pub struct Client(pub IpAddr);

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Self(app.limits.client(peer, &parts.headers)))
    }
}
