//! `/v1/referrals…`: codes, clicks, events, who came through whom, and what it brought, for programs with a key of the
//! shop's. Every list comes in pages, as JSON or as CSV. Adding a code needs a key that may.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use loyalty::{ShopId, UtcMs};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use sync::limits::Bounded;
use sync::{Problem, ProblemCode};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::csv;
use crate::clock;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::{body, logged};
use crate::store::referred::{self, Attribution, Click, Code, Event, Reward};
use crate::store::tills::Closed;
use crate::store::{keys, referrals};
use crate::token::Credential;
use crate::web::change::{self, ChangeError, NewCode};

/// Rows of a page where nothing is said, and at most.
const PAGE: i64 = 100;
const PAGE_MAX: i64 = 1000;
/// Clicks are listed when they are so old: none comes in before another that was listed.
const SETTLED_MS: i64 = 10_000;
/// Where the next page begins, for CSV.
const NEXT: &str = "x-next";
const MORE: &str = "x-more";
/// What a reward can have come to.
const STATES: [&str; 7] = [
    "pending",
    "review",
    "rejected",
    "refused",
    "granted",
    "cancelled",
    "reversed",
];

/// Whoever showed a good key.
#[derive(Clone, Copy, Debug)]
pub struct ApiKey {
    shop: ShopId,
    may_write: bool,
}

impl FromRequestParts<Arc<App>> for ApiKey {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let shown = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = shown
            .and_then(|value| value.strip_prefix("Bearer "))
            .and_then(Credential::read_key);
        let key = key.ok_or_else(|| Refused::key(Closed::Unknown))?;
        let may_write = keys::check(&app.db, &key, clock::now()).await?.map_err(Refused::key)?;
        // Only its holder can use a key's share up.
        app.limits.device(key.shop, key.till)?;
        logged::note_device(&key.shop, &key.till);
        Ok(Self {
            shop: key.shop,
            may_write,
        })
    }
}

/// A refusal. `code` is one of `unknown_key`, `read_only`, `suspended`, `bad_request`, `bad_code`, `bad_landing`,
/// `no_landing`, `bad_campaign`, `code_taken`, `not_found`, `slow_down`, `too_large`, `unavailable`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a description: nothing makes or reads one")]
pub struct ApiProblem {
    /// Such as `code_taken`.
    code: String,
    /// What happened and what to do, in plain English.
    message: String,
    /// For a reader of logs.
    detail: Option<String>,
    /// Codes like the taken one that are free.
    free: Option<Vec<String>>,
    /// Milliseconds to wait before the next try.
    retry_ms: Option<u64>,
}

/// Which page, and how.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before; none for the first.
    after: Option<String>,
    /// Rows: 1 to 1000; 100 where nothing is said.
    limit: Option<i64>,
    /// `csv` for comma-separated values, with `next` and `more` as the heads `x-next` and `x-more`; else `json`.
    format: Option<Format>,
    /// Of codes alone: those of one kind, `vendor` or `member`.
    kind: Option<String>,
    /// Of rewards alone: those of one state.
    state: Option<String>,
}

/// As what a list comes.
#[derive(Clone, Copy, Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Format {
    Json,
    Csv,
}

/// A page.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows, oldest first; codes by the alphabet.
    items: Vec<T>,
    /// What `after` of the next page is, also where that page has no rows yet. None where there are none at all.
    next: Option<String>,
    /// Whether there may be more just now.
    more: bool,
}

type Asked = Result<Query<Paging>, QueryRejection>;

fn page(asked: Asked) -> Result<Paging, Refused> {
    let Query(page) = asked.map_err(|_| Refused::bad("the address says limit=1 to 1000, format=json or csv"))?;
    match page.limit {
        Some(limit) if !(1..=PAGE_MAX).contains(&limit) => Err(Refused::bad("limit is 1 to 1000")),
        _ => Ok(page),
    }
}

impl Paging {
    fn limit(&self) -> i64 {
        self.limit.unwrap_or(PAGE)
    }

    /// Two numbers, or a number and an id: where the page before ended.
    fn place<T: std::str::FromStr>(&self, first: T) -> Result<(i64, T), Refused> {
        let Some(after) = &self.after else {
            return Ok((0, first));
        };
        let parts = after.split_once('.');
        let place = parts.and_then(|(n, rest)| Some((n.parse().ok()?, rest.parse().ok()?)));
        place.ok_or_else(|| Refused::bad("after is not what a page said"))
    }

    fn one_of(said: Option<&str>, all: &[&str]) -> Result<(), Refused> {
        match said {
            Some(said) if !all.contains(&said) => Err(Refused::bad("kind or state is none that there is")),
            _ => Ok(()),
        }
    }

    fn answer<T: Serialize>(
        &self,
        columns: &[&str],
        items: Vec<T>,
        place: impl Fn(&T) -> String,
    ) -> Result<Response, Refused> {
        let more = i64::try_from(items.len()).is_ok_and(|n| n >= self.limit());
        let next = items.last().map(place).or_else(|| self.after.clone());
        if self.format != Some(Format::Csv) {
            return Ok(Json(Page { items, next, more }).into_response());
        }
        let text = csv::of(columns, &items).ok_or_else(Refused::broken)?;
        let mut answer = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
        if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
            answer.headers_mut().insert(NEXT, next);
        }
        let more = HeaderValue::from_static(if more { "true" } else { "false" });
        answer.headers_mut().insert(MORE, more);
        Ok(answer)
    }
}

/// The shop's links, with what came of each.
///
/// # Errors
/// `unknown_key`, `slow_down`, `bad_request`.
#[utoipa::path(get, path = "/v1/referrals/codes", tag = "referrals", security(("key" = [])), params(Paging), responses(
    (status = 200, body = Page<Code>), (status = "default", body = ApiProblem)))]
pub async fn codes(State(app): State<Arc<App>>, key: ApiKey, asked: Asked) -> Result<Response, Refused> {
    let page = page(asked)?;
    Paging::one_of(page.kind.as_deref(), &["vendor", "member"])?;
    let after = page.after.as_deref().unwrap_or_default();
    let found = referred::codes(&app.db, key.shop, after, page.kind.as_deref(), page.limit()).await?;
    let columns = [
        "code",
        "kind",
        "member_id",
        "campaign",
        "landing",
        "created_at",
        "clicks",
        "unique",
        "bots",
        "joined",
    ];
    page.answer(&columns, found, |code| code.code.clone())
}

/// One link, and what came of it.
///
/// # Errors
/// `not_found`; as above.
#[utoipa::path(get, path = "/v1/referrals/codes/{code}", tag = "referrals", security(("key" = [])),
    params(("code" = String, Path, description = "Such as solare")),
    responses((status = 200, body = Code), (status = "default", body = ApiProblem)))]
pub async fn code(State(app): State<Arc<App>>, key: ApiKey, Path(code): Path<String>) -> Result<Json<Code>, Refused> {
    let found = referred::code_named(&app.db, key.shop, &code.to_ascii_lowercase()).await?;
    found.map(Json).ok_or_else(Refused::not_found)
}

/// A code to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeToAdd {
    /// 2 to 40 letters, digits and hyphens.
    #[schema(example = "solare")]
    code: String,
    /// Where it leads, on one of the shop's hosts; none: the shop's page.
    landing: Option<String>,
    /// A word for the shop's own statistics.
    #[serde(default)]
    campaign: String,
}

impl Bounded for CodeToAdd {
    fn check(&self) -> Result<(), Problem> {
        // `change` looks at each field.
        Ok(())
    }
}

/// Adds a link.
///
/// # Errors
/// `read_only` for a key that may not add; `bad_code`, `bad_landing`, `no_landing`, `bad_campaign` with what is wrong;
/// `code_taken` with others that are free.
#[utoipa::path(post, path = "/v1/referrals/codes", tag = "referrals", security(("key" = [])), request_body = CodeToAdd,
    responses((status = 201, body = Code), (status = "default", body = ApiProblem)))]
pub async fn add(State(app): State<Arc<App>>, key: ApiKey, body: Body) -> Result<(StatusCode, Json<Code>), Refused> {
    if !key.may_write {
        return Err(Refused::read_only());
    }
    let wanted: CodeToAdd = body::message(body).await?;
    let new = NewCode {
        code: wanted.code,
        landing: wanted.landing,
        campaign: wanted.campaign,
    };
    let added = change::add_code(&app.db, key.shop, new, clock::now()).await;
    let added = added.map_err(not_changed)?;
    let found = referred::code_named(&app.db, key.shop, &added.code).await?;
    Ok((StatusCode::CREATED, Json(found.ok_or_else(Refused::broken)?)))
}

fn not_changed(error: ChangeError) -> Refused {
    let status = match error {
        ChangeError::Db(error) => return error.into(),
        ChangeError::UnknownShop(_) => return ProblemCode::Suspended.into(),
        ChangeError::Taken { .. } => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let free: &[String] = match &error {
        ChangeError::Taken { free, .. } => free,
        _ => &[],
    };
    Refused::change(status, why_not(&error), &error.to_string(), free)
}

/// Why a link was not added, as a closed code.
pub(super) fn why_not(error: &ChangeError) -> &'static str {
    match error {
        ChangeError::Taken { .. } => "code_taken",
        ChangeError::BadCode(_) => "bad_code",
        ChangeError::Nowhere => "no_landing",
        ChangeError::BadCampaign => "bad_campaign",
        _ => "bad_landing",
    }
}

/// Clicks, each by itself, ten seconds after it was made. Those older than 90 days are gone.
///
/// # Errors
/// `bad_request` for an `after` that no page said; as above.
#[utoipa::path(get, path = "/v1/referrals/clicks", tag = "referrals", security(("key" = [])), params(Paging), responses(
    (status = 200, body = Page<Click>), (status = "default", body = ApiProblem)))]
pub async fn clicks(State(app): State<Arc<App>>, key: ApiKey, asked: Asked) -> Result<Response, Refused> {
    let page = page(asked)?;
    let before = settled(clock::now());
    let found = referred::clicks(&app.db, key.shop, page.place(Uuid::nil())?, before, page.limit()).await?;
    let columns = ["click_id", "at", "code", "device", "referrer", "country", "person"];
    page.answer(&columns, found, |click| format!("{}.{}", click.day, click.click_id))
}

/// An id that no click has from which on others may still come in.
fn settled(now: UtcMs) -> Uuid {
    let at = now.0.saturating_sub(SETTLED_MS).max(0).unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(at, &[0; 10]).into_uuid()
}

/// What happened: who joined through whom, and each step of each reward, in the order of the shop's log. A page never
/// lacks what a later one has: ask for what is new with `next`.
///
/// # Errors
/// As above.
#[utoipa::path(get, path = "/v1/referrals/events", tag = "referrals", security(("key" = [])), params(Paging), responses(
    (status = 200, body = Page<Event>), (status = "default", body = ApiProblem)))]
pub async fn events(State(app): State<Arc<App>>, key: ApiKey, asked: Asked) -> Result<Response, Refused> {
    let page = page(asked)?;
    referrals::catch_up(&app.db, key.shop).await?;
    let found = referred::events(&app.db, key.shop, page.place(-1)?, page.limit()).await?;
    let columns = [
        "at",
        "kind",
        "friend_id",
        "code",
        "referrer_id",
        "reward_id",
        "member_id",
        "points",
        "doubts",
    ];
    page.answer(&columns, found, |event| place(event.place))
}

fn place((seq, nth): referred::Place) -> String {
    format!("{seq}.{nth}")
}

/// Who came through whom.
///
/// # Errors
/// As above.
#[utoipa::path(get, path = "/v1/referrals/attributions", tag = "referrals", security(("key" = [])), params(Paging), responses(
    (status = 200, body = Page<Attribution>), (status = "default", body = ApiProblem)))]
pub async fn attributions(State(app): State<Arc<App>>, key: ApiKey, asked: Asked) -> Result<Response, Refused> {
    let page = page(asked)?;
    referrals::catch_up(&app.db, key.shop).await?;
    let found = referred::attributions(&app.db, key.shop, page.place(-1)?, page.limit()).await?;
    let columns = ["member_id", "code", "referrer_id", "joined_at", "why_not", "doubts"];
    page.answer(&columns, found, |attribution| place(attribution.place))
}

/// What it brought.
///
/// # Errors
/// As above.
#[utoipa::path(get, path = "/v1/referrals/rewards", tag = "referrals", security(("key" = [])), params(Paging), responses(
    (status = 200, body = Page<Reward>), (status = "default", body = ApiProblem)))]
pub async fn rewards(State(app): State<Arc<App>>, key: ApiKey, asked: Asked) -> Result<Response, Refused> {
    let page = page(asked)?;
    Paging::one_of(page.state.as_deref(), &STATES)?;
    referrals::catch_up(&app.db, key.shop).await?;
    let (from, state) = (page.place(-1)?, page.state.as_deref());
    let found = referred::rewards(&app.db, key.shop, from, state, page.limit()).await?;
    let columns = [
        "reward_id",
        "friend_id",
        "side",
        "for",
        "member_id",
        "points",
        "state",
        "qualified_at",
        "due_at",
        "granted_at",
        "reversed_at",
        "doubts",
    ];
    page.answer(&columns, found, |reward| place(reward.place))
}
