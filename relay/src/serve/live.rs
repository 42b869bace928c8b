//! News: who waits for a shop's next operation, and how they hear of it, also when another relay process took it.

use loyalty::ShopId;
use sqlx::postgres::PgListener;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

use super::app::App;
use super::numbers;
use crate::args;
use crate::store::db::{Db, Result, Tx};

/// PostgreSQL's channel on which relays tell each other that a shop has news.
const CHANNEL: &str = "regulars_news";
/// In place of a number: not the log, but something else of the shop has changed; look.
pub const LOOK: i64 = -1;
/// How long to wait before listening again after the database went away.
const AGAIN: Duration = Duration::from_millis(500);

/// What those who wait for a shop are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// The newest place in its log that this process heard of.
    pub shop_seq: i64,
    /// Counts up when there may be more to it than that: look into the database.
    pub looks: u64,
}

/// The shops that somebody waits for.
#[derive(Default)]
pub struct Live {
    shops: Mutex<HashMap<ShopId, watch::Sender<News>>>,
}

/// Somebody who waits.
pub struct Waiting<'a> {
    live: &'a Live,
    shop: ShopId,
    news: watch::Receiver<News>,
}

impl Live {
    /// Begins to wait for a shop. Look at its log after this, and before [`Waiting::news`]: then nothing is missed.
    #[must_use]
    pub fn wait(&self, shop: ShopId) -> Waiting<'_> {
        let mut shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        let news = shops.entry(shop).or_insert_with(|| watch::channel(News::default()).0);
        let news = news.subscribe();
        metrics::gauge!(numbers::WAITING).increment(1);
        Waiting { live: self, shop, news }
    }

    /// Tells whoever waits for a shop that its log has come this far, or to [`LOOK`].
    pub fn tell(&self, shop: ShopId, shop_seq: i64) {
        let shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = shops.get(&shop) else { return };
        sender.send_if_modified(|news| {
            let before = *news;
            if shop_seq == LOOK {
                news.looks += 1;
            }
            // What this process took itself is told twice: when it was committed, and by the database.
            news.shop_seq = news.shop_seq.max(shop_seq);
            *news != before
        });
    }

    /// Has everybody look: news may have been missed.
    fn tell_all(&self) {
        let shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        shops
            .values()
            .for_each(|sender| sender.send_modify(|news| news.looks += 1));
    }
}

impl Waiting<'_> {
    /// What was told last.
    #[must_use]
    pub fn last(&self) -> News {
        *self.news.borrow()
    }

    /// Returns when there is something new, with it.
    pub async fn news(&mut self) -> News {
        // The sender is in `live`, which outlives this.
        let _ = self.news.changed().await;
        *self.news.borrow_and_update()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        metrics::gauge!(numbers::WAITING).decrement(1);
        let mut shops = self.live.shops.lock().unwrap_or_else(PoisonError::into_inner);
        // This one is still counted.
        if shops.get(&self.shop).is_some_and(|sender| sender.receiver_count() <= 1) {
            shops.remove(&self.shop);
        }
    }
}

/// In the transaction that appends: other relays hear of it when it is committed, and not before.
///
/// # Errors
/// Where the database is away.
pub async fn announce(tx: &mut Tx, shop: ShopId, shop_seq: i64) -> Result<()> {
    if let Tx::Postgres(_) = tx {
        let said = format!("{shop} {shop_seq}");
        tx.all(
            "SELECT 1 FROM (SELECT pg_notify($1, $2)) AS told",
            args![CHANNEL, &said],
        )
        .await?;
    }
    Ok(())
}

/// Listens to what other relays on the same PostgreSQL append, until the relay stops. SQLite has no others.
pub async fn listen_to_others(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let Db::Postgres(pool) = &app.db else { return };
    loop {
        let work = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(CHANNEL).await?;
            // What was told while nobody listened is lost: everybody looks.
            app.live.tell_all();
            // None: the connection was lost, and with it perhaps news.
            while let Some(said) = listener.try_recv().await? {
                heard(&app.live, said.payload());
            }
            Ok::<(), sqlx::Error>(())
        };
        let ended = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            ended = work => ended,
        };
        if ended.is_err() {
            tracing::warn!("news_lost");
            tokio::time::sleep(AGAIN).await;
        }
    }
}

fn heard(live: &Live, payload: &str) {
    let Some((shop, seq)) = payload.split_once(' ') else {
        return;
    };
    if let (Ok(shop), Ok(seq)) = (shop.parse::<Uuid>(), seq.parse()) {
        live.tell(ShopId(shop), seq);
    }
}
