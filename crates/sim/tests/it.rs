//! Some hundred seeds, each a shop of several tills where things go wrong; and that a seed always gives the same run.
//! `cargo xtask simulate` runs more of them, longer and faster.

use sim::{Plan, Size, run};

/// How many seeds, and how long: about a minute on two cores without optimisation.
const SEEDS: u64 = 150;
const OPS: usize = 150;
const SIZE: Size = Size {
    ops: OPS,
    relay_restores: false,
};

#[test]
fn nothing_is_lost_doubled_or_overdrawn() {
    let next = std::sync::atomic::AtomicU64::new(1);
    let work = || {
        loop {
            let seed = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if seed > SEEDS {
                return;
            }
            let failure = run(&Plan::of(seed, SIZE), false).failure;
            assert!(
                failure.is_none(),
                "seed {seed}: {}\ncargo xtask simulate --seed {seed} --ops {OPS}",
                failure.unwrap_or_default()
            );
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}

/// Each of them failed once; docs/simulation.md says why.
#[test]
fn what_failed_once_fails_no_more() {
    for (seed, ops, relay_restores) in [
        (500_447, 200, false),
        (602_048, 200, false),
        (3, 300, true),
        (7, 150, true),
    ] {
        let failure = run(&Plan::of(seed, Size { ops, relay_restores }), false).failure;
        assert_eq!(failure, None, "seed {seed}");
    }
}

#[test]
fn a_seed_always_gives_the_same_run() {
    for seed in [3, 7, 11] {
        let plan = Plan::of(seed, Size { ops: 300, ..SIZE });
        let (first, second) = (run(&plan, false), run(&plan, true));
        assert_eq!(first.hash, second.hash, "seed {seed}");
        assert!(second.trace.len() > 300, "the trace can be read");
    }
}
