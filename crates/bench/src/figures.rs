//! Figures: percentiles of a round, medians over rounds, and the table.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// One figure. Also the shape of what the window tests leave: a list of these.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// `us` (a time) or `MiB`: less is better; `per_s` (a rate): more is better.
    pub unit: Cow<'static, str>,
    /// The median over the rounds of each round's median; for a rate, the rate.
    pub p50: f64,
    /// Likewise; absent for a rate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99: Option<f64>,
    /// Likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p999: Option<f64>,
    /// What it is compared with, by name; none for a baseline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub against: Option<String>,
    /// `p50` divided by the baseline's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ratio: Option<f64>,
}

impl Figure {
    /// A time, from rounds of samples.
    pub fn time(name: &str, rounds: &mut [Vec<Duration>]) -> Self {
        for round in rounds.iter_mut() {
            round.sort_unstable();
        }
        let at = |per_mille: usize| {
            let of_round = |r: &Vec<Duration>| r[(r.len() * per_mille / 1000).min(r.len() - 1)].as_secs_f64() * 1e6;
            median(rounds.iter().map(of_round).collect())
        };
        Self {
            name: name.to_owned(),
            unit: "us".into(),
            p50: at(500),
            p99: Some(at(990)),
            p999: Some(at(999)),
            against: None,
            ratio: None,
        }
    }

    /// A rate, from one value a round.
    pub fn rate(name: &str, rounds: Vec<f64>) -> Self {
        Self {
            name: name.to_owned(),
            unit: "per_s".into(),
            p50: median(rounds),
            p99: None,
            p999: None,
            against: None,
            ratio: None,
        }
    }

    /// The same, beside a baseline.
    pub fn against(mut self, baseline: &Figure) -> Self {
        self.ratio = Some(self.p50 / baseline.p50);
        self.against = Some(baseline.name.clone());
        self
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// For people.
pub fn table(figures: &[Figure]) -> String {
    let number = |n: Option<f64>| {
        n.map_or_else(String::new, |n| {
            if n < 100.0 {
                format!("{n:.1}")
            } else {
                format!("{n:.0}")
            }
        })
    };
    let mut text = String::from(
        "| what | unit | p50 | p99 | p99.9 | ratio | to |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for f in figures {
        let ratio = f.ratio.map_or_else(String::new, |r| format!("{r:.2}"));
        let unit = match f.unit.as_ref() {
            "us" => "µs",
            "per_s" => "/s",
            other => other,
        };
        text += &format!(
            "| {} | {unit} | {} | {} | {} | {ratio} | {} |\n",
            f.name,
            number(Some(f.p50)),
            number(f.p99),
            number(f.p999),
            f.against.as_deref().unwrap_or_default()
        );
    }
    text
}
