//! For those who run the relay: is it alive, is it ready, what does it count, what does it take.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use sync::ProblemCode;
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;

use super::answer::Refused;
use super::app::App;
use crate::store::DbError;

/// How long the database may take to answer for the relay to be ready.
const READY: Duration = Duration::from_secs(2);

/// How it is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    /// The relay's version.
    version: &'static str,
}

const FINE: Health = Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
};

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = Health)))]
pub async fn healthz() -> Json<Health> {
    Json(FINE)
}

/// The relay can do its work: its database answers, and it is not about to stop.
///
/// # Errors
/// `unavailable`.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Health), (status = 503, description = "Not now")))]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Json<Health>, Refused> {
    let away = || Refused::from(DbError::Away(sqlx::Error::PoolTimedOut));
    if *app.stopped.borrow() {
        return Err(Refused::later(ProblemCode::Unavailable, "stopping", 1000));
    }
    tokio::time::timeout(READY, app.db.ping()).await.map_err(|_| away())??;
    Ok(Json(FINE))
}

/// What the relay counts, as Prometheus reads it.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    app.numbers.run_upkeep();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        app.numbers.render(),
    )
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", responses((status = 200, description = "OpenAPI 3.1")))]
pub async fn openapi(Extension(document): Extension<Arc<OpenApi>>) -> Json<OpenApi> {
    Json(OpenApi::clone(&document))
}
