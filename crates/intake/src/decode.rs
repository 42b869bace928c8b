//! From a request's headers and body to what it says: who may send it, that it is JSON, and what is in it. Pure: the
//! time is handed in, nothing is kept.

use axum::http::{HeaderMap, header};
use loyalty::UtcMs;
use pos::Context;
use pos::payload::{Event, Refund, generic, own, shopify, square, stripe};
use pos::signature::{SignatureError, standard};

use crate::answer::Answer;
use crate::config::Config;

/// Which page a message came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// `/pos/sale`.
    Sale,
    /// `/pos/refund`.
    Refund,
    /// `/hooks/NAME`.
    Hook(String),
}

impl Page {
    /// Its name: `sale`, `refund`, or the hook's.
    pub fn name(&self) -> &str {
        match self {
            Self::Sale => "sale",
            Self::Refund => "refund",
            Self::Hook(name) => name,
        }
    }

    /// The sender's name in the ledger: `webhook:NAME`.
    pub fn sender(&self) -> &str {
        match self {
            Self::Sale | Self::Refund => loyalty::sale::SOURCE_POS,
            Self::Hook(name) => name,
        }
    }
}

/// Reads a message.
///
/// # Errors
/// The answer that its sender hears: 401 before anything else, 404 for a hook nobody set up, 415, 422.
pub fn decode(page: &Page, config: &Config, headers: &HeaderMap, body: &[u8], at: &At) -> Result<Event, Answer> {
    let Page::Hook(name) = page else {
        let id = signed_by_us(config, headers, body, at)?;
        json(headers)?;
        return of_own(page, id, body, &at.context);
    };
    let get = |header: &str| text(headers, header);
    let hooks = &config.hooks;
    match name.as_str() {
        "square" => {
            let square = hooks.square.as_ref().ok_or_else(Answer::not_found)?;
            pos::signature::square::verify(&texts(&square.keys.0), &square.url, get, body)?;
            json(headers)?;
            Ok(square::read(body, &at.context)?)
        }
        "shopify" => {
            let shopify = hooks.shopify.as_ref().ok_or_else(Answer::not_found)?;
            pos::signature::shopify::verify(&texts(&shopify.0), get, body)?;
            json(headers)?;
            let topic = get(shopify::TOPIC_HEADER).unwrap_or_default();
            Ok(shopify::read(topic, body, &at.context)?)
        }
        "stripe" => {
            let stripe = hooks.stripe.as_ref().ok_or_else(Answer::not_found)?;
            pos::signature::stripe::verify(&texts(&stripe.0), get, body, at.now)?;
            json(headers)?;
            Ok(stripe::read(body, &at.context)?)
        }
        name => {
            let pointers = hooks.mapped.get(name).ok_or_else(Answer::not_found)?;
            signed_by_us(config, headers, body, at)?;
            json(headers)?;
            Ok(generic::read(pointers, body, &at.context)?)
        }
    }
}

/// When and where a message is read.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Now.
    pub now: UtcMs,
    /// The shop's ways.
    pub context: Context,
}

/// Checks our own signature and answers the message's id.
fn signed_by_us<'h>(config: &Config, headers: &'h HeaderMap, body: &[u8], at: &At) -> Result<&'h str, SignatureError> {
    standard::verify(&config.secrets_at(at.now), |name| text(headers, name), body, at.now)
}

fn of_own(page: &Page, id: &str, body: &[u8], context: &Context) -> Result<Event, Answer> {
    if *page == Page::Sale {
        let (sale, rewards) = own::sale(body, context)?;
        return Ok(Event::Sale {
            sale: Box::new(sale),
            customer: None,
            rewards,
        });
    }
    let refund = own::refund(body, context)?;
    // A refund without a number of its own bears the message's, which is the same when it is sent again.
    let refund_id = refund.refund_id.clone().or_else(|| Some(id.to_owned()));
    Ok(Event::Refund(Box::new(Refund { refund_id, ..refund })))
}

fn json(headers: &HeaderMap) -> Result<(), Answer> {
    let kind = text(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    is_json.then_some(()).ok_or_else(Answer::not_json)
}

/// A header that is there once; said twice it is as if it were not there: which one counts?
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}

fn texts(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}
