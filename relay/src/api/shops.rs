//! `POST /v1/shops`: a shop makes itself with an invite, and gets a pairing code for its first till.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::ShopId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use sync::limits::Bounded;
use sync::wire::ShopFacts;
use sync::{Problem, ProblemCode};
use utoipa::ToSchema;

use super::{Client, schema};
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::body;
use crate::store::{codes, shops};

/// A shop asks to be made.
#[derive(Deserialize, ToSchema)]
pub struct ShopRequest {
    /// From whoever runs the relay.
    invite: String,
    /// What it is.
    #[schema(value_type = schema::ShopFacts)]
    facts: ShopFacts,
}

impl Bounded for ShopRequest {
    fn check(&self) -> Result<(), Problem> {
        self.facts.check()
    }
}

/// The shop is made.
#[derive(Serialize, ToSchema)]
pub struct ShopAnswer {
    /// The relay's key for it.
    #[schema(value_type = uuid::Uuid)]
    shop_id: ShopId,
    /// For its first till: ten minutes, once.
    pairing_code: String,
}

/// A shop makes itself.
///
/// # Errors
/// `bad_code` for an invite that is unknown, used or too old; `slow_down`; and those of every message.
#[utoipa::path(post, path = "/v1/shops", tag = "tills", request_body = ShopRequest, responses(
    (status = 200, body = ShopAnswer), (status = "default", body = schema::Problem)))]
pub async fn create(State(app): State<Arc<App>>, client: Client, body: Body) -> Result<Json<ShopAnswer>, Refused> {
    app.limits.code(client.0)?;
    let request: ShopRequest = body::message(body).await?;
    let facts = shops::facts(&request.facts).map_err(|refusal| Refused::bad(&refusal.field))?;
    let now = clock::now();
    let mut tx = app.db.begin().await?;
    if !codes::use_invite(&mut tx, &request.invite, now).await? {
        return Err(ProblemCode::BadCode.into());
    }
    let shop_id = shops::create(&mut tx, &facts, now).await?;
    let code = codes::new_pairing(&mut tx, shop_id, now).await?;
    tx.commit().await?;
    tracing::info!(made = %shop_id, "shop_made");
    Ok(Json(ShopAnswer {
        shop_id,
        pairing_code: code.to_string(),
    }))
}
