//! `POST /v1/rights/acquire`: a till gets what the relay holds of a member's points, and what other tills give back when
//! they are asked.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::UtcMs;
use std::sync::Arc;
use std::time::Duration;
use sync::ProblemCode;
use sync::wire::{AcquireAnswer, AcquireRequest};

use super::{schema, sync_page};
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::{body, live, numbers};
use crate::store::grants::{self, Asked};
use crate::store::{shops, tills};

/// A till needs points.
///
/// # Errors
/// Those of a sync.
#[utoipa::path(post, path = "/v1/rights/acquire", tag = "tills", security(("device" = [])),
    request_body = schema::AcquireRequest,
    responses((status = 200, body = schema::AcquireAnswer), (status = "default", body = schema::Problem)))]
pub async fn acquire(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<AcquireAnswer>, Refused> {
    let request: AcquireRequest = body::message(body).await?;
    let now = clock::now();
    let accepted = sync_page::push(&app, &device, &request.sync, now).await?;
    // Before the first look: what is given back from then on is heard of.
    let mut waiting = app.live.wait(device.shop);
    let mut stopped = app.stopped.clone();
    let mut asked = once(&app, &device, &request, true, now).await?;
    count("at_once", asked.now);
    let mut deadline = None;
    while asked.held < request.points && asked.can_recall {
        let until = *deadline.get_or_insert_with(|| tokio::time::Instant::now() + left(asked.until, now));
        tokio::select! {
            news = tokio::time::timeout_at(until, waiting.news()) => if news.is_err() { break },
            _ = stopped.wait_for(|stop| *stop) => break,
        }
        asked = once(&app, &device, &request, false, clock::now()).await?;
        count("recalled", asked.now);
    }
    let missing = (request.points - asked.held).max(0);
    count("missing", missing);
    Ok(Json(AcquireAnswer {
        granted: asked.granted,
        missing,
        elsewhere: asked.elsewhere,
        sync: sync_page::give(&app, &device, &request.sync, accepted, now).await?,
    }))
}

fn left(until: UtcMs, now: UtcMs) -> Duration {
    Duration::from_millis(u64::try_from(until.0 - now.0).unwrap_or(0))
}

fn count(what: &'static str, points: i64) {
    if let Ok(points @ 1..) = u64::try_from(points) {
        metrics::counter!(numbers::ACQUIRED, "what" => what).increment(points);
    }
}

/// Grants what there is now; where that does not reach, other tills are asked, also those at other relays.
async fn once(app: &App, device: &Device, request: &AcquireRequest, first: bool, now: UtcMs) -> Result<Asked, Refused> {
    let mut tx = app.db.begin().await?;
    let mut shop = shops::lock(&mut tx, device.shop)
        .await?
        .ok_or(ProblemCode::UnknownDevice)?;
    let standing = tills::standing(&mut tx, device.shop, device.till).await?;
    let standing = standing.ok_or(ProblemCode::UnknownDevice)?;
    if standing.revoked {
        return Err(ProblemCode::Revoked.into());
    }
    if standing.origin != request.sync.origin {
        return Err(ProblemCode::Closed.into());
    }
    let asked = grants::grant(
        &mut tx,
        &mut shop,
        request.request,
        standing.origin,
        request.member,
        now,
    )
    .await?;
    let recalls = first && asked.held < request.points && asked.can_recall;
    if recalls {
        live::announce(&mut tx, shop.shop_id, live::LOOK).await?;
    }
    sync_page::commit(app, tx, &shop, &asked.done).await?;
    if recalls {
        app.live.tell(shop.shop_id, live::LOOK);
    }
    Ok(asked)
}
