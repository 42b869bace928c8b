//! Every state of the models within their bounds, counted: a change of a model shows in its count.

use model::Bounds;
use model::lost::Lost;
use model::rights::{Move, Rights};
use stateright::{Checker, HasDiscoveries, Model};

/// Checks all of a model and answers how many states it has.
fn all_of<M>(model: M) -> usize
where
    M: Model + Send + Sync + 'static,
    M::State: Send + Sync + Clone + PartialEq + std::fmt::Debug + std::hash::Hash,
    M::Action: Send + Sync + Clone + PartialEq + std::fmt::Debug,
{
    let checked = model.checker().threads(2).spawn_bfs().join();
    assert!(checked.is_done(), "it stopped before the end");
    checked.assert_properties();
    checked.unique_state_count()
}

const WIDE: Bounds = Bounds {
    earn_max: 3,
    spend_max: 4,
    moves_max: 4,
};

#[test]
fn two_tills_and_a_relay_hold() {
    let rights = Rights::<2> {
        bounds: WIDE,
        reclaims_by_time: false,
    };
    assert_eq!(all_of(rights), 225_714);
}

#[test]
fn three_tills_hold_within_a_smaller_bound() {
    let rights = Rights::<3> {
        bounds: Bounds {
            earn_max: 3,
            spend_max: 4,
            moves_max: 4,
        },
        reclaims_by_time: false,
    };
    assert_eq!(all_of(rights), 3_454_918);
}

/// The order of what goes wrong is part of the documentation: nobody may put the timer back.
#[test]
fn taking_rights_back_by_time_alone_overdraws_in_six_steps() {
    const OVERDRAWN: &str = "no more is redeemed than was earned";
    let rejected = Rights::<2> {
        bounds: WIDE,
        reclaims_by_time: true,
    };
    let within = |moves: usize| {
        let checker = rejected.checker().finish_when(HasDiscoveries::AnyFailures);
        // The state before the first move is at depth one, and what is as deep as the limit is not looked at.
        checker.target_max_depth(moves + 2).spawn_bfs().join()
    };
    within(5).assert_no_discovery(OVERDRAWN);
    let (a, b) = (0, 1);
    let path = vec![
        Move::Earn { till: a },
        Move::Sync {
            till: a,
            answered: false,
        },
        Move::Redeem { till: a, points: 1 },
        Move::ReclaimByTime { till: a },
        Move::Acquire {
            till: b,
            answered: true,
        },
        Move::Redeem { till: b, points: 1 },
    ];
    within(6).assert_discovery(OVERDRAWN, path);
}

#[test]
fn suspense_alone_never_overdraws() {
    let lost = Lost::<2> {
        bounds: Bounds {
            earn_max: 3,
            spend_max: 5,
            moves_max: 3,
        },
        releases: false,
    };
    assert_eq!(all_of(lost), 40_033);
}

#[test]
fn after_a_release_the_loss_stays_within_what_was_released() {
    let lost = Lost::<2> {
        bounds: Bounds {
            earn_max: 3,
            spend_max: 5,
            moves_max: 3,
        },
        releases: true,
    };
    assert_eq!(all_of(lost), 132_893);
}

#[test]
fn three_tills_and_a_lost_one_hold_within_a_smaller_bound() {
    let lost = Lost::<3> {
        bounds: Bounds {
            earn_max: 3,
            spend_max: 3,
            moves_max: 3,
        },
        releases: true,
    };
    assert_eq!(all_of(lost), 1_855_878);
}
