//! A shop's side of the web: its links and the clicks on them. What is stored of it is in `store`; the tills' protocol
//! is in `api`.

pub mod change;
pub mod click;
pub mod code;
pub mod commands;
pub mod cookie;
pub mod enrol;
pub mod house;
pub mod join;
pub mod landing;
pub mod links;
pub mod me;
pub mod me_in;
pub mod me_words;
pub mod pages;
pub mod visitor;
pub mod words;
pub mod writer;

use std::sync::Arc;
use tokio::sync::watch;

use crate::settings::{Settings, authority};
use crate::store::Db;

/// What of the web side lives as long as the relay.
pub struct Web {
    /// Where links lead.
    pub links: links::Links,
    /// Clicks on their way to the database.
    pub clicks: writer::Writer,
    /// Today's key of the visitors' hashes.
    pub keys: visitor::Keys,
    /// What is counted of clicks.
    pub counted: click::Counted,
    /// Whether browsers come over TLS.
    pub tls: bool,
}

impl Web {
    /// Starts it.
    #[must_use]
    pub fn start(db: &Db, settings: &Settings) -> Self {
        Self {
            links: links::Links::new(authority(&settings.public_url)),
            clicks: writer::Writer::start(db),
            keys: visitor::Keys::default(),
            counted: click::Counted::default(),
            tls: settings.public_url.starts_with("https:"),
        }
    }
}

/// Does what must be done from time to time, until the relay stops.
pub async fn keep(app: Arc<crate::serve::app::App>, stopped: watch::Receiver<bool>) {
    tokio::join!(links::follow(app.clone(), stopped.clone()), house::keep(app, stopped));
}
