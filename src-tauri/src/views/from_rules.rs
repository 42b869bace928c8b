//! From held sales, checked documents and back-tests to what the windows see. Lossless but for numbers beyond `i32`.

use ledger::{Decided, Held, Member};
use loyalty::backtest::{Change, Month, Report, Side};
use loyalty::rules::{self, RuleError as Error, Rules};
use loyalty::{Phone, UtcMs};

use super::{
    BacktestMember, BacktestMonth, BacktestReport, BacktestSide, DecidedSale, HeldSale, RuleError, RulesCheck,
    SOURCE_COUNTER, small,
};

impl RulesCheck {
    /// A document without errors: what it does, in plain words, and how it is written properly.
    pub fn sound(rules: &Rules, formatted: Option<String>) -> Self {
        Self {
            errors: Vec::new(),
            summary: rules::summary(rules),
            formatted,
            tiers: rules.tiers().map(|tier| tier.name.clone()).collect(),
        }
    }

    /// A document with errors.
    pub fn with_errors(errors: Vec<Error>) -> Self {
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let errors = errors.into_iter().map(|error| RuleError {
            line: count(error.line),
            column: count(error.column),
            length: count(error.length),
            expected: error.expected,
            suggestion: error.suggestion,
        });
        Self {
            errors: errors.collect(),
            summary: Vec::new(),
            formatted: None,
            tiers: Vec::new(),
        }
    }
}

/// A sale's number as people know it.
fn number(source: &str, sale_id: &str) -> Option<String> {
    (source != SOURCE_COUNTER).then(|| sale_id.to_owned())
}

fn last_four(phone: Option<String>) -> String {
    phone
        .map(Phone::trusted)
        .map(|phone| phone.last_four().to_owned())
        .unwrap_or_default()
}

impl HeldSale {
    /// A sale that waits, the code of whose it is, and on whose word it came in.
    pub fn of(member_code: String, by_name: String, held: Held) -> Self {
        Self {
            number: number(&held.source, &held.sale_id),
            source: held.source,
            sale_id: held.sale_id,
            member_id: held.member.to_string(),
            member_code,
            member_name: held.member_name,
            member_last4: last_four(held.phone),
            total_minor: small(held.total_minor),
            points: small(held.points),
            reasons: held.reasons,
            occurred_at: held.occurred_at.rfc3339(),
            held_at: held.held_at.rfc3339(),
            by_name,
        }
    }
}

impl DecidedSale {
    /// A sale that was decided, and the code of whose it is.
    pub fn of(member_code: String, decided: Decided) -> Self {
        Self {
            number: number(&decided.source, &decided.sale_id),
            source: decided.source,
            sale_id: decided.sale_id,
            member_id: decided.member.to_string(),
            member_code,
            member_name: decided.member_name,
            member_last4: last_four(decided.phone),
            total_minor: small(decided.total_minor),
            approved: decided.entry.is_some(),
            points: small(decided.points),
            reasons: decided.reasons,
            occurred_at: decided.occurred_at.rfc3339(),
            decided_at: decided.at.rfc3339(),
            decided_by: decided.by_name,
            entry_id: decided.entry.map(|entry| entry.to_string()),
            taken_back: decided.taken_back,
        }
    }
}

impl From<&Side> for BacktestSide {
    fn from(side: &Side) -> Self {
        Self {
            points: small(side.points),
            stamps: small(side.stamps),
            cost_minor: side.cost_minor.map(small),
            skip: small(side.skip),
            add: small(side.add),
            add_reward: small(side.add_reward),
            hold: small(side.hold),
        }
    }
}

impl From<&Month> for BacktestMonth {
    fn from(month: &Month) -> Self {
        Self {
            month: month.month.clone(),
            sales: small(month.sales),
            points_then: small(month.points_then),
            points_now: small(month.points_now),
            held_then: small(month.held_then),
            held_now: small(month.held_now),
        }
    }
}

impl BacktestMember {
    /// Who gains or loses, by name where they are still there.
    pub fn of(change: &Change, member: Option<Member>) -> Self {
        let last4 = member
            .as_ref()
            .and_then(|m| m.phone.as_ref())
            .map(|p| p.last_four().to_owned());
        let (name, code) = member.map(|m| (m.name, m.code)).unwrap_or_default();
        Self {
            member_id: change.member.to_string(),
            code,
            name,
            last4: last4.unwrap_or_default(),
            then: small(change.then),
            now: small(change.now),
        }
    }
}

impl BacktestReport {
    /// A comparison with its members by name.
    pub fn of(report: &Report, winners: Vec<BacktestMember>, losers: Vec<BacktestMember>, took_ms: i32) -> Self {
        Self {
            sales: small(report.sales),
            walk_ins: small(report.walk_ins),
            from: report.from.map(UtcMs::rfc3339),
            to: report.to.map(UtcMs::rfc3339),
            then: (&report.then).into(),
            now: (&report.now).into(),
            different: small(report.different),
            gain: small(report.gain),
            lose: small(report.lose),
            same: small(report.same),
            winners,
            losers,
            months: report.months.iter().map(BacktestMonth::from).collect(),
            took_ms,
        }
    }
}
