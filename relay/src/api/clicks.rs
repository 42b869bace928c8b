//! `POST /v1/clicks`: what a till shows its owner of the shop's links.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::wire::{ClicksAnswer, ClicksRequest, LinkSeen, Unbrought};

use super::schema;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;
use crate::store::{clicks as counted, joins, links};

/// What happened on the shop's links.
///
/// # Errors
/// `bad_request` for a day that is none, and those of every message.
#[utoipa::path(post, path = "/v1/clicks", tag = "tills", security(("device" = [])), request_body = schema::ClicksRequest,
    responses((status = 200, body = schema::ClicksAnswer), (status = "default", body = schema::Problem)))]
pub async fn clicks(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<ClicksAnswer>, Refused> {
    let request: ClicksRequest = body::message(body).await?;
    let since = match &request.since {
        None => None,
        Some(day) => Some(day.parse().map_err(|_| Refused::bad("since is a day"))?),
    };
    let days = counted::by_day(&app.db, device.shop, since).await?;
    let links = links::vendors(&app.db, device.shop).await?;
    let refused = joins::refusals(&app.db, device.shop).await?;
    Ok(Json(ClicksAnswer {
        links: links
            .into_iter()
            .map(|code| LinkSeen {
                code: code.code,
                campaign: code.campaign,
                created_at: code.created_at,
            })
            .collect(),
        days,
        refused: refused
            .into_iter()
            .map(|(code, why, times)| Unbrought { code, why, times })
            .collect(),
    }))
}
