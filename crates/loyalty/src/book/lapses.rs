//! Members who stay away, in the book: what was chosen and done, each by its operation. Who stays away follows from visits
//! and time, and is no state of its own.

use std::collections::BTreeMap;

use crate::UtcMs;
use crate::hlc::Hlc;
use crate::ids::{MemberId, OpId};
use crate::lapsing::{Acted, Choice, Chosen, Usual};
use crate::state::{self, row};

/// What was chosen and done.
#[derive(Clone, Debug, Default)]
pub(super) struct Lapses {
    usual: Option<(Hlc, OpId, Usual)>,
    chosen: BTreeMap<MemberId, (Hlc, OpId, UtcMs, Option<Choice>)>,
    acts: BTreeMap<OpId, (UtcMs, Acted)>,
}

impl Lapses {
    pub fn set(&mut self, op: OpId, clock: Hlc, usual: Usual) {
        if self.usual.is_none_or(|(last, by, _)| (last, by) < (clock, op)) {
            self.usual = Some((clock, op, usual));
        }
    }

    pub fn chosen(&mut self, op: OpId, at: UtcMs, chosen: &Chosen) {
        let now = (chosen.clock, op, at, chosen.choice);
        let last = self.chosen.entry(chosen.member).or_insert(now);
        if (last.0, last.1) < (now.0, now.1) {
            *last = now;
        }
    }

    pub fn acted(&mut self, op: OpId, at: UtcMs, acted: &Acted) {
        self.acts.insert(op, (at, *acted));
    }

    pub fn rows(&self, section: &str) -> Vec<String> {
        match section {
            "usual" => {
                let rows = self.usual.iter();
                rows.map(|(clock, op, usual)| row(section, &state::Usual(*clock, *op, *usual)))
                    .collect()
            }
            "choice" => {
                let rows = self.chosen.iter();
                rows.map(|(m, (clock, op, at, choice))| row(section, &state::Chosen(*m, *clock, *op, *at, *choice)))
                    .collect()
            }
            _ => {
                let rows = self.acts.iter();
                rows.map(|(op, (at, acted))| row(section, &state::LapsingAct(*op, *at, *acted)))
                    .collect()
            }
        }
    }
}
