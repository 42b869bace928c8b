//! What every request can reach: the database, the settings, the limits, who is listening.

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use super::limits::Limits;
use super::live::Live;
use crate::documents::fetch::Outside;
use crate::mail::hooks::Hooks;
use crate::settings::Settings;
use crate::store::Db;
use crate::web::Web;

/// The running relay.
pub struct App {
    /// Where shops are kept.
    pub db: Db,
    /// The settings in force.
    pub settings: Settings,
    /// How often who may ask.
    pub limits: Limits,
    /// Who waits for news of which shop.
    pub live: Live,
    /// What browsers ask for.
    pub web: Web,
    /// By whom it is told what became of mails.
    pub hooks: Hooks,
    /// How documents elsewhere are read.
    pub outside: Outside,
    /// The counters, to be shown.
    pub numbers: PrometheusHandle,
    /// Whether the relay is stopping: whoever waits for news is answered at once.
    pub stopped: watch::Receiver<bool>,
}

impl App {
    /// Puts it together.
    #[must_use]
    pub fn new(db: Db, settings: Settings, numbers: PrometheusHandle, stopped: watch::Receiver<bool>) -> Self {
        Self {
            limits: Limits::new(&settings),
            live: Live::default(),
            web: Web::start(&db, &settings),
            hooks: Hooks::default(),
            outside: Outside::new(settings.allow_private_addresses),
            db,
            settings,
            numbers,
            stopped,
        }
    }
}
