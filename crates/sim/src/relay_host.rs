//! The real relay in this process: its database on a simulated disk, its routes called without a socket.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use relay::store::{Db, migrate};
use rusqlite::Connection;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

use crate::disk::Disk;
use crate::machine::runtime;

/// The relay's machine.
pub struct RelayHost {
    /// Its disk.
    pub disk: Arc<Disk>,
    service: Option<(Db, Router)>,
    /// Looks into its database from outside.
    pub eye: Option<Connection>,
}

/// Its database on its disk.
#[must_use]
pub fn file(dir: &Path) -> std::path::PathBuf {
    dir.join("relay.db")
}

/// A service on a database, with no limits on how often.
///
/// # Errors
/// Where the database does not work.
pub fn service(path: &Path) -> Result<(Db, Router), String> {
    let mut settings = relay::settings::settle(&relay::settings::Where::default(), relay::settings::Given::default())
        .map_err(|e| e.to_string())?;
    settings.device_rate = NonZeroU32::MAX;
    settings.address_rate = NonZeroU32::MAX;
    settings.code_rate = NonZeroU32::MAX;
    let served = runtime().block_on(async {
        let db = Db::connect(&format!("sqlite:{}", path.display()), 1).await?;
        migrate::migrate(&db).await?;
        Ok::<_, relay::store::DbError>((db.clone(), relay::serve::in_process(db, settings)))
    });
    served.map_err(|e| e.to_string())
}

/// One request to a service; its status and body.
///
/// # Errors
/// Where no answer came.
pub fn ask(routes: &Router, path: &str, credential: Option<&str>, body: Vec<u8>) -> Result<(u16, Vec<u8>), String> {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(credential) = credential {
        request = request.header(header::AUTHORIZATION, format!("Bearer {credential}"));
    }
    let request = request.body(Body::from(body)).map_err(|e| e.to_string())?;
    runtime().block_on(async {
        let answer = routes.clone().oneshot(request).await.map_err(|e| e.to_string())?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.map_err(|e| e.to_string())?;
        Ok((status, body.to_bytes().to_vec()))
    })
}

impl RelayHost {
    /// On a disk; not running yet.
    #[must_use]
    pub fn new(disk: Arc<Disk>) -> Self {
        Self {
            disk,
            service: None,
            eye: None,
        }
    }

    /// Whether it answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.service.is_some() && !self.disk.is_dead()
    }

    /// Starts it on whatever its disk has.
    ///
    /// # Errors
    /// Where its database does not work.
    pub fn start(&mut self) -> Result<(), String> {
        self.stop();
        self.disk.start();
        let path = file(self.disk.dir());
        self.service = Some(service(&path)?);
        self.eye = Some(Connection::open(&path).map_err(|e| e.to_string())?);
        Ok(())
    }

    /// Ends it in order; after a crash there is no order left to keep. What the pool of its connections leaves to do
    /// later is done now, so that it does not meet the relay that starts next.
    pub fn stop(&mut self) {
        const TURNS_MAX: usize = 100;
        self.eye = None;
        if let Some((db, _)) = self.service.take() {
            runtime().block_on(async {
                db.close().await;
                for _ in 0..TURNS_MAX {
                    if self.disk.open_files() == 0 {
                        return;
                    }
                    tokio::task::yield_now().await;
                    std::thread::yield_now();
                }
            });
        }
    }

    /// The power fails.
    pub fn crash(&mut self) {
        self.disk.cut();
        self.stop();
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> Option<&Db> {
        self.service.as_ref().map(|(db, _)| db)
    }

    /// A request reaches it. None where it is down, or went down while it worked.
    pub fn ask(&mut self, path: &str, credential: Option<&str>, body: &[u8]) -> Option<(u16, Vec<u8>)> {
        let (_, routes) = self.service.as_ref()?;
        let answer = ask(routes, path, credential, body.to_vec()).ok();
        if self.disk.is_dead() {
            self.stop();
            return None;
        }
        answer
    }

    /// How many of an origin's operations it has on disk.
    ///
    /// # Errors
    /// Where its database does not work.
    pub fn has(&self, origin: &[u8; 16]) -> Result<i64, String> {
        let Some(eye) = &self.eye else { return Ok(i64::MAX) };
        let sql = "SELECT coalesce(max(seq), 0) FROM origins WHERE origin = ?1";
        let seq = eye
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row([&origin[..]], |r| r.get(0)));
        seq.map_err(|e| e.to_string())
    }
}

impl Drop for RelayHost {
    fn drop(&mut self) {
        self.stop();
    }
}
