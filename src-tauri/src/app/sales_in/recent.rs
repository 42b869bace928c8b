//! What came in since the app was started: the last of it, and how much. In memory only: whoever may send anything to
//! an open port must not make the disk write for it.

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};

use imports::Noticed;
use intake::{Arrival, Outcome};
use loyalty::UtcMs;

use crate::app::lock;
use crate::views::{Arrived, ArrivedOutcome, small};

/// How many are kept.
const KEPT_MAX: usize = 100;

type Tell = Box<dyn Fn() + Send + Sync>;

/// The last arrivals, newest first.
#[derive(Default)]
pub struct Recent {
    all: Mutex<Kept>,
    tell: OnceLock<Tell>,
}

#[derive(Default)]
struct Kept {
    list: VecDeque<Arrived>,
    taken: i64,
    refused: i64,
    folder_trouble: Option<String>,
}

impl Recent {
    /// Who is told that something came. The first one stays.
    pub fn tells(&self, tell: impl Fn() + Send + Sync + 'static) {
        let _ = self.tell.set(Box::new(tell));
    }

    /// A message came and was answered.
    pub fn came(&self, arrival: Arrival) {
        self.add(of_arrival(arrival));
    }

    /// The watched folder has something to say.
    pub fn noticed(&self, noticed: Noticed) {
        match noticed {
            Noticed::File(file) => {
                let points = file.report.as_ref().map_or(0, |report| report.tally.points);
                let clean = file.report.as_ref().is_some_and(|report| report.rejected.is_empty());
                let outcome = if clean {
                    ArrivedOutcome::File
                } else {
                    ArrivedOutcome::ToFix
                };
                self.add(Arrived {
                    words: file.words,
                    points: small(points),
                    ..arrived(file.at, "file", file.file, outcome)
                });
            }
            Noticed::Trouble(e) => self.folder_is(Some(e.to_string())),
            Noticed::Well => self.folder_is(None),
        }
    }

    /// What is wrong with the watched folder.
    pub fn folder_is(&self, trouble: Option<String>) {
        lock(&self.all).folder_trouble = trouble;
    }

    /// What is wrong with the watched folder.
    pub fn folder_trouble(&self) -> Option<String> {
        lock(&self.all).folder_trouble.clone()
    }

    /// How many were taken and refused, and the last of them.
    pub fn view(&self) -> (i32, i32, Vec<Arrived>) {
        let all = lock(&self.all);
        (small(all.taken), small(all.refused), all.list.iter().cloned().collect())
    }

    fn add(&self, one: Arrived) {
        {
            let mut all = lock(&self.all);
            if one.outcome == ArrivedOutcome::Refused {
                all.refused += 1;
            } else {
                all.taken += 1;
            }
            all.list.push_front(one);
            all.list.truncate(KEPT_MAX);
        }
        if let Some(tell) = self.tell.get() {
            tell();
        }
    }
}

fn arrived(at: UtcMs, page: &str, name: String, outcome: ArrivedOutcome) -> Arrived {
    Arrived {
        at: at.rfc3339(),
        page: page.to_owned(),
        name,
        outcome,
        points: 0,
        code: String::new(),
        words: String::new(),
        fields: Vec::new(),
    }
}

fn of_arrival(arrival: Arrival) -> Arrived {
    let name = arrival.sale_id.unwrap_or_default();
    let of = |outcome| arrived(arrival.at, &arrival.page, name, outcome);
    match arrival.outcome {
        Outcome::Sale { duplicate: true, .. } | Outcome::Refund { duplicate: true, .. } => {
            of(ArrivedOutcome::Duplicate)
        }
        Outcome::Sale { walk_in: true, .. } => of(ArrivedOutcome::WalkIn),
        Outcome::Sale { move_, points, .. } => Arrived {
            points: small(points),
            ..of(match move_.as_str() {
                "hold" => ArrivedOutcome::Held,
                "skip" => ArrivedOutcome::Skipped,
                _ => ArrivedOutcome::Sale,
            })
        },
        Outcome::Refund { points, .. } => Arrived {
            points: small(points),
            ..of(ArrivedOutcome::Refund)
        },
        Outcome::Ignored(_) => of(ArrivedOutcome::Ignored),
        Outcome::Refused {
            code, message, fields, ..
        } => Arrived {
            code,
            words: message,
            fields,
            ..of(ArrivedOutcome::Refused)
        },
    }
}
