//! The rules in the owner's window: checking, completing, publishing and taking back a document, trying it on a sale,
//! and testing it on the shop's past.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use ledger::{Key, Progress, Store};
use loyalty::backtest::Change;
use loyalty::rules::{self, Rules};
use loyalty::{Code, Item, Money, Refusal};

use super::{Answer, App, id, lock};
use crate::views::{
    BacktestMember, BacktestProgress, BacktestReport, OwnerContext, Preview, RulesCheck, Tried, TryItem, TrySale, small,
};

/// A window hears of a back-test's progress after so many sales: a hundred times a second at most.
pub(super) const STEP: i64 = 2048;
/// More lines than a receipt has.
const ITEMS_MAX: usize = 50;

impl App {
    /// Reads a rules document.
    ///
    /// # Errors
    /// `locked`.
    pub fn rules_check(&self, text: &str) -> Answer<RulesCheck> {
        let (store, _) = self.owning()?;
        let currency = store.shop().currency;
        Ok(match Rules::parse(text, currency) {
            Ok(rules) => RulesCheck::sound(&rules, rules::format(text, currency).ok()),
            Err(errors) => RulesCheck::with_errors(errors),
        })
    }

    /// What can be written at a place of a document: line and column from 1, the column in characters.
    ///
    /// # Errors
    /// `locked`.
    pub fn rules_complete(&self, text: &str, line: i32, column: i32) -> Answer<Vec<String>> {
        let (store, _) = self.owning()?;
        let place = |n: i32| usize::try_from(n.max(1)).unwrap_or(1);
        Ok(rules::complete(text, place(line), place(column), store.shop().currency))
    }

    /// Puts a rules document in force.
    ///
    /// # Errors
    /// `bad_rules`; `locked`; the machine's.
    pub fn rules_publish(&self, op_id: &str, text: &str) -> Answer<OwnerContext> {
        let (store, owner) = self.owning()?;
        let op = id("op_id", op_id)?;
        self.written(store.publish_rules(op, owner.by(), text.to_owned()))?;
        self.owner_context()
    }

    /// Puts the text of an older version in force again, as a new version.
    ///
    /// # Errors
    /// `missing` where there is no such version; `bad_rules`; `locked`; the machine's.
    pub fn rules_roll_back(&self, op_id: &str, version: i32) -> Answer<OwnerContext> {
        let (store, owner) = self.owning()?;
        let op = id("op_id", op_id)?;
        self.written(store.roll_back_rules(op, owner.by(), i64::from(version)))?;
        self.owner_context()
    }

    /// What a draft and the rules in force would make of a sale. Nothing is recorded.
    ///
    /// # Errors
    /// `bad_amount`, `bad_items`, `bad_time`, each with its field; `unknown_member`; `locked`; the machine's.
    pub fn rules_try(&self, draft: &str, sale: &TrySale) -> Answer<Tried> {
        let (store, _) = self.owning()?;
        let sale = typed(&store, sale)?;
        let draft = Rules::parse(draft, store.shop().currency).ok();
        let tried = |rules: Option<&Rules>| self.told(store.try_sale(rules, &sale)).map(Preview::from);
        Ok(Tried {
            draft: draft.as_ref().map(|rules| tried(Some(rules))).transpose()?,
            in_force: tried(None)?,
        })
    }

    /// What a draft would have made of the shop's past; None where it was stopped. `hear` is told how far it is.
    /// Another one, and the window's closing, stop it.
    ///
    /// # Errors
    /// `bad_rules`; `locked`; the machine's.
    pub fn rules_backtest(&self, draft: &str, hear: impl Fn(BacktestProgress)) -> Answer<Option<BacktestReport>> {
        let (store, _) = self.owning()?;
        let draft = Rules::parse(draft, store.shop().currency).map_err(ledger::Error::Rules)?;
        let stop = self.next_backtest();
        let started = Instant::now();
        let watch = |progress: Progress| {
            if progress.done % STEP == 0 || progress.done == progress.of {
                hear(BacktestProgress {
                    done: small(progress.done),
                    of: small(progress.of),
                });
            }
            if stop.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let Some(report) = self.told(store.backtest(&draft, watch))? else {
            return Ok(None);
        };
        let named = |list: &[Change]| list.iter().map(|change| self.named(&store, change)).collect();
        let (winners, losers): (Answer<Vec<_>>, Answer<Vec<_>>) = (named(&report.winners), named(&report.losers));
        let took_ms = small(i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX));
        Ok(Some(BacktestReport::of(&report, winners?, losers?, took_ms)))
    }

    /// Stops the back-test that is under way, if one is.
    pub fn stop_backtest(&self) {
        if let Some(stop) = lock(&self.backtest).take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// The flag that stops a new back-test; the one before it is stopped.
    fn next_backtest(&self) -> Arc<AtomicBool> {
        self.stop_backtest();
        let stop = Arc::new(AtomicBool::new(false));
        *lock(&self.backtest) = Some(Arc::clone(&stop));
        stop
    }

    fn named(&self, store: &Store, change: &Change) -> Answer<BacktestMember> {
        let member = self.told(store.member(Key::Id(change.member)))?;
        Ok(BacktestMember::of(change, member))
    }
}

/// A sale as it was typed.
fn typed(store: &Store, sale: &TrySale) -> Result<ledger::Try, Refusal> {
    let shop = store.shop();
    if sale.items.len() > ITEMS_MAX {
        return Err(Refusal::of(Code::BadItems, "items", ""));
    }
    let items = sale.items.iter().enumerate().map(|(n, item)| read_item(store, n, item));
    Ok(ledger::Try {
        member: sale.member_id.as_deref().map(|m| id("member_id", m)).transpose()?,
        tier: sale.tier.clone(),
        total: Money::parse_total(&sale.total, shop.currency).map_err(|r| about("total", r))?,
        tax_minor: part(store, "tax", &sale.tax)?,
        tip_minor: part(store, "tip", &sale.tip)?,
        items: items.collect::<Result<_, _>>()?,
        at: sale
            .at
            .as_deref()
            .map(|at| shop.zone.read(at).map_err(|r| about("at", r)))
            .transpose()?,
    })
}

/// A part of the total, in minor units; 0 where nothing is said.
fn part(store: &Store, field: &str, text: &str) -> Result<i64, Refusal> {
    if text.trim().is_empty() {
        return Ok(0);
    }
    let part = Money::parse_total(text, store.shop().currency);
    part.map(|money| money.minor).map_err(|r| about(field, r))
}

/// One line of it. What is wrong names its place, from 0: `items.2.price`.
fn read_item(store: &Store, n: usize, item: &TryItem) -> Result<Item, Refusal> {
    let name = item.name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Refusal::of(Code::BadItems, &format!("items.{n}.name"), name));
    }
    if !(1..=9999).contains(&item.quantity) {
        let quantity = item.quantity.to_string();
        return Err(Refusal::of(Code::BadItems, &format!("items.{n}.quantity"), &quantity));
    }
    let price = Some(item.price.trim()).filter(|p| !p.is_empty());
    let price = price.map(|p| Money::parse_total(p, store.shop().currency)).transpose();
    Ok(Item {
        category: Some(item.category.trim().to_owned()).filter(|c| !c.is_empty()),
        price_minor: price
            .map_err(|r| about(&format!("items.{n}.price"), r))?
            .map(|p| p.minor),
        ..Item::pieces(name, i64::from(item.quantity))
    })
}

fn about(field: &str, refusal: Refusal) -> Refusal {
    Refusal {
        field: field.to_owned(),
        ..refusal
    }
}
