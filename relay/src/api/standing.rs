//! `POST /v1/standing`: whether members' addresses were confirmed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::standing::{StandingAnswer, StandingRequest};

use super::schema;
use super::standing_schema as shapes;
use crate::mail::standing;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;

/// Whether members tapped the link that was sent to the address that the shop has of them.
///
/// # Errors
/// Those of every message.
#[utoipa::path(post, path = "/v1/standing", tag = "tills", security(("device" = [])), request_body = shapes::StandingRequest,
    responses((status = 200, body = shapes::StandingAnswer), (status = "default", body = schema::Problem)))]
pub async fn standing(
    State(app): State<Arc<App>>,
    device: Device,
    body: Body,
) -> Result<Json<StandingAnswer>, Refused> {
    let request: StandingRequest = body::message(body).await?;
    Ok(Json(standing::known(&app.db, device.shop, &request).await?))
}
