//! Which address takes what. Every route is added together with its description, so that `/openapi.json` has them all.

use axum::Router;
use axum::extract::Extension;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Refused;
use super::app::App;
use super::{logged, operations};
use crate::api::{self, acquire, clicks, links, live, pair, referrals, renew, shops, sync_page, tills};
use crate::{mail, web};

/// The head of the document.
#[derive(OpenApi)]
#[openapi(
    info(title = "Regulars relay", description = "Several tills as one shop. A refusal is `{\"code\", \"detail\", \"message\"}` with a closed code."),
    modifiers(&Credential),
    tags((name = "operations", description = "For those who run the relay"), (name = "tills", description = "For tills"),
        (name = "referrals", description = "For programs with a key of the shop's"), (name = "web", description = "For browsers"),
        (name = "hooks", description = "For mail services")),
)]
struct Document;

/// How a till, or a program with a key, shows who it is.
struct Credential;

impl Modify for Credential {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for whose in ["device", "key"] {
            let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme(whose, bearer);
        }
    }
}

/// All of them.
pub fn router(app: Arc<App>) -> Router {
    let described = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(operations::metrics))
        .routes(routes!(operations::openapi))
        .routes(routes!(pair::pair))
        .routes(routes!(sync_page::sync))
        .routes(routes!(live::live))
        .routes(routes!(renew::renew))
        .routes(routes!(tills::tills))
        .routes(routes!(acquire::acquire))
        .routes(routes!(clicks::clicks))
        .routes(routes!(links::add))
        .routes(routes!(api::mail::mail))
        .routes(routes!(api::documents::documents))
        .routes(routes!(api::outreach::outreach))
        .routes(routes!(api::standing::standing))
        .routes(routes!(shops::create))
        .routes(routes!(referrals::codes, referrals::add))
        .routes(routes!(referrals::code))
        .routes(routes!(referrals::clicks))
        .routes(routes!(referrals::events))
        .routes(routes!(referrals::attributions))
        .routes(routes!(referrals::rewards))
        .routes(routes!(web::join::form, web::join::send))
        .routes(routes!(web::join::joined))
        .routes(routes!(web::me::hosted))
        .routes(routes!(web::me::look, web::me_in::ask))
        .routes(routes!(web::me_in::door, web::me_in::come_in))
        .routes(routes!(web::me::act))
        .routes(routes!(mail::pages::confirm_page, mail::pages::confirm_now))
        .routes(routes!(mail::pages::stop_page, mail::pages::stop_now))
        .routes(routes!(mail::hooks::routes::bounced));
    let (router, mut document) = described.split_for_parts();
    // Clicks are answered as they are stored: without the log, whose lines would be more work than the click.
    let (clicks, more) = OpenApiRouter::new()
        .routes(routes!(web::click::click))
        .split_for_parts();
    document.merge(more);
    router
        .fallback(async || Refused::not_found())
        .method_not_allowed_fallback(async || Refused::not_allowed())
        .layer(Extension(Arc::new(document)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn_with_state(app.clone(), logged::wrap))
        .merge(clicks)
        .with_state(app)
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("panicked");
    Refused::broken().into_response()
}
