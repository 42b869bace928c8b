//! `GET /v1/live?cursor=N`: server-sent events; another till's operation is told the moment it is committed.

use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use loyalty::UtcMs;
use serde::Deserialize;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use sync::wire::{LIVE_BEAT_S, LiveEvent};
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::schema;
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::live::News;
use crate::store::{grants, shops, tills};

/// For how long a connection counts as one after its last beat.
const GOOD_FOR_MS: i64 = 2_500 * LIVE_BEAT_S as i64;
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

/// What ends the waiting.
enum Heard {
    Gone,
    Event(LiveEvent),
    News(News),
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
    let mut here = Here::arrive(&app, &device).await;
    let mut events = look(&app, &device, cursor, &mut here).await;
    loop {
        for event in events {
            if let LiveEvent::Moved { shop_seq } = event {
                cursor = shop_seq;
            }
            if !send(&tell, &event).await || matches!(event, LiveEvent::Bye { .. } | LiveEvent::Revoked) {
                return here.leave(&app, &device).await;
            }
        }
        let news = tokio::select! {
            () = tell.closed() => Heard::Gone,
            _ = stopped.wait_for(|stop| *stop) => Heard::Event(LiveEvent::Bye { retry_ms: BYE_MS }),
            _ = beat.tick() => Heard::Event(LiveEvent::Beat { at: clock::now() }),
            news = waiting.news() => Heard::News(news),
        };
        events = match news {
            Heard::Gone => return here.leave(&app, &device).await,
            Heard::Event(event) => {
                here.stay(&app, &device).await;
                vec![event]
            }
            Heard::News(news) if news.looks != looks => {
                looks = news.looks;
                look(&app, &device, cursor, &mut here).await
            }
            Heard::News(News { shop_seq, .. }) => moved(shop_seq, cursor).collect(),
        };
    }
}

/// A connection, as other relays see it; and what it was asked for.
struct Here {
    until: UtcMs,
    recalled: HashSet<Uuid>,
}

impl Here {
    async fn arrive(app: &App, device: &Device) -> Self {
        let mut here = Self {
            until: UtcMs(0),
            recalled: HashSet::new(),
        };
        here.stay(app, device).await;
        here
    }

    /// With the database away nobody sees it, and nobody asks.
    async fn stay(&mut self, app: &App, device: &Device) {
        self.until = UtcMs(clock::now().0 + GOOD_FOR_MS);
        let _ = tills::live(&app.db, device.shop, device.till, None, Some(self.until)).await;
    }

    async fn leave(self, app: &App, device: &Device) {
        let _ = tills::live(&app.db, device.shop, device.till, Some(self.until), None).await;
    }
}

fn moved(shop_seq: i64, cursor: i64) -> impl Iterator<Item = LiveEvent> {
    (shop_seq > cursor).then_some(LiveEvent::Moved { shop_seq }).into_iter()
}

/// What there is to tell. With the database away there is nothing; the next sync tells.
async fn look(app: &App, device: &Device, cursor: i64, here: &mut Here) -> Vec<LiveEvent> {
    match tills::is_revoked(&app.db, device.shop, device.till).await {
        Ok(true) => return vec![LiveEvent::Revoked],
        Ok(false) => {}
        Err(_) => return Vec::new(),
    }
    let recalls = grants::recalls(&app.db, device.shop, device.origin, clock::now()).await;
    let new = recalls
        .unwrap_or_default()
        .into_iter()
        .filter(|(request, _)| here.recalled.insert(*request));
    let mut events: Vec<LiveEvent> = new.map(|(_, member)| LiveEvent::Recall { member }).collect();
    if let Ok(Some(shop)) = shops::get(&app.db, device.shop).await {
        events.extend(moved(shop.shop_seq, cursor));
    }
    events
}

async fn send(tell: &Tell, event: &LiveEvent) -> bool {
    match Event::default().json_data(event) {
        Ok(event) => tell.send(Ok(event)).await.is_ok(),
        Err(_) => false,
    }
}
