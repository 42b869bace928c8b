//! `cargo xtask simulate`: runs seeds, one after another, until one fails; then makes that one short and tells how it
//! goes. What is simulated is in the library.

use clap::Parser;
use sim::{Plan, Size, run, shrink};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Simulates shops of several tills.
#[derive(Parser)]
struct Args {
    /// Only this seed, and tell what happens
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Steps of each
    #[arg(long, default_value_t = 1000)]
    ops: usize,
    /// Let older copies of the relay's database come back too (see docs/simulation.md)
    #[arg(long)]
    relay_restores: bool,
    /// Threads
    #[arg(long, default_value_t = 1)]
    jobs: u64,
    /// Stop after so many seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// Say which seed failed and how, and no more
    #[arg(long)]
    brief: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let size = Size {
        ops: args.ops,
        relay_restores: args.relay_restores,
    };
    if let Some(seed) = args.seed {
        let outcome = run(&Plan::of(seed, size), true);
        outcome.trace.iter().for_each(|line| println!("{line}"));
        println!("trace {}", outcome.hash);
        return match outcome.failure {
            None => ExitCode::SUCCESS,
            Some(_) => {
                explain(seed, size);
                ExitCode::FAILURE
            }
        };
    }
    let began = Instant::now();
    let (next, ran, log) = (AtomicU64::new(args.from), AtomicU64::new(0), AtomicU64::new(0));
    let (stop, failed) = (AtomicBool::new(false), AtomicU64::new(0));
    let work = || {
        let end = args.from + args.seeds;
        let late = || args.seconds.is_some_and(|s| began.elapsed() > Duration::from_secs(s));
        while !stop.load(Ordering::SeqCst) && !late() {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if seed >= end {
                return;
            }
            let outcome = run(&Plan::of(seed, size), false);
            ran.fetch_add(1, Ordering::SeqCst);
            log.fetch_add(u64::try_from(outcome.log).unwrap_or(0), Ordering::SeqCst);
            if let Some(failure) = outcome.failure {
                println!("seed {seed}: {failure}");
                failed.store(seed, Ordering::SeqCst);
                stop.store(true, Ordering::SeqCst);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs {
            scope.spawn(work);
        }
    });
    let (ran, took) = (ran.load(Ordering::SeqCst), began.elapsed().as_secs_f64());
    let an_hour = f64::from(u32::try_from(ran).unwrap_or(u32::MAX)) * 3600.0 / took;
    println!(
        "{ran} seeds of {} steps in {took:.1} s ({an_hour:.0} an hour), {} operations in the shops' logs",
        args.ops,
        log.load(Ordering::SeqCst)
    );
    if !stop.load(Ordering::SeqCst) {
        println!("all is well");
        return ExitCode::SUCCESS;
    }
    if !args.brief {
        explain(failed.load(Ordering::SeqCst), size);
    }
    ExitCode::FAILURE
}

/// Makes a failing seed short and tells how it goes.
fn explain(seed: u64, size: Size) {
    println!("making seed {seed} short …");
    let short = shrink(&Plan::of(seed, size));
    let outcome = run(&short, true);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    println!(
        "{} steps are left. Run it whole with: cargo xtask simulate --seed {seed} --ops {}",
        short.steps.len(),
        size.ops
    );
}
