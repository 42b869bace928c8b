//! `POST /v1/mail`: what an owner sees of the shop's mail and does about it. Whether it is the owner who asks is the
//! till's to know.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::mail::{MailAnswer, MailRequest};

use super::{mail_schema, schema};
use crate::mail::owner;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;

/// An owner looks after the shop's mail.
///
/// # Errors
/// Those of every message. What the owner can mend is in the answer.
#[utoipa::path(post, path = "/v1/mail", tag = "tills", security(("device" = [])), request_body = mail_schema::MailRequest,
    responses((status = 200, body = mail_schema::MailAnswer), (status = "default", body = schema::Problem)))]
pub async fn mail(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<MailAnswer>, Refused> {
    let request: MailRequest = body::message(body).await?;
    Ok(Json(owner::does(&app, device.shop, request).await?))
}
