//! A message, taken whole: read, recorded, answered. Everything here blocks; nothing here knows of connections.

use axum::http::HeaderMap;
use ledger::{Error, Key, Store, Tx};
use loyalty::op::By;
use loyalty::rules::Move;
use loyalty::{Code, Money, Refusal, Sale, Who};
use pos::Context;
use pos::payload::{Event, Ignored, Refund, Refunded};
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError, RwLock};

use crate::answer::Answer;
use crate::arrival::{Arrival, Outcome};
use crate::config::Config;
use crate::decode::{At, Page, decode};
use crate::{gifts, receipt};

/// Hears of every message that was answered. Called on the thread that took it: it must not block for long.
pub type Heard = Arc<dyn Fn(Arrival) + Send + Sync>;

/// The store, and who may write to it.
pub struct Book {
    store: Arc<Store>,
    config: RwLock<Arc<Config>>,
    heard: Heard,
}

impl Book {
    /// Over this store, told this.
    pub fn new(store: Arc<Store>, config: Config, heard: Heard) -> Self {
        Self {
            store,
            config: RwLock::new(Arc::new(config)),
            heard,
        }
    }

    /// From the next message on, this is what counts.
    pub fn set(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells whoever watches what a message came to.
    pub fn tell(&self, page: &Page, sale_id: Option<String>, answer: &Answer) {
        let known = match page {
            Page::Hook(name) => self.config().hooks.has(name),
            Page::Sale | Page::Refund => true,
        };
        (self.heard)(Arrival {
            at: self.store.now(),
            page: if known { page.name().to_owned() } else { String::new() },
            sale_id,
            outcome: Outcome::of(answer),
        });
    }

    /// Takes a message that came to `page`.
    pub fn take(&self, page: &Page, headers: &HeaderMap, body: &[u8]) -> Answer {
        let (sale_id, answer) = self.read(page, headers, body);
        self.tell(page, sale_id, &answer);
        answer
    }

    fn read(&self, page: &Page, headers: &HeaderMap, body: &[u8]) -> (Option<String>, Answer) {
        let config = self.config();
        let shop = self.store.shop();
        let context = Context {
            currency: shop.currency,
            region: shop.region,
            zone: shop.zone,
        };
        let now = self.store.now();
        let (sale_id, done) = match decode(page, &config, headers, body, &At { now, context }) {
            Err(answer) => return (None, answer),
            Ok(Event::Sale { sale, rewards, .. }) => {
                (Some(sale.sale_id.clone()), self.sale(page, &config, *sale, rewards))
            }
            Ok(Event::Refund(refund)) => (Some(refund.sale_id.clone()), self.refund(page, *refund)),
            Ok(Event::Ignored(why)) => (None, Ok(ignored(why))),
        };
        let answer = match done {
            Ok(json) => Answer::done(json),
            Err(Error::Refused(refusal)) => self.refused(page, refusal),
            Err(Error::Storage(error)) => error.into(),
            Err(Error::Rules(_)) => Answer::broken(),
        };
        (sale_id, answer)
    }

    fn refused(&self, page: &Page, mut refusal: Refusal) -> Answer {
        let currency = self.store.shop().currency;
        if let (Code::RefundTooLarge, Ok(minor)) = (refusal.code, refusal.value.parse()) {
            refusal.value = Money::new(minor, currency).plain();
        }
        Answer::refused(&refusal, currency, |field| pointer(page, refusal.code, field))
    }

    fn sale(&self, page: &Page, config: &Config, sale: Sale, rewards: Vec<String>) -> ledger::Result<Value> {
        let by = By::Webhook(page.sender().to_owned());
        let unknown = if config.enrol_unknown {
            Unknown::Enrol
        } else if is_provider(page) {
            Unknown::WalkIn
        } else {
            Unknown::Refuse
        };
        self.store.write(move |tx| {
            let sale = Sale {
                who: who(tx, sale.who, unknown)?,
                ..sale
            };
            let sale = gifts::given(tx, &by, sale, &rewards)?;
            let done = tx.credit(tx.new_op(), &by, &sale)?;
            let key = gifts::key_of(&sale);
            // A replay answers as the first time, whatever has happened to the member since.
            let balance = match done.before {
                Some(_) => tx.balance_after_sale(&sale.source, &sale.sale_id)?,
                None => done.balance,
            };
            let announces = match done.move_ {
                Move::AddReward => {
                    let published = tx.rules()?;
                    let reward = published.rules.comes_within_reach(balance - done.points, done.points);
                    reward.map(|reward| reward.name.clone())
                }
                _ => None,
            };
            let link = done.member.map(|member| tx.friends_link(member)).transpose()?.flatten();
            let told = receipt::Told {
                move_: done.move_,
                points: done.points,
                balance,
                announces: announces.as_deref(),
                link: link.as_deref(),
            };
            let receipt = done.member.map_or_else(Vec::new, |_| receipt::lines(&told));
            Ok(json!({
                "move": done.move_, "points": done.points, "balance": balance, "reasons": done.reasons,
                "announces": announces, "entry_id": done.entry, "member_id": done.member,
                "rewards": tx.given_with(&by, &key)?, "friends_link": link, "receipt": receipt,
                "duplicate": done.before.is_some(),
            }))
        })
    }

    fn refund(&self, page: &Page, refund: Refund) -> ledger::Result<Value> {
        let by = By::Webhook(page.sender().to_owned());
        let currency = self.store.shop().currency;
        self.store.write(move |tx| {
            let amount = match refund.refunded {
                Refunded::Whole => None,
                Refunded::Amount(amount) => Some(amount),
                Refunded::SoFar(so_far) => {
                    let before = tx.given_back(&refund.source, &refund.sale_id)?.unwrap_or(0);
                    if so_far.minor <= before {
                        return Ok(json!({"ignored": "already_given_back", "duplicate": true}));
                    }
                    Some(Money::new(so_far.minor - before, currency))
                }
            };
            let refund = ledger::Refund {
                source: refund.source,
                sale_id: refund.sale_id,
                refund_id: refund.refund_id.unwrap_or_default(),
                amount,
            };
            let done = tx.refund(tx.new_op(), &by, &refund)?;
            let balance = if done.before {
                tx.balance_after_refund(&refund.source, &refund.refund_id)?
            } else {
                done.balance
            };
            let paid = Money::new(done.amount_minor, currency);
            Ok(json!({
                "refund_id": refund.refund_id, "amount": paid.plain(), "points": done.points, "balance": balance,
                "reasons": [format!("{} = {paid} given back", done.points)], "entry_id": done.entry,
                "member_id": done.member, "duplicate": done.before,
            }))
        })
    }
}

/// What becomes of a sale with a number that nobody has.
#[derive(Clone, Copy)]
enum Unknown {
    Enrol,
    Refuse,
    WalkIn,
}

fn who(tx: &Tx<'_>, who: Who, unknown: Unknown) -> ledger::Result<Who> {
    let (Who::Phone(phone), Unknown::Refuse | Unknown::WalkIn) = (&who, unknown) else {
        return Ok(who);
    };
    match (tx.member(Key::Phone(phone)), unknown) {
        (Ok(_), _) => Ok(who),
        (Err(Error::Refused(_)), Unknown::WalkIn) => Ok(Who::WalkIn),
        (Err(e), _) => Err(e),
    }
}

fn is_provider(page: &Page) -> bool {
    matches!(page.sender(), "square" | "shopify" | "stripe")
}

/// Where a refused field is in our own JSON. In others' it may be anywhere: the whole body, then.
fn pointer(page: &Page, code: Code, field: &str) -> String {
    match (page, code, field) {
        (Page::Hook(_), ..) | (.., "") => String::new(),
        (Page::Refund, Code::BadSaleId, _) => "/refund_id".to_owned(),
        (Page::Refund, _, "amount") => "/total".to_owned(),
        _ => format!("/{field}"),
    }
}

fn ignored(why: Ignored) -> Value {
    json!({"ignored": why})
}
