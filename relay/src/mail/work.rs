//! The workers: each claims a few mails of one shop, sends them over one line, and notes how each ended. Any relay's may
//! do it; time is handed in.

use lettre::address::Envelope as Route;
use loyalty::{ShopId, UtcMs};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

use super::compose::{Outcome, Ready, Shared};
use super::dkim::{self, SignerError};
use super::lanes::{Lane, Lanes, Pace, SLOW, WORKERS};
use super::line::{Line, No};
use super::queue::{self, Claimed, End, Leave};
use super::seal::{Key, KeyError};
use super::{consent, jobs, settings, stuck};
use crate::clock;
use crate::serve::app::App;
use crate::serve::numbers;
use crate::store::db::{Db, Result};

/// Mails that a worker claims at once.
const AT_ONCE: i64 = 25;
/// How often a worker says that it is still at work on what it claimed.
const HOLD_EVERY: Duration = Duration::from_secs(3);
/// How often a worker that found nothing looks again.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often is looked what is stuck, and who died.
const MIND_EVERY: Duration = Duration::from_secs(15);

/// What the workers of a relay share.
pub struct Office {
    /// Where the mail waits.
    pub db: Db,
    /// The relay's address for others.
    pub public_url: String,
    /// The relay's key, or the reason why there is none.
    pub key: Result<Key, KeyError>,
    /// Whether a server that an owner named may be inside the relay's own network.
    pub allow_private: bool,
    /// Who is at work for which shop.
    pub lanes: Arc<Lanes>,
}

/// Sends mail until the relay stops.
pub async fn run(app: Arc<App>, stopped: watch::Receiver<bool>) {
    let office = Arc::new(Office {
        db: app.db.clone(),
        public_url: app.settings.public_url.clone(),
        key: Key::read(app.settings.key_file.as_deref()),
        allow_private: app.settings.allow_private_addresses,
        lanes: Arc::default(),
    });
    let workers = (0..WORKERS).map(|_| tokio::spawn(keep_working(Worker::new(office.clone()), stopped.clone())));
    let workers: Vec<_> = workers.collect();
    mind(&app.db, office.key.as_ref().ok(), stopped).await;
    for worker in workers {
        // One that panicked has nothing left to finish.
        let _ = worker.await;
    }
}

async fn keep_working(mut worker: Worker, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let found = match worker.round(clock::now()).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(away = matches!(error, crate::store::DbError::Away(_)), "mail_not_sent");
                0
            }
        };
        if found == 0 {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
    worker.close().await;
}

async fn mind(db: &Db, key: Option<&Key>, mut stopped: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(MIND_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        if let Err(error) = look(db, clock::now()).await {
            tracing::warn!(%error, "mail_not_looked_at");
        }
        if let Err(error) = jobs::round(db, key, clock::now()).await {
            tracing::warn!(%error, "mail_jobs_not_run");
        }
    }
}

/// Shows what is stuck, and gives up what died on its way.
async fn look(db: &Db, now: UtcMs) -> Result<()> {
    let lost = queue::give_up_lost(db, now).await?;
    count("unknown", lost);
    let (waiting, since) = stuck::waiting(db, None, now).await?;
    let seconds = since.map_or(0, |since| (now.0 - since.0).max(0) / 1000);
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
    let (waiting, seconds) = (waiting as f64, seconds as f64);
    metrics::gauge!(numbers::MAIL_WAITING).set(waiting);
    metrics::gauge!(numbers::MAIL_OLDEST).set(seconds);
    Ok(())
}

fn count(what: &'static str, how_many: u64) {
    metrics::counter!(numbers::MAILS, "what" => what).increment(how_many);
}

/// How far a mail came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Went {
    /// The server was not asked.
    Nowhere,
    /// It was.
    There,
    /// It can't be reached.
    Away,
}

/// One worker, with its line to the last shop's server.
pub struct Worker {
    office: Arc<Office>,
    db: Db,
    line: Option<(ShopId, Line)>,
    /// Whether the last line that failed had been opened.
    was_open: bool,
    /// What the server took and is not noted yet: it is with the next mail, or when there is none.
    sent: Option<Claimed>,
}

impl Worker {
    /// One of this office.
    #[must_use]
    pub fn new(office: Arc<Office>) -> Self {
        Self {
            db: office.db.clone(),
            office,
            line: None,
            was_open: false,
            sent: None,
        }
    }

    /// Claims a few mails of the shop whose turn it is and sends them. Answers how many it found.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn round(&mut self, now: UtcMs) -> Result<usize> {
        // The database was away the last time.
        self.note_sent(now).await?;
        let Some(lane) = self.office.lanes.next(&queue::due(&self.db, now).await?) else {
            // Servers close lines that nobody uses; so does a worker without work.
            self.hang_up().await;
            return Ok(0);
        };
        let batch = queue::claim(&self.db, lane.shop, AT_ONCE, now).await?;
        let found = batch.mails.len() + batch.put_off;
        self.send_all(&lane, batch.mails, now).await?;
        Ok(found)
    }

    async fn send_all(&mut self, lane: &Lane, claimed: Vec<Claimed>, now: UtcMs) -> Result<()> {
        let Some(first) = claimed.first() else { return Ok(()) };
        let Some(shared) = Shared::load(&self.db, first.shop, &self.office.public_url).await? else {
            return Ok(());
        };
        let signer = match dkim::signer(&self.db, &shared.settings, self.office.key.as_ref()).await {
            Ok(signer) => signer,
            Err(SignerError::Db(error)) => return Err(error),
            // Unsigned it would end in the spam: it waits until somebody has seen to the key.
            Err(error) => {
                settings::set_problem(&self.db, first.shop, Some(&error.to_string()), now).await?;
                for mail in &claimed {
                    queue::retry(&self.db, mail, "key", now).await?;
                }
                return Ok(());
            }
        };
        let shared = shared.signed_by(signer);
        if self.line.as_ref().is_some_and(|(shop, _)| *shop != first.shop) {
            self.hang_up().await;
        }
        let began = Instant::now();
        let mut held: Option<Instant> = None;
        for (at, mail) in claimed.iter().enumerate() {
            if held.is_none_or(|held| held.elapsed() > HOLD_EVERY) {
                held = Some(Instant::now());
                let passed = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
                // Whoever was too slow finds that others have it.
                if !queue::hold(&self.db, &claimed[at..], UtcMs(now.0.saturating_add(passed))).await? {
                    break;
                }
            }
            let asked = Instant::now();
            let went = self.one(&shared, mail, now).await?;
            match went {
                Went::Nowhere => {}
                Went::There if asked.elapsed() < SLOW => lane.went(Pace::Prompt),
                Went::There | Went::Away => lane.went(Pace::Slow),
            }
            if went == Went::Away {
                // The server is away for all of them: nobody waits for it once more.
                for mail in &claimed[at + 1..] {
                    queue::retry(&self.db, mail, "line", now).await?;
                }
                // And no other shop's mail waits while it is asked for the rest.
                stuck::put_off(&self.db, first.shop, now).await?;
                break;
            }
        }
        self.note_sent(now).await
    }

    /// Ends the line.
    pub async fn close(mut self) {
        self.hang_up().await;
    }

    async fn hang_up(&mut self) {
        if let Some((_, line)) = self.line.take() {
            line.close().await;
        }
    }

    /// Does what is to be done with a mail.
    async fn one(&mut self, shared: &Shared, mail: &Claimed, now: UtcMs) -> Result<Went> {
        match shared.compose(&self.db, mail, now).await? {
            Outcome::Cancel(why) => {
                count("cancelled", 1);
                queue::end(&self.db, mail, &End::Cancelled(why), now).await?;
            }
            Outcome::Later(due) => queue::defer(&self.db, mail, due, "quiet").await?,
            Outcome::Send(ready) => {
                if let Err(no) = self.address(shared, &ready.route).await {
                    // A line that broke is opened anew for the next one; one that can't be opened is not.
                    let away = matches!(no, No::Line(_)) && !std::mem::take(&mut self.was_open);
                    self.refused(shared, mail, &ready, no, now).await?;
                    return Ok(if away { Went::Away } else { Went::There });
                }
                self.send(shared, mail, &ready, now).await?;
                return Ok(Went::There);
            }
        }
        Ok(Went::Nowhere)
    }

    async fn send(&mut self, shared: &Shared, mail: &Claimed, ready: &Ready, now: UtcMs) -> Result<()> {
        // Only now, and on disk before the server has a byte of it.
        let per_week = shared.settings.per_week;
        let leave = queue::mark(&self.db, mail, self.sent.as_ref(), &ready.address, per_week, now).await?;
        self.sent = None;
        match leave {
            Leave::Go => {}
            Leave::Gone => return self.reset().await,
            Leave::Enough => {
                count("cancelled", 1);
                queue::end(&self.db, mail, &End::Cancelled("enough_this_week"), now).await?;
                return self.reset().await;
            }
        }
        let given = match &mut self.line {
            Some((_, line)) => line.give(&ready.bytes).await,
            None => Err(No::Unknown),
        };
        match given {
            Ok(()) => {
                count("sent", 1);
                self.sent = Some(mail.clone());
                if shared.settings.problem.is_some() {
                    settings::set_problem(&self.db, mail.shop, None, now).await?;
                }
                Ok(())
            }
            Err(no) => self.refused(shared, mail, ready, no, now).await,
        }
    }

    /// Notes that the last mail was sent.
    async fn note_sent(&mut self, now: UtcMs) -> Result<()> {
        if let Some(mail) = &self.sent {
            queue::end(&self.db, mail, &End::Sent, now).await?;
            self.sent = None;
        }
        Ok(())
    }

    /// Says from whom to whom: over the line there is, or a new one where that has ended meanwhile.
    async fn address(&mut self, shared: &Shared, route: &Route) -> Result<(), No> {
        if let Some((_, line)) = &mut self.line {
            match line.address(route).await {
                Err(No::Line(_)) => {}
                said => return said,
            }
            // It had ended; nothing was given to it.
            self.line = None;
        }
        self.was_open = false;
        let (key, inside) = (self.office.key.as_ref(), self.office.allow_private);
        let line = Line::open(&shared.settings, key, inside).await?;
        self.was_open = true;
        let (_, line) = self.line.insert((shared.settings.shop, line));
        line.address(route).await
    }

    async fn refused(&mut self, shared: &Shared, mail: &Claimed, ready: &Ready, no: No, now: UtcMs) -> Result<()> {
        let shop = shared.settings.shop;
        match &no {
            No::Line(why) => {
                self.line = None;
                settings::set_problem(&self.db, shop, Some(why), now).await?;
                queue::retry(&self.db, mail, "line", now).await
            }
            No::Later(code) => {
                count("later", 1);
                queue::retry(&self.db, mail, code, now).await?;
                self.reset().await
            }
            No::Never { code, bounced } => {
                count("refused", 1);
                if *bounced {
                    let mut tx = self.db.begin().await?;
                    consent::suppress(&mut tx, shop, &ready.address, "bounced", now).await?;
                    tx.commit().await?;
                }
                queue::end(&self.db, mail, &End::Failed(code.clone()), now).await?;
                self.reset().await
            }
            No::Unknown => {
                self.line = None;
                count("unknown", 1);
                queue::end(&self.db, mail, &End::Unknown, now).await
            }
        }
    }

    /// Makes the line ready for the next mail, or ends it.
    async fn reset(&mut self) -> Result<()> {
        let usable = match &mut self.line {
            Some((_, line)) => line.is_whole() && line.reset().await,
            None => true,
        };
        if !usable {
            self.line = None;
        }
        Ok(())
    }
}
