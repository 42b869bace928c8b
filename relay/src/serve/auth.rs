//! Which till is asking: its credential, looked up with every request, so that a revoked one is out at once.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use loyalty::{Origin, ShopId};
use std::sync::Arc;
use uuid::Uuid;

use super::answer::Refused;
use super::app::App;
use super::logged;
use crate::store::tills::{self, Closed};
use crate::token::Credential;

/// A till that showed a good credential.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// Its shop.
    pub shop: ShopId,
    /// Which device.
    pub till: Uuid,
    /// Under which id it appends.
    pub origin: Origin,
}

impl FromRequestParts<Arc<App>> for Device {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let shown = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let shown = shown
            .and_then(|value| value.strip_prefix("Bearer "))
            .and_then(Credential::read);
        let credential = shown.ok_or(Closed::Unknown)?;
        let origin = tills::check(&app.db, &credential).await??;
        // Only its holder can use a till's share up.
        app.limits.device(credential.shop, credential.till)?;
        logged::note_device(&credential.shop, &origin);
        Ok(Self {
            shop: credential.shop,
            till: credential.till,
            origin,
        })
    }
}
