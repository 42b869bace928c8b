//! To which shop a worker of this relay turns next, so that no shop holds up the others: not one with a hundred thousand
//! mails, and not one whose server takes the line and says nothing. What is due is handed in.

use loyalty::{ShopId, UtcMs};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Workers of one relay.
pub const WORKERS: usize = 8;
/// Beyond each shop's first worker, so many for all shops together: those whose servers are prompt.
const FURTHER: usize = 3;
/// Workers for all shops together whose servers were slow or away the last time.
const SLOW_AT_ONCE: usize = 2;
/// A server that takes longer over a mail is slow.
pub const SLOW: Duration = Duration::from_secs(3);

/// What is known of a shop's server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nothing: one worker finds out.
    #[default]
    Untried,
    /// It answered in good time.
    Prompt,
    /// It did not, or can't be reached.
    Slow,
}

#[derive(Default)]
struct Known {
    workers: usize,
    pace: Pace,
    /// When it had its last turn; 0: never.
    turn: u64,
}

#[derive(Default)]
struct Inner {
    shops: HashMap<ShopId, Known>,
    turns: u64,
}

impl Inner {
    fn may(&self, shop: ShopId) -> bool {
        let (workers, pace) = self.shops.get(&shop).map_or_else(Default::default, Known::at);
        match (workers, pace) {
            (0, Pace::Slow) => {
                let slow = |known: &&Known| known.workers > 0 && known.pace == Pace::Slow;
                self.shops.values().filter(slow).count() < SLOW_AT_ONCE
            }
            (0, _) => true,
            (_, Pace::Prompt) => {
                let further: usize = self.shops.values().map(|known| known.workers.saturating_sub(1)).sum();
                further < FURTHER
            }
            _ => false,
        }
    }
}

impl Known {
    fn at(&self) -> (usize, Pace) {
        (self.workers, self.pace)
    }
}

/// Who is at work for which shop.
#[derive(Default)]
pub struct Lanes(Mutex<Inner>);

impl Lanes {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked had only counted.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next of these shops (with the moment since when its oldest mail waits) that may have a worker: the one with the
    /// fewest, of those the one whose last turn is the longest ago.
    pub fn next(self: &Arc<Self>, due: &[(ShopId, UtcMs)]) -> Option<Lane> {
        let mut inner = self.inner();
        let rank = |(shop, since): &(ShopId, UtcMs)| {
            let known = inner.shops.get(shop);
            (known.map_or((0, 0), |known| (known.workers, known.turn)), *since)
        };
        let free = due.iter().filter(|(shop, _)| inner.may(*shop));
        let shop = free.min_by_key(|one| rank(one))?.0;
        inner.turns += 1;
        let turn = inner.turns;
        let known = inner.shops.entry(shop).or_default();
        known.workers += 1;
        known.turn = turn;
        drop(inner);
        Some(Lane {
            shop,
            lanes: self.clone(),
        })
    }
}

/// A worker's leave to be at work for a shop, until it is dropped.
pub struct Lane {
    /// Which.
    pub shop: ShopId,
    lanes: Arc<Lanes>,
}

impl Lane {
    /// How the shop's server did.
    pub fn went(&self, pace: Pace) {
        if let Some(known) = self.lanes.inner().shops.get_mut(&self.shop) {
            known.pace = pace;
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Some(known) = self.lanes.inner().shops.get_mut(&self.shop) {
            known.workers -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, proptest};
    use uuid::Uuid;

    fn shop(n: u8) -> (ShopId, UtcMs) {
        (ShopId(Uuid::from_bytes([n; 16])), UtcMs(i64::from(n)))
    }

    #[test]
    fn a_server_is_tried_by_one_and_a_prompt_one_gets_more() {
        let (lanes, one, other) = (Arc::new(Lanes::default()), shop(1), shop(2));
        let first = lanes.next(&[one]).unwrap();
        assert!(lanes.next(&[one]).is_none(), "nobody knows yet whether it answers");
        first.went(Pace::Prompt);
        let more: Vec<Lane> = std::iter::from_fn(|| lanes.next(&[one])).collect();
        assert_eq!(more.len(), FURTHER);
        // Whatever the first does, the other has a worker, and no more than that while the first has the rest.
        let others = lanes.next(&[one, other]).unwrap();
        assert!(others.shop == other.0);
        others.went(Pace::Prompt);
        assert!(lanes.next(&[one, other]).is_none());
        drop(more);
        assert!(lanes.next(&[one, other]).is_some());
    }

    #[test]
    fn slow_ones_share_few_workers() {
        let lanes = Arc::new(Lanes::default());
        let all: Vec<_> = (1..=5).map(shop).collect();
        let each: Vec<Lane> = all.iter().map(|one| lanes.next(&[*one]).unwrap()).collect();
        each.iter().for_each(|lane| lane.went(Pace::Slow));
        drop(each);
        let again: Vec<Lane> = std::iter::from_fn(|| lanes.next(&all)).collect();
        assert_eq!(again.len(), SLOW_AT_ONCE);
        // In turn: the next are others.
        let had: Vec<ShopId> = again.iter().map(|lane| lane.shop).collect();
        drop(again);
        let next: Vec<Lane> = std::iter::from_fn(|| lanes.next(&all)).collect();
        assert!(next.iter().all(|lane| !had.contains(&lane.shop)));
        assert!(lanes.next(&[shop(9)]).is_some(), "one that is not known to be slow");
    }

    #[test]
    fn shops_have_their_turns() {
        let lanes = Arc::new(Lanes::default());
        let all: Vec<_> = (1..=3).map(shop).collect();
        let turns: Vec<ShopId> = (0..6).map(|_| lanes.next(&all).unwrap().shop).collect();
        assert!(
            turns[..3] == turns[3..] && turns[0] == all[0].0,
            "the oldest mail first, then in turn"
        );
    }

    proptest! {
        #[test]
        fn a_shop_leaves_room_for_others(steps in proptest::collection::vec((any::<u8>(), 0u8..4, 0u8..4), 1..200)) {
            let lanes = Arc::new(Lanes::default());
            let mut held: Vec<Lane> = Vec::new();
            for (pick, end, pace) in steps {
                if let Some(lane) = lanes.next(&[shop(pick % 6), shop(pick / 6 % 6)]) {
                    held.push(lane);
                }
                if end > 1 && !held.is_empty() {
                    let lane = held.remove(usize::from(pick) % held.len());
                    lane.went([Pace::Prompt, Pace::Prompt, Pace::Slow, Pace::Untried][usize::from(pace)]);
                }
                let of = |n: u8| held.iter().filter(|lane| lane.shop == shop(n).0).count();
                let shops = (0..6).filter(|n| of(*n) > 0).count();
                prop_assert!(held.len() <= shops + FURTHER);
                prop_assert!((0..6).all(|n| of(n) <= 1 + FURTHER));
                // A shop that was never heard of is served as long as there is a worker.
                prop_assert!(lanes.next(&[shop(77)]).is_some());
            }
        }
    }
}
