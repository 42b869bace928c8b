//! What every request goes through: listening, limits, who is asking, the log, the counters. What is asked is in `api`.

pub mod answer;
pub mod app;
pub mod auth;
pub mod body;
pub mod limits;
pub mod listen;
pub mod live;
pub mod logged;
pub mod numbers;
pub mod operations;
pub mod routes;

use serde_json::json;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::mail::hooks::Hooks;
use crate::settings::Settings;
use crate::store::{Db, DbError, migrate};
use app::App;

/// How often what is kept of clients that have gone is forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Why there is no service.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The address can't be listened on.
    #[error("{0} can't be listened on ({1}). Close the program that has this port, or choose another.")]
    Listen(std::net::SocketAddr, io::Error),
    /// The system.
    #[error("The relay could not be started: {0}.")]
    System(#[from] io::Error),
    /// The counters.
    #[error("The relay's counters could not be started: {0}.")]
    Counters(String),
}

/// Serves until SIGTERM or SIGINT. Prints the address it listens on as one line of JSON.
///
/// # Errors
/// See [`ServeError`].
pub async fn run(settings: Settings) -> Result<(), ServeError> {
    logged::start(settings.log);
    let numbers = numbers::start().map_err(ServeError::Counters)?;
    // Caught from here on: a signal during a migration waits for its end.
    let signal = Signals::catch()?;
    let db = Db::connect(&settings.database, settings.database_connections.get()).await?;
    migrate::migrate(&db).await?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|e| ServeError::Listen(settings.listen, e))?;
    let listening = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let connections = settings.max_connections;
    let app = Arc::new(App::new(db.clone(), settings, numbers, stopped.clone()));
    let housekeeping = tokio::spawn(keep_house(app.clone(), stopped.clone()));
    let news = tokio::spawn(live::listen_to_others(app.clone(), stopped.clone()));
    let web = tokio::spawn(crate::web::keep(app.clone(), stopped.clone()));
    let mail = tokio::spawn(crate::mail::work::run(app.clone(), stopped.clone()));
    let documents = tokio::spawn(crate::documents::work::run(app.clone(), stopped.clone()));
    let backup = tokio::spawn(crate::backup::nightly::keep(app.clone(), stopped.clone()));
    println!(
        "{}",
        json!({"listening": listening, "public_url": app.settings.public_url})
    );
    tracing::info!(address = %listening, version = env!("CARGO_PKG_VERSION"), "listening");
    let server = tokio::spawn(listen::serve(listener, routes::router(app), connections, stopped));
    signal.wait().await;
    tracing::info!("stopping");
    stop.send_replace(true);
    // One that panicked has nothing left to finish.
    let _ = tokio::join!(server, housekeeping, news, web, mail, documents, backup);
    db.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The service without a socket, on a database that is up to date: for whoever calls it in its own process.
pub fn in_process(db: Db, settings: Settings) -> axum::Router {
    in_process_with(db, settings, Hooks::default())
}

/// The same, with somebody else who opens addresses outside.
pub fn in_process_with(db: Db, settings: Settings, hooks: Hooks) -> axum::Router {
    let (_, stopped) = watch::channel(false);
    let app = App::new(db, settings, numbers::uncounted(), stopped);
    routes::router(Arc::new(App { hooks, ..app }))
}

async fn keep_house(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(FORGET_EVERY);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => app.limits.forget(),
        }
    }
}

/// The signals that end the process, caught.
struct Signals {
    #[cfg(unix)]
    caught: [tokio::signal::unix::Signal; 2],
}

impl Signals {
    #[cfg(unix)]
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            caught: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?],
        })
    }

    #[cfg(unix)]
    async fn wait(self) {
        let [mut interrupt, mut terminate] = self.caught;
        tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
    }

    #[cfg(not(unix))]
    fn catch() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(self) {
        // Where the system can't say that Ctrl-C was pressed, it ends the process itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
