//! `POST /v1/renew`: a till that was restored from a backup goes on under another origin; the old one is closed.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::op::{Body as OpBody, By};
use std::sync::Arc;
use sync::wire::{RenewAnswer, RenewRequest};
use sync::{Problem, ProblemCode};

use super::{schema, sync_page};
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;
use crate::store::{append, log, lost, shops, tills};

/// A restored till goes on.
///
/// # Errors
/// `closed` where another copy of the till went on before, `forged`, and those of every message.
#[utoipa::path(post, path = "/v1/renew", tag = "tills", security(("device" = [])), request_body = schema::RenewRequest,
    responses((status = 200, body = schema::RenewAnswer), (status = "default", body = schema::Problem)))]
pub async fn renew(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<RenewAnswer>, Refused> {
    let request: RenewRequest = body::message(body).await?;
    let forged = |detail: &str| Refused::from(Problem::new(ProblemCode::Forged, detail));
    let now = clock::now();
    let mut tx = app.db.begin().await?;
    let mut shop = shops::lock(&mut tx, device.shop)
        .await?
        .ok_or(ProblemCode::UnknownDevice)?;
    let standing = tills::standing(&mut tx, device.shop, device.till).await?;
    let standing = standing.ok_or(ProblemCode::UnknownDevice)?;
    if standing.revoked {
        return Err(ProblemCode::Revoked.into());
    }
    let was = log::end_within(&mut tx, device.shop, request.was)
        .await?
        .ok_or_else(|| forged("not the till's origin"))?;
    let known = log::end_within(&mut tx, device.shop, request.now).await?.is_some();
    if known && was.closed {
        // Its answer was lost, or the copy is of before it came.
        return Ok(Json(RenewAnswer {
            till: request.now,
            shop_seq: shop.shop_seq,
        }));
    }
    // A copy of before the till went on the last time goes on from there, where it was put in the till's place; what it
    // has and nobody heard before the old origin was closed can't be heard any more.
    let from = match was.closed {
        true if request.over && request.has <= was.head.0 => standing.origin,
        true => return Err(ProblemCode::Closed.into()),
        false => request.was,
    };
    if standing.origin != from {
        return Err(forged("not the till's origin"));
    }
    if known {
        return Err(forged("the new origin is known already"));
    }
    log::close(&mut tx, device.shop, from, now).await?;
    log::new_origin(&mut tx, device.shop, request.now).await?;
    tills::move_on(&mut tx, device.shop, device.till, request.now).await?;
    let body = OpBody::TillRenewed {
        was: from,
        now: request.now,
    };
    let done = append::own(&mut tx, &mut shop, vec![body], now).await?;
    // A lost till whose disk came back has told all it did: what is left of what it held is free.
    let by = By::Job("relay".into());
    lost::release(&mut tx, &mut shop, from, None, by, now).await?;
    sync_page::commit(&app, tx, &shop, &done).await?;
    tracing::warn!("renewed");
    Ok(Json(RenewAnswer {
        till: request.now,
        shop_seq: shop.shop_seq,
    }))
}
