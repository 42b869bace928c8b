//! Opening the store, and the first start. Whatever is wrong becomes a screen, never a crash; asking again tries again.

use std::sync::Arc;

use ledger::{AppLock, NewShop, Owner, Store};
use loyalty::rules::{Rules, default_document};
use loyalty::{Code, Currency, Money, Refusal};

use super::desk::Signed;
use super::{Answer, App, fresh, lock, lock_after_ms};
use crate::views::{self, Failure, FirstStart, Startup};

/// What this till is called until the owner says otherwise.
const TILL_NAME: &str = "Till 1";

/// How far the store is open. The folder stays ours from the first look until the end.
#[derive(Default)]
pub enum Opened {
    /// Not looked at yet, or something is wrong.
    #[default]
    Nothing,
    /// The folder is ours; there is no shop in it.
    Empty { folder: AppLock },
    /// The shop is open.
    Shop { folder: AppLock, store: Arc<Store> },
}

impl App {
    /// Opens the store where it is not open yet, and says how the app starts.
    pub fn startup(&self) -> Startup {
        match self
            .open()
            .and_then(|open| if open { self.ready() } else { Ok(fresh::fresh()) })
        {
            Ok(startup) => startup,
            Err(Failure::Storage { problem }) => Startup::Problem { problem },
            // Opening refuses nothing that is left here; should it ever, the window shows what was said.
            Err(Failure::Refused { code, value, .. }) => Startup::Problem {
                problem: views::StorageProblem::io(
                    &self.place.folder().display().to_string(),
                    &format!("{code} {value}"),
                ),
            },
        }
    }

    /// Does ahead of time what the first answers would wait for: opening the store, and reading the numbering plans
    /// of phone numbers, which takes a good part of a second once.
    pub fn warm_up(&self) {
        // What is wrong is said when a window asks.
        let _ = self.startup();
        if let Ok(region) = "US".parse() {
            let _ = loyalty::Phone::parse("619 555 0123", region);
        }
    }

    /// Makes the shop and signs its owner in.
    ///
    /// # Errors
    /// `already_initialised`, `bad_name`, `bad_currency`, `bad_region`, `bad_timezone`, `bad_pin`, `bad_points`,
    /// `bad_amount`, each with its field; the machine's.
    pub fn first_start(&self, first: &FirstStart) -> Answer<Startup> {
        self.open()?;
        let mut opened = lock(&self.opened);
        if matches!(*opened, Opened::Shop { .. }) {
            return Err(Refusal::from(Code::AlreadyInitialised).into());
        }
        let mut new = NewShop {
            name: first.shop_name.clone(),
            currency: first.currency.clone(),
            region: first.region.clone(),
            timezone: first.timezone.clone(),
            till_name: TILL_NAME.to_owned(),
            rules: first_rules(first)?,
            owner: None,
        };
        let name = loyalty::contact::name(&first.owner_name).map_err(|r| Refusal {
            field: "owner_name".to_owned(),
            ..r
        })?;
        let pepper = self.vault.first_pepper(&*self.options.ids)?;
        let hash = pepper.hash(&first.owner_pin, self.options.ids.random());
        let pin_hash = self.told(hash).map_err(|failure| failure.in_field("owner_pin"))?;
        new.owner = Some(Owner { name, pin_hash });
        let store = Arc::new(self.told(Store::init(self.place.folder(), &new, self.options.clone()))?);
        *opened = match std::mem::take(&mut *opened) {
            Opened::Empty { folder } | Opened::Shop { folder, .. } => Opened::Shop { folder, store },
            Opened::Nothing => Opened::Nothing,
        };
        drop(opened);
        self.sign_owner_in()?;
        self.ready()
    }

    /// Takes the folder and opens the shop in it. Answers whether there is one.
    pub(super) fn open(&self) -> Answer<bool> {
        let mut opened = lock(&self.opened);
        let folder = match std::mem::take(&mut *opened) {
            shop @ Opened::Shop { .. } => {
                *opened = shop;
                return Ok(true);
            }
            Opened::Empty { folder } => folder,
            Opened::Nothing => self.told(AppLock::take(self.place.folder()))?,
        };
        if !Store::exists(self.place.folder()) {
            *opened = Opened::Empty { folder };
            return Ok(false);
        }
        match Store::open(self.place.folder(), self.options.clone()) {
            Ok(mut store) => {
                if self.is_of_the_past(&store) {
                    drop(store);
                    store = Store::open(self.place.folder(), self.options.clone())?;
                }
                let store = Arc::new(store);
                *opened = Opened::Shop { folder, store };
                Ok(true)
            }
            // An empty file, left by a first start that was cut off.
            Err(ledger::Error::Refused(r)) if r.code == Code::NotInitialised => {
                *opened = Opened::Empty { folder };
                Ok(false)
            }
            // The folder is let go, so that a backup can be restored while the window stands.
            Err(error) => Err(error.into()),
        }
    }

    /// The shop, who may sign in, and who is.
    fn ready(&self) -> Answer<Startup> {
        let store = self.store()?;
        if let Some(joining) = self.joining(&store)? {
            return Ok(joining);
        }
        let staff = self.tiles(&store)?.into_iter().filter(|tile| tile.active).collect();
        let now = self.options.clock.now();
        let session = lock(&self.desk)
            .who(now, lock_after_ms(&store))
            .map(views::Session::from);
        Ok(Startup::Ready {
            shop: self.shop_view(&store)?,
            staff,
            session,
            needs_pin: self.told(store.needs_pin())?,
        })
    }

    /// Signs the only owner in, who has just been made with a PIN of their choice.
    pub(super) fn sign_owner_in(&self) -> Answer<()> {
        let store = self.store()?;
        let staff = self.told(store.staff())?;
        if let Some(owner) = staff.first() {
            lock(&self.desk).sign_in(Signed::from(owner), self.options.clock.now());
        }
        Ok(())
    }

    /// The shop as the screens need it.
    pub(super) fn shop_view(&self, store: &Store) -> Answer<views::Shop> {
        let published = self.told(store.rules())?;
        let seconds = lock_after_ms(store) / 1000;
        Ok(views::Shop::of(store.shop(), &published, seconds))
    }
}

/// The first rules: how points are earned by default, and the owner's reward.
fn first_rules(first: &FirstStart) -> Answer<String> {
    let currency: Currency = first.currency.parse()?;
    let bad = |code: Code, field: &str, value: &str| Failure::from(Refusal::of(code, field, value));
    if first.reward_points < 1 {
        return Err(bad(Code::BadPoints, "reward_points", &first.reward_points.to_string()));
    }
    let name = loyalty::contact::name(&first.reward_name)
        .map_err(|_| bad(Code::BadName, "reward_name", &first.reward_name))?;
    let cost = first
        .reward_cost
        .as_deref()
        .map(str::trim)
        .filter(|cost| !cost.is_empty());
    let cost = cost
        .map(|cost| Money::parse_total(cost, currency).map_err(|_| bad(Code::BadAmount, "reward_cost", cost)))
        .transpose()?;
    let mut text: String = default_document(currency)
        .lines()
        .filter(|line| !line.starts_with("Reward"))
        .flat_map(|line| [line, "\n"])
        .collect();
    text.push_str(&format!("Reward {} points: {name}", first.reward_points));
    if let Some(cost) = cost {
        text.push_str(&format!(", costs {cost}"));
    }
    text.push('\n');
    // A name may contain what the rules read as something else; then it can't be this reward's name.
    let points = i64::from(first.reward_points);
    let as_meant = Rules::parse(&text, currency)
        .is_ok_and(|rules| matches!(rules.rewards(), [r] if r.name == name && r.points == points && r.cost == cost));
    if as_meant {
        Ok(text)
    } else {
        Err(bad(Code::BadName, "reward_name", &name))
    }
}
