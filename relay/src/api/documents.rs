//! `POST /v1/documents`: rules and voice that an owner keeps in a document elsewhere. Whether it is the owner who asks is
//! the till's to know.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use sync::documents::{DocumentAnswer, DocumentRequest};

use super::{documents_schema, schema};
use crate::clock;
use crate::documents::desk::Desk;
use crate::mail::seal::Key;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::auth::Device;
use crate::serve::body;

/// An owner looks after documents elsewhere.
///
/// # Errors
/// Those of every message. What the owner can mend is in the answer.
#[utoipa::path(post, path = "/v1/documents", tag = "tills", security(("device" = [])),
    request_body = documents_schema::DocumentRequest,
    responses((status = 200, body = documents_schema::DocumentAnswer), (status = "default", body = schema::Problem)))]
pub async fn documents(
    State(app): State<Arc<App>>,
    device: Device,
    body: Body,
) -> Result<Json<DocumentAnswer>, Refused> {
    let request: DocumentRequest = body::message(body).await?;
    let key = Key::read(app.settings.key_file.as_deref()).ok();
    let desk = Desk {
        db: &app.db,
        outside: &app.outside,
        key: key.as_ref(),
        shop: device.shop,
        now: clock::now(),
    };
    let (answer, appended) = desk.does(request).await?;
    if let Some(seq) = appended {
        app.live.tell(device.shop, seq);
    }
    Ok(Json(answer))
}
