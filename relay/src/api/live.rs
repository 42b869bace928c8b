//! `GET /v1/live?cursor=N`: server-sent events; another till's operation is told the moment it is committed.

use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use sync::wire::{LIVE_BEAT_S, LiveEvent};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use super::schema;
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::live::News;
use crate::store::{shops, tills};

/// After how long a till comes back when the relay stops.
const BYE_MS: u64 = 1000;

/// Where the till is.
#[derive(Deserialize, utoipa::IntoParams)]
pub struct Place {
    /// The cursor of its last sync.
    #[serde(default)]
    #[param(default = 0)]
    cursor: i64,
}

/// A till hears of what is new.
///
/// # Errors
/// Those of every message.
#[utoipa::path(get, path = "/v1/live", tag = "tills", security(("device" = [])), params(Place), responses(
    (status = 200, body = schema::LiveEvent, content_type = "text/event-stream"),
    (status = "default", body = schema::Problem)))]
pub async fn live(
    State(app): State<Arc<App>>,
    device: Device,
    place: Result<Query<Place>, axum::extract::rejection::QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refused> {
    let Query(place) = place.map_err(|_| Refused::bad("cursor"))?;
    // One event waits at the most: a reader that is slow hears the newest.
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(watch(app, device, place.cursor, tell));
    Ok(Sse::new(ReceiverStream::new(told)))
}

type Tell = mpsc::Sender<Result<Event, Infallible>>;

/// Watches a shop for one till, until the till has gone.
async fn watch(app: Arc<App>, device: Device, mut cursor: i64, tell: Tell) {
    let mut waiting = app.live.wait(device.shop);
    let mut stopped = app.stopped.clone();
    let mut beat = tokio::time::interval(Duration::from_secs(LIVE_BEAT_S));
    // The first is due at once; what is new says as much.
    beat.reset();
    let mut looks = waiting.last().looks;
    let mut event = look(&app, &device, cursor).await;
    loop {
        if let Some(event) = event {
            if let LiveEvent::Moved { shop_seq } = event {
                cursor = shop_seq;
            }
            if !send(&tell, &event).await || matches!(event, LiveEvent::Bye { .. } | LiveEvent::Revoked) {
                return;
            }
        }
        let news = tokio::select! {
            () = tell.closed() => return,
            _ = stopped.wait_for(|stop| *stop) => Err(LiveEvent::Bye { retry_ms: BYE_MS }),
            _ = beat.tick() => Err(LiveEvent::Beat { at: clock::now() }),
            news = waiting.news() => Ok(news),
        };
        event = match news {
            Err(event) => Some(event),
            Ok(news) if news.looks != looks => {
                looks = news.looks;
                look(&app, &device, cursor).await
            }
            Ok(News { shop_seq, .. }) => (shop_seq > cursor).then_some(LiveEvent::Moved { shop_seq }),
        };
    }
}

/// What there is to tell. With the database away there is nothing; the next sync tells.
async fn look(app: &App, device: &Device, cursor: i64) -> Option<LiveEvent> {
    let revoked = tills::is_revoked(&app.db, device.shop, device.till).await.ok()?;
    if revoked {
        return Some(LiveEvent::Revoked);
    }
    let shop = shops::get(&app.db, device.shop).await.ok()??;
    (shop.shop_seq > cursor).then_some(LiveEvent::Moved {
        shop_seq: shop.shop_seq,
    })
}

async fn send(tell: &Tell, event: &LiveEvent) -> bool {
    match Event::default().json_data(event) {
        Ok(event) => tell.send(Ok(event)).await.is_ok(),
        Err(_) => false,
    }
}
