//! `POST /v1/tills`: what an owner does with the shop's tills: list, add by a code, rename, remove. Whether it is the
//! owner who asks is the till's to know.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::op::By;
use loyalty::{MemberId, Origin, ShopId};
use std::sync::Arc;
use sync::ProblemCode;
use sync::wire::{TillsAnswer, TillsRequest};

use super::{schema, sync_page};
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::{body, live, numbers};
use crate::store::{DbError, codes, lost, shops, tills};
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
        TillsRequest::Lose { till, .. } | TillsRequest::Find { till } if till == device.origin => {
            return Err(Refused::bad("that is this very till"));
        }
        TillsRequest::Lose { till, by } => owner(&app, device.shop, till, &by, Lost::Lose).await?,
        TillsRequest::Find { till } => known(tills::find(&app.db, device.shop, till).await?)?,
        TillsRequest::Release { till, member, by } => {
            owner(&app, device.shop, till, &by, Lost::Release(member)).await?;
        }
        TillsRequest::SettleLoss {
            till,
            member,
            forgive,
            by,
        } => owner(&app, device.shop, till, &by, Lost::Settle(member, forgive)).await?,
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

/// What an owner says of a lost till.
enum Lost {
    Lose,
    Release(Option<MemberId>),
    Settle(MemberId, bool),
}

/// The owner's word about a lost till, as operations.
async fn owner(app: &App, shop: ShopId, till: Origin, by: &str, what: Lost) -> Result<(), Refused> {
    let by: By = if by.is_empty() {
        By::Job("relay".into())
    } else {
        by.parse().map_err(|_| Refused::bad("by"))?
    };
    let now = clock::now();
    let mut tx = app.db.begin().await?;
    let mut shop = shops::lock(&mut tx, shop).await?.ok_or(ProblemCode::UnknownDevice)?;
    let (what, (done, points)) = match what {
        // In one: a till that is let in no more and is not lost could never be found.
        Lost::Lose => {
            known(tills::revoke(&mut tx, shop.shop_id, till, now).await?)?;
            live::announce(&mut tx, shop.shop_id, live::LOOK).await?;
            ("suspended", lost::lose(&mut tx, &mut shop, till, by, now).await?)
        }
        Lost::Release(of) => ("released", lost::release(&mut tx, &mut shop, till, of, by, now).await?),
        Lost::Settle(member, forgive) => {
            let of = (till, member);
            ("settled", lost::settle(&mut tx, &mut shop, of, forgive, by, now).await?)
        }
    };
    sync_page::commit(app, tx, &shop, &done).await?;
    app.live.tell(shop.shop_id, live::LOOK);
    metrics::counter!(numbers::LOST, "what" => what).increment(u64::try_from(points).unwrap_or(0));
    tracing::warn!(%till, points, what, "lost_till");
    Ok(())
}

/// Under the shop's lock: an operation of the till is either before this or refused.
async fn revoke(app: &App, shop: ShopId, till: Origin) -> Result<bool, Refused> {
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
