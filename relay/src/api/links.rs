//! `POST /v1/links`: an owner adds a link of a vendor's or a campaign's. Whether it is the owner who asks is the till's to
//! know. That a name is taken is an answer, with others that are free.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::links::{LinkAnswer, LinkRequest};

use super::referrals::why_not;
use super::schema;
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;
use crate::web::change::{self, ChangeError, NewCode};

/// An owner adds a link.
///
/// # Errors
/// Those of every message.
#[utoipa::path(post, path = "/v1/links", tag = "tills", security(("device" = [])), request_body = schema::LinkRequest,
    responses((status = 200, body = schema::LinkAnswer), (status = "default", body = schema::Problem)))]
pub async fn add(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<LinkAnswer>, Refused> {
    let wanted: LinkRequest = body::message(body).await?;
    let new = NewCode {
        code: wanted.code.clone(),
        landing: wanted.landing,
        campaign: wanted.campaign,
    };
    let answer = match change::add_code(&app.db, device.shop, new, clock::now()).await {
        Ok(added) => LinkAnswer {
            code: added.code,
            why: None,
            free: Vec::new(),
        },
        Err(ChangeError::Db(error)) => return Err(error.into()),
        Err(error) => LinkAnswer {
            code: wanted.code,
            why: Some(why_not(&error).to_owned()),
            free: match error {
                ChangeError::Taken { free, .. } => free,
                _ => Vec::new(),
            },
        },
    };
    Ok(Json(answer))
}
