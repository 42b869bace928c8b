//! Which address takes what. Every route is added together with its description, so that `/openapi.json` has them all.

use axum::Router;
use axum::extract::Extension;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Refused;
use super::app::App;
use super::{logged, operations};

/// The head of the document.
#[derive(OpenApi)]
#[openapi(
    info(title = "Regulars relay", description = "Several tills as one shop. An error is `{\"error\": {\"code\", \"message\"}}`."),
    tags((name = "operations", description = "For those who run the relay"), (name = "tills", description = "For tills")),
)]
struct Document;

/// All of them.
#[must_use]
pub fn router(app: Arc<App>) -> Router {
    let described = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi));
    let (router, document) = described.split_for_parts();
    router
        .fallback(async || Refused::not_found())
        .method_not_allowed_fallback(async || Refused::not_allowed())
        .layer(Extension(Arc::new(document)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), logged::wrap))
        .with_state(app)
}

#[expect(clippy::needless_pass_by_value, reason = "as the layer hands it over")]
fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("panicked");
    Refused::broken().into_response()
}
