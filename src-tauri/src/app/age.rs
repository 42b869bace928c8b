//! How old what this till shows may be: of a shop with several tills, one that is cut off, or that nobody has heard of
//! for a while, may have done what is not here.

use ledger::Store;
use loyalty::{MemberId, UtcMs};

use super::App;
use crate::views::{AsOf, small};

/// A till that is connected is heard of far more often.
const UNSEEN_MS: i64 = 5 * 60_000;

impl App {
    /// Since when a member's balance may be old; none where it is as good as this till can know.
    pub(super) fn as_of(store: &Store, member: MemberId) -> ledger::Result<Option<AsOf>> {
        let Some(relay) = store.relay()? else { return Ok(None) };
        let (now, here) = (store.now(), store.shop().till_id);
        let tills = store.tills()?;
        if !tills.iter().any(|till| till.till != here && !till.revoked) {
            return Ok(None);
        }
        let old = |at: &UtcMs| now.0 - at.0 > UNSEEN_MS;
        if let Some(at) = relay.synced_at.filter(old) {
            return Ok(Some(as_of(at, now, None)));
        }
        // When another till was seen is told by the relay's clock; here it is shown by this till's.
        let ahead = tills
            .iter()
            .find(|till| till.till == here)
            .map_or(0, |till| till.skew_ms);
        let unseen = store.tills_holding(member)?.into_iter().find_map(|till| {
            let at = till.seen_at.map(|at| UtcMs(at.0 + ahead)).filter(old)?;
            Some(as_of(at, now, Some(till.name)))
        });
        Ok(unseen)
    }
}

fn as_of(at: UtcMs, now: UtcMs, till: Option<String>) -> AsOf {
    AsOf {
        at: at.rfc3339(),
        unseen_min: small((now.0 - at.0) / 60_000),
        till,
    }
}
