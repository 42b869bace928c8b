//! Which till is asking: its credential, looked up with every request, so that a revoked one is out at once.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use loyalty::ShopId;
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
    /// Which till.
    pub till: Uuid,
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
        app.limits.device(credential.shop, credential.till)?;
        tills::check(&app.db, &credential).await??;
        logged::note_device(&credential.shop, &credential.till);
        Ok(Self {
            shop: credential.shop,
            till: credential.till,
        })
    }
}
