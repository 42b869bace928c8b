//! `POST /v1/sync`: a till's new operations go up, the shop's operations after its cursor come down.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::{Origin, UtcMs};
use std::collections::HashMap;
use std::sync::Arc;
use sync::page::{Head, check_again, check_push};
use sync::wire::{SyncAnswer, SyncRequest};
use sync::{PROTOCOL, Problem, ProblemCode};

use super::schema;
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::{body, live, numbers};
use crate::store::append::{self, Appended};
use crate::store::db::{DbError, Tx};
use crate::store::log::End;
use crate::store::shops::{self, Shop};
use crate::store::tills::{self, Told};
use crate::store::{grants, log};

/// How often a till that only asks is noted as seen.
const SEEN_EVERY_MS: i64 = 20_000;

/// Operations go up and come down.
///
/// # Errors
/// `behind`, `closed`, `forged`, `gap`, `broken_chain`, `bad_operation`, `relay_behind`, and those of every message.
#[utoipa::path(post, path = "/v1/sync", tag = "tills", security(("device" = [])), request_body = schema::SyncRequest,
    responses((status = 200, body = schema::SyncAnswer), (status = "default", body = schema::Problem)))]
pub async fn sync(State(app): State<Arc<App>>, device: Device, body: Body) -> Result<Json<SyncAnswer>, Refused> {
    let request: SyncRequest = body::message(body).await?;
    let now = clock::now();
    let accepted = push(&app, &device, &request, now).await?;
    Ok(Json(give(&app, &device, &request, accepted, now).await?))
}

/// Takes what is new. Answers up to where the relay has the till's operations.
///
/// # Errors
/// As [`sync`].
pub async fn push(app: &App, device: &Device, request: &SyncRequest, now: UtcMs) -> Result<i64, Refused> {
    let told = Told {
        version: &request.app_version,
        pending: request.pending,
        held_points: request.held_points,
        skew_ms: request.at.0.saturating_sub(now.0),
        incarnation: request.incarnation.unwrap_or(1),
    };
    let end = log::end_of(&app.db, device.shop, request.origin).await?;
    let head = continues(device, request, end)?;
    let accepted = if !request.again.is_empty() || request.ops.iter().any(|op| op.origin_seq > head.0) {
        take(app, device, request, told, now).await?
    } else {
        same_past(request, &head)?;
        tills::seen(&app.db, device.shop, device.till, told, now, SEEN_EVERY_MS).await?;
        head.0
    };
    metrics::counter!(numbers::AGAIN).increment(request.ops.iter().filter(|op| op.origin_seq <= head.0).count() as u64);
    Ok(accepted)
}

/// Whether the till goes on where the relay stands. Answers where that is.
fn continues(device: &Device, request: &SyncRequest, end: Option<End>) -> Result<Head, Refused> {
    match end {
        Some(End { closed: true, .. }) => Err(ProblemCode::Closed.into()),
        Some(end) if request.origin == device.origin => {
            if request.own_seq < end.head.0 {
                return Err(Problem::from(ProblemCode::Behind).at(end.head.0 + 1).into());
            }
            Ok(end.head)
        }
        _ => Err(Problem::new(ProblemCode::Forged, "not the till's origin").into()),
    }
}

/// Whether what is sent again is what was taken: a till with another past would fork its log unseen.
fn same_past(request: &SyncRequest, head: &Head) -> Result<(), Refused> {
    let other = request
        .ops
        .iter()
        .find(|op| op.origin_seq == head.0 && op.hash.0 != head.1);
    other.map_or(Ok(()), |op| {
        Err(Problem::new(ProblemCode::BrokenChain, "another past")
            .at(op.origin_seq)
            .into())
    })
}

/// Takes what is new, all or nothing, under the shop's lock. Answers up to where the relay has the till's operations.
async fn take(app: &App, device: &Device, request: &SyncRequest, told: Told<'_>, now: UtcMs) -> Result<i64, Refused> {
    let mut tx = app.db.begin().await?;
    let mut shop = shops::lock(&mut tx, device.shop)
        .await?
        .ok_or(ProblemCode::UnknownDevice)?;
    // Looked at again: until the lock was had, the till may have been removed, renewed, or served elsewhere.
    let standing = tills::standing(&mut tx, device.shop, device.till).await?;
    let standing = standing.ok_or(ProblemCode::UnknownDevice)?;
    if standing.revoked {
        return Err(ProblemCode::Revoked.into());
    }
    let device = Device {
        origin: standing.origin,
        ..*device
    };
    let end = log::end_within(&mut tx, device.shop, request.origin).await?;
    let head = continues(&device, request, end)?;
    if request.incarnation.is_some_and(|theirs| theirs != shop.incarnation) {
        return take_again(app, &device, request, tx, shop, told, now).await;
    }
    same_past(request, &head)?;
    let new = check_push(shop.log_id, request.origin, head, &request.ops)?;
    let accepted = new.last().map_or(head.0, |last| last.op.origin_seq);
    let count = new.len() as u64;
    let done = append::page(&mut tx, &mut shop, new, now)
        .await
        .map_err(|error| match error {
            // The page fits its chain, so what was refused is an id that another operation has.
            DbError::Refused(_) => Problem::new(ProblemCode::BadOperation, "an id was used before").into(),
            other => Refused::from(other),
        })?;
    tills::seen_with(&mut tx, device.shop, device.till, told, now).await?;
    commit(app, tx, &shop, &done).await?;
    metrics::counter!(numbers::TAKEN).increment(count);
    Ok(accepted)
}

/// Takes what this relay's database forgot, of any origin. What is new of the till's waits until it has shown all: it may
/// rest on that. Answers up to where the relay has the till's operations.
async fn take_again(
    app: &App,
    device: &Device,
    request: &SyncRequest,
    mut tx: Tx,
    mut shop: Shop,
    told: Told<'_>,
    now: UtcMs,
) -> Result<i64, Refused> {
    let mut heads: HashMap<Origin, Head> = log::ends(&mut tx, device.shop).await?.into_iter().collect();
    let known: Vec<Origin> = heads.keys().copied().collect();
    let tills: Vec<Origin> = tills::origins(&mut tx, device.shop).await?;
    let new = check_again(shop.log_id, &mut heads, &tills, &request.again)?;
    for checked in new.iter().filter(|checked| !known.contains(&checked.op.origin)) {
        log::new_origin(&mut tx, device.shop, checked.op.origin).await?;
    }
    let count = new.len();
    let done = append::page(&mut tx, &mut shop, new, now).await?;
    tills::seen_with(&mut tx, device.shop, device.till, told, now).await?;
    commit(app, tx, &shop, &done).await?;
    if count > 0 {
        tracing::warn!(count, "remembered");
    }
    Ok(heads.get(&request.origin).map_or(0, |head| head.0))
}

/// Makes what was appended last, and tells whoever waits.
///
/// # Errors
/// `unavailable`.
pub async fn commit(app: &App, mut tx: Tx, shop: &Shop, done: &Appended) -> Result<(), Refused> {
    live::announce(&mut tx, shop.shop_id, shop.shop_seq).await?;
    tx.commit().await?;
    app.live.tell(shop.shop_id, shop.shop_seq);
    for what in &done.settled {
        metrics::counter!(numbers::SETTLED, "what" => format!("{what:?}").to_lowercase()).increment(1);
    }
    if done.merged > 0 {
        metrics::counter!(numbers::SETTLED, "what" => "member").increment(done.merged as u64);
    }
    Ok(())
}

/// What is new for the till.
///
/// # Errors
/// `relay_behind`, `unavailable`.
pub async fn give(
    app: &App,
    device: &Device,
    request: &SyncRequest,
    accepted: i64,
    now: UtcMs,
) -> Result<SyncAnswer, Refused> {
    grant_home(app, device, now).await?;
    let shop = shops::get(&app.db, device.shop)
        .await?
        .ok_or(ProblemCode::UnknownDevice)?;
    let cursor = shop.cursor(request.cursor, request.incarnation);
    if cursor > shop.shop_seq {
        // A cursor of this incarnation beyond the log: the database was restored and nobody said so.
        shops::restored(&app.db, Some(shop.shop_id), now).await?;
        tracing::error!("restored_unsaid");
        return Err(Problem::from(ProblemCode::RelayBehind).with(shop.shop_seq).into());
    }
    let page = log::read(
        &app.db,
        device.shop,
        request.origin,
        cursor,
        shop.shop_seq,
        request.take_max,
    )
    .await?;
    metrics::counter!(numbers::GIVEN).increment(page.ops.len() as u64);
    Ok(SyncAnswer {
        protocol: PROTOCOL,
        accepted,
        more: page.cursor < shop.shop_seq,
        ops: page.ops,
        cursor: page.cursor,
        shop_seq: shop.shop_seq,
        at: now,
        incarnation: shop.incarnation,
        tills: tills::list(&app.db, device.shop).await?,
        heads: match request.incarnation {
            Some(theirs) if theirs != shop.incarnation => log::heads(&app.db, device.shop).await?,
            _ => Vec::new(),
        },
    })
}

/// Points that the relay made go to the till of the member's last visit.
async fn grant_home(app: &App, device: &Device, now: UtcMs) -> Result<(), Refused> {
    if !grants::is_owed(&app.db, device.shop, device.origin).await? {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let mut shop = shops::lock(&mut tx, device.shop)
        .await?
        .ok_or(ProblemCode::UnknownDevice)?;
    let done = grants::home(&mut tx, &mut shop, device.origin, now).await?;
    commit(app, tx, &shop, &done).await
}
