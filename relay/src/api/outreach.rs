//! `POST /v1/outreach`: what an owner sees of the mails to other shops and does about them. Whether it is the owner who
//! asks is the till's to know.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::outreach::{OutreachAnswer, OutreachRequest};

use super::{outreach_schema, schema};
use crate::mail::outreach::owner;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;

/// An owner looks after the mails to other shops.
///
/// # Errors
/// Those of every message. What the owner can mend is in the answer.
#[utoipa::path(post, path = "/v1/outreach", tag = "tills", security(("device" = [])),
    request_body = outreach_schema::OutreachRequest,
    responses((status = 200, body = outreach_schema::OutreachAnswer), (status = "default", body = schema::Problem)))]
pub async fn outreach(
    State(app): State<Arc<App>>,
    device: Device,
    body: Body,
) -> Result<Json<OutreachAnswer>, Refused> {
    let request: OutreachRequest = body::message(body).await?;
    Ok(Json(owner::does(&app, device.shop, request).await?))
}
