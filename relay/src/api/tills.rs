//! `POST /v1/tills`: what an owner does with the shop's tills: list, add by a code, rename, remove. Whether it is the
//! owner who asks is the till's to know.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::ShopId;
use std::sync::Arc;
use sync::ProblemCode;
use sync::wire::{TillsAnswer, TillsRequest};

use super::schema;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::{body, live};
use crate::store::{DbError, codes, shops, tills};
use crate::{clock, names};

/// An owner looks after the tills.
///
/// # Errors
/// `bad_request` (also for a till that is not there), and those of every message.
#[utoipa::path(post, path = "/v1/tills", tag = "tills", security(("device" = [])), request_body = schema::TillsRequest,
    responses((status = 200, body = schema::TillsAnswer), (status = "default", body = schema::Problem)))]
pub async fn tills(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<TillsAnswer>, Refused> {
    let request: TillsRequest = body::message(body).await?;
    let mut expires_at = None;
    match request {
        TillsRequest::List => {}
        TillsRequest::AddCode { proof_digest, sealed } => {
            let mut tx = app.db.begin().await?;
            let sealed = sealed.as_ref().map(|blob| blob.0.as_slice());
            let added = codes::add_pairing(&mut tx, device.shop, &proof_digest, sealed, clock::now()).await;
            expires_at = Some(added.map_err(|error| match error {
                DbError::Refused(_) => Refused::bad("the code is known already"),
                other => other.into(),
            })?);
            tx.commit().await?;
        }
        TillsRequest::Rename { till, name } => {
            let name = names::checked(&name).ok_or_else(|| Refused::bad("name"))?;
            known(tills::rename(&app.db, device.shop, till, &name).await?)?;
        }
        TillsRequest::Revoke { till } => {
            known(revoke(&app, device.shop, till).await?)?;
        }
    }
    let tills = tills::list(&app.db, device.shop).await?;
    Ok(Json(TillsAnswer { tills, expires_at }))
}

fn known(there: bool) -> Result<(), Refused> {
    if there {
        Ok(())
    } else {
        Err(Refused::bad("no such till"))
    }
}

/// Under the shop's lock: an operation of the till is either before this or refused.
async fn revoke(app: &App, shop: ShopId, till: loyalty::Origin) -> Result<bool, Refused> {
    let mut tx = app.db.begin().await?;
    let locked = shops::lock(&mut tx, shop).await?.ok_or(ProblemCode::UnknownDevice)?;
    let there = tills::revoke(&mut tx, shop, till, clock::now()).await?;
    live::announce(&mut tx, shop, live::LOOK).await?;
    tx.commit().await?;
    app.live.tell(locked.shop_id, live::LOOK);
    if there {
        tracing::warn!(revoked = %till, "revoked");
    }
    Ok(there)
}
