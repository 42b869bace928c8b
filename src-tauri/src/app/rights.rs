//! Where a member's points are, for the card; the owner's limits for tills that are cut off. What has to be
//! settled afterwards is in `conflicts`.

use ledger::{Actor, Store};
use link::TillsRequest;
use loyalty::{AwayRules, MemberId, Origin, Permission, Points, UtcMs};

use super::desk::Signed;
use super::{Answer, App, id};
use crate::views::{Approval, AwayLimits, PointsAt, RelayWay, small};

/// A till that is connected is heard of far more often.
const NEAR_MS: i64 = 5 * 60_000;

impl App {
    /// Whether the relay would be asked for more points now, and who has those that are not here.
    pub(super) fn points_at(&self, store: &Store, member: MemberId) -> Answer<(bool, Vec<PointsAt>)> {
        let Some(relay) = self.relay_state(store) else {
            return Ok((false, Vec::new()));
        };
        let asks = matches!(relay.way, RelayWay::InSync | RelayWay::Waiting);
        let (here, now) = (store.shop().till_id, store.now());
        let held = self.told(store.holders(member))?.held.into_iter();
        let elsewhere = held.filter(|held| held.holder != here && held.points > 0);
        let all = elsewhere.map(|held| {
            let relay = held.holder == Origin::RELAY;
            PointsAt {
                relay,
                points: small(held.points),
                near: relay || held.seen_at.is_some_and(|at| now.0 - at.0 <= NEAR_MS),
                seen_at: held.seen_at.map(UtcMs::rfc3339),
                lost: held.suspended,
                till: held.name,
            }
        });
        Ok((asks, all.collect()))
    }

    /// Who allows a redemption above a limit: who is signed in, or a manager who has given their PIN; nobody below one.
    pub(super) fn approver(&self, store: &Store, signed: &Signed, by: Option<&Approval>) -> Answer<Option<Actor>> {
        let Some(by) = by else {
            let actor = signed.actor();
            return Ok(Permission::Adjust.held_by(actor.role).then_some(actor));
        };
        let manager = self.check_pin(store, id("staff_id", &by.staff_id)?, &by.pin)?.actor();
        self.told(manager.must(Permission::Adjust))?;
        Ok(Some(manager))
    }

    /// How the shop's tills go on redeeming while they are cut off; None for a shop without a relay.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn away_limits(&self) -> Answer<Option<AwayLimits>> {
        let (store, _) = self.owning()?;
        if self.told(store.relay())?.is_none() {
            return Ok(None);
        }
        let rules = self.told(store.away_rules())?;
        Ok(Some(AwayLimits {
            days: small(rules.days),
            per_member: rules.per_member.map(small),
            in_all: rules.in_all.map(small),
            pin_above: rules.pin_above.map(small),
        }))
    }

    /// Changes it, for all tills of the shop.
    ///
    /// # Errors
    /// `bad_points` for numbers that can't be; `locked`; the machine's.
    pub fn away_limits_set(&self, op_id: &str, limits: &AwayLimits) -> Answer<()> {
        let (store, owner) = self.owning()?;
        let before = self.told(store.away_rules())?;
        let cap = |points: Option<i32>| points.map(Points::from);
        let rules = AwayRules {
            days: i64::from(limits.days),
            per_member: cap(limits.per_member),
            in_all: cap(limits.in_all),
            pin_above: cap(limits.pin_above),
            opens_first: before.opens_first,
        };
        if rules == before {
            return Ok(());
        }
        self.written(store.set_away_rules(id("op_id", op_id)?, owner.actor(), rules))
    }

    /// Asks the relay as an owner, and takes what it wrote, so that the window shows it.
    pub(super) fn ask_relay(&self, store: &Store, request: &TillsRequest) -> Answer<()> {
        let secrets = self.vault.another()?;
        self.linked(link::tills(store, &secrets, request))?;
        let line = self.linked(link::Client::of_till(store, &secrets))?;
        // Where the answer is lost, the line asks again by itself.
        let _ = link::round(store, &line, &mut link::Report::default(), |_| {});
        self.line.hurry();
        Ok(())
    }

    /// What so many points cost the shop at most, by the costs that the rules in force state.
    pub(super) fn cost_of(&self, store: &Store, points: Points) -> Answer<Option<i32>> {
        let published = self.told(store.rules())?;
        let costed = published.rules.rewards().iter().filter_map(|reward| {
            let cost = reward.cost?.minor;
            (reward.points > 0).then(|| points.saturating_mul(cost) / reward.points)
        });
        Ok(costed.max().map(small))
    }
}
