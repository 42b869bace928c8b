//! A run that fails, made as short as it can be while it still fails: steps are left out in ever smaller pieces, then
//! faults and the network's weather are taken away one by one.

use crate::plan::Plan;
use crate::world::run;

/// How many shorter runs are tried.
const TRIES_MAX: usize = 600;

/// The shortest failing run that was found. Runs that fail in another way count too: what is short is easier to read.
#[must_use]
pub fn shrink(plan: &Plan) -> Plan {
    let mut best = plan.clone();
    let mut tries = 0;
    let mut piece = best.steps.len().div_ceil(2);
    while piece > 0 && tries < TRIES_MAX {
        let mut from = 0;
        let mut shorter = false;
        while from < best.steps.len() && tries < TRIES_MAX {
            let mut less = best.clone();
            let to = (from + piece).min(less.steps.len());
            less.steps.drain(from..to);
            tries += 1;
            if run(&less, false).failure.is_some() {
                (best, shorter) = (less, true);
            } else {
                from += piece;
            }
        }
        if !shorter || piece > 1 {
            piece /= 2;
        }
    }
    calm(best)
}

fn calm(mut best: Plan) -> Plan {
    for at in 0..best.steps.len() {
        for part in 0..2 {
            let mut less = best.clone();
            let step = &mut less.steps[at];
            match part {
                0 if step.fault.is_some() => step.fault = None,
                1 if step.rough > 0 => step.rough = 0,
                _ => continue,
            }
            if run(&less, false).failure.is_some() {
                best = less;
            }
        }
    }
    best
}
