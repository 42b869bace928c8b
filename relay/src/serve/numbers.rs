//! The counters that Prometheus reads: their names, what they count, and how they are shown.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Requests by route, method and status.
pub const REQUESTS: &str = "regulars_relay_requests_total";
/// How long they took, by route.
pub const SECONDS: &str = "regulars_relay_request_seconds";
/// Refusals by code.
pub const REFUSED: &str = "regulars_relay_refused_total";
/// Operations taken from tills.
pub const TAKEN: &str = "regulars_relay_operations_taken_total";
/// Operations that came again.
pub const AGAIN: &str = "regulars_relay_operations_again_total";
/// Operations given to tills.
pub const GIVEN: &str = "regulars_relay_operations_given_total";
/// What happened twice in a shop and was settled, by what it was.
pub const SETTLED: &str = "regulars_relay_settled_total";
/// Points that tills asked for, by what came of it.
pub const ACQUIRED: &str = "regulars_relay_acquired_points_total";
/// Points that lost tills put into suspense, that owners released of it, and that shops lost.
pub const LOST: &str = "regulars_relay_lost_points_total";
/// Clicks on links, by whose they were.
pub const CLICKS: &str = "regulars_relay_clicks_total";
/// Groups in which clicks were written.
pub const CLICK_GROUPS: &str = "regulars_relay_click_groups_total";
/// Mails by how they ended.
pub const MAILS: &str = "regulars_relay_mails_total";
/// Mails that should have gone and have not.
pub const MAIL_WAITING: &str = "regulars_relay_mails_waiting";
/// For how many seconds the oldest of them has waited.
pub const MAIL_OLDEST: &str = "regulars_relay_mail_oldest_seconds";
/// Tills that wait for news.
pub const WAITING: &str = "regulars_relay_waiting";

/// Answers at the edge of these are told apart.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Starts counting, once in a process.
///
/// # Errors
/// Where the process counts already.
pub fn start() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.into()), BUCKETS);
    let handle = builder
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| error.to_string())?;
    describe_counter!(REQUESTS, "Requests by route, method and status");
    describe_histogram!(SECONDS, Unit::Seconds, "How long requests took, by route");
    describe_counter!(REFUSED, "Refusals by code");
    describe_counter!(TAKEN, "Operations taken from tills");
    describe_counter!(AGAIN, "Operations that tills sent again");
    describe_counter!(GIVEN, "Operations given to tills");
    describe_counter!(SETTLED, "What was done twice in a shop and was settled, by what it was");
    describe_counter!(
        ACQUIRED,
        "Points that tills asked for: granted at once, granted after a recall, missing"
    );
    describe_counter!(LOST, "Points of lost tills: suspended, released, settled");
    describe_counter!(CLICKS, "Clicks on links, by whose they were");
    describe_counter!(CLICK_GROUPS, "Groups in which clicks were written");
    describe_counter!(
        MAILS,
        "Mails: sent, refused, put off by the server, cancelled, of unknown fate"
    );
    describe_gauge!(MAIL_WAITING, "Mails that should have gone and have not");
    describe_gauge!(MAIL_OLDEST, Unit::Seconds, "For how long the oldest of them has waited");
    describe_gauge!(WAITING, "Tills that wait for news");
    describe_gauge!("regulars_relay_connections", "Connections");
    Ok(handle)
}

/// Counters that nothing counts.
#[must_use]
pub fn uncounted() -> PrometheusHandle {
    PrometheusBuilder::new().build_recorder().handle()
}
