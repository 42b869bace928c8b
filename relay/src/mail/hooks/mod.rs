//! What providers tell of mails that were sent: that they came back, that their reader complained, that they arrived.
//! `POST /hooks/{shop}/bounces/{provider}`: believed by each provider's own rules, heard once, and then acted on.
//!
//! Each provider's words are read in a module of its own into [`event::Event`]s; [`hear`] does with them what is the same
//! for all.

pub mod commands;
pub mod event;
pub mod generic;
pub mod hear;
pub mod kept;
pub mod mailgun;
pub mod open;
pub mod postmark;
pub mod report;
pub mod routes;
pub mod ses;
pub mod sns;

use quick_cache::sync::Cache;
use std::sync::Arc;

use open::{Https, Open};

/// Certificates that are kept.
const CERTIFICATES: usize = 32;

/// What of the hooks lives as long as the relay.
pub struct Hooks {
    /// Opens addresses outside: SNS's certificates and its question whether messages are wanted.
    pub open: Arc<dyn Open>,
    /// SNS's certificates, by their addresses.
    pub certificates: Cache<String, Arc<sns::Certificate>>,
}

impl Hooks {
    /// With somebody who opens addresses.
    #[must_use]
    pub fn new(open: Arc<dyn Open>) -> Self {
        Self {
            open,
            certificates: Cache::new(CERTIFICATES),
        }
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self::new(Arc::new(Https::default()))
    }
}
