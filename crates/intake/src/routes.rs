//! Which address takes what, and the way from a request to its answer.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::routing::post;
use std::sync::Arc;
use tokio::sync::Semaphore;

use crate::answer::Answer;
use crate::body;
use crate::book::Book;
use crate::decode::Page;

/// How many messages are recorded at the same time; they share commits. More wait their turn.
pub const CALLS_MAX: usize = 64;

/// What every request needs.
pub struct App {
    book: Arc<Book>,
    calls: Semaphore,
}

impl App {
    /// Over this store.
    pub fn new(book: Arc<Book>) -> Arc<Self> {
        Arc::new(Self {
            book,
            calls: Semaphore::new(CALLS_MAX),
        })
    }

    async fn take(&self, page: Page, request: Request) -> Answer {
        let (head, body) = request.into_parts();
        let body = match body::read(body).await {
            Ok(body) => body,
            Err(unread) => {
                let answer = unread.into();
                self.book.tell(&page, None, &answer);
                return answer;
            }
        };
        let Ok(_turn) = self.calls.acquire().await else {
            return Answer::broken();
        };
        let book = self.book.clone();
        let taken = tokio::task::spawn_blocking(move || book.take(&page, &head.headers, &body));
        taken.await.unwrap_or_else(|_| Answer::broken())
    }
}

/// The addresses.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/pos/sale", post(sale))
        .route("/pos/refund", post(refund))
        .route("/hooks/{name}", post(hook))
        .fallback(async || Answer::not_found())
        .method_not_allowed_fallback(async || Answer::not_allowed())
        .with_state(app)
}

async fn sale(State(app): State<Arc<App>>, request: Request) -> Answer {
    app.take(Page::Sale, request).await
}

async fn refund(State(app): State<Arc<App>>, request: Request) -> Answer {
    app.take(Page::Refund, request).await
}

/// The last part of a hook's address, unless it is no text.
type Name = Result<Path<String>, PathRejection>;

async fn hook(State(app): State<Arc<App>>, name: Name, request: Request) -> Answer {
    match name {
        Ok(Path(name)) => app.take(Page::Hook(name), request).await,
        Err(_) => Answer::not_found(),
    }
}
