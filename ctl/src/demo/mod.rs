//! `demo`: a made-up coffee shop with a year behind it, to look at and to try things on. The same seed and the same day
//! make the same shop (but for the secret of its PINs). Who its members are is in `people`, when they come in `visits`.

mod machine;
mod people;
mod visits;
mod year;

use chrono::{Days, NaiveDate, NaiveTime};
use ledger::{Actor, Ids, NewShop, Options, Owner, Pepper, StaffEdit, Store, SystemIds};
use loyalty::op::By;
use loyalty::{Role, ShopZone, StaffId, UtcMs};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

use crate::args;
use crate::failure::{Failure, Result};
use crate::out::{Out, counted, points};
use crate::place::{self, Place};
use machine::{HandClock, SeededIds};

const ZONE: &str = "America/Los_Angeles";
const RULES: &str = "\
# Harbour Coffee: a point for every dollar
Earn 1 point per $1
Skip sales under $2
Reward 100 points: Free coffee, costs $1.20
Reward 175 points: Free sandwich, costs $3.10
Reward 250 points: $5 off, costs $5
Buy 9 \"Flat white\" or \"Cappuccino\", get 1 free, costs $0.80
Birthday bonus 25 points
";
/// Days the shop has been open, today among them.
const DAYS: u64 = 365;

/// A visit's doings take up to a minute and a half; none may lie ahead of the clock on the wall.
const LAST_VISIT_MS: i64 = 120_000;

/// Who works there, the owner first. Their PINs are no secret: the shop is made up.
const STAFF: [(&str, Role, &str); 4] = [
    ("Olive", Role::Owner, "2468"),
    ("Ben", Role::Manager, "1357"),
    ("Ana", Role::Cashier, "1234"),
    ("Kim", Role::Cashier, "4321"),
];

/// Makes the shop.
pub fn run(place: &Place, args: &args::Demo, out: Out) -> Result<()> {
    let dir = place.dir()?;
    if Store::exists(dir) {
        return Err(loyalty::Refusal::of(loyalty::Code::AlreadyInitialised, "data", &dir.display().to_string()).into());
    }
    let zone: ShopZone = ZONE.parse()?;
    // With a day of its own, the year ends with that day's last customer; else it ends now.
    let (today, until) = match args.today {
        Some(day) => (day, zone.instant(day.and_time(NaiveTime::MIN)).0 + UtcMs::DAY_MS),
        None => (zone.day(place::now()), place::now().0 - LAST_VISIT_MS),
    };
    let first = today
        .checked_sub_days(Days::new(DAYS - 1))
        .ok_or_else(|| Failure::usage("--today is too early."))?;
    let clock = Arc::new(HandClock::at(opening(zone, first)));
    let mut rng = ChaCha8Rng::seed_from_u64(args.seed);
    let options = Options {
        clock: clock.clone(),
        ids: Arc::new(SeededIds::new(&mut rng)),
        ..Options::default()
    };
    std::fs::create_dir_all(dir).map_err(place::unwritten(dir))?;
    let pepper = pepper(dir)?;
    let store = open_shop(dir, options, &pepper)?;
    let staff = hire(&store, &pepper)?;
    let people = people::made_up(&mut rng, args.members.into());
    let visits = visits::of_year(&mut rng, &people, first, DAYS, zone, UtcMs(until));
    year::live(&store, year::Year::new(rng, clock, staff, people), visits)?;
    say(&store, out)
}

/// Half an hour before the first customer.
fn opening(zone: ShopZone, first: NaiveDate) -> UtcMs {
    let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap_or(NaiveTime::MIN);
    zone.instant(first.and_time(six))
}

/// The secret of this folder's PINs: the one that is there, or a new one, where the till's window looks for it.
fn pepper(dir: &Path) -> Result<Pepper> {
    let secrets = secrets::Secrets::open("org.regulars.till", dir)?;
    if let Some(kept) = secrets.get("pin-pepper")? {
        let kept = kept
            .try_into()
            .map_err(|_| Failure::usage("The secret of this folder's PINs has another length."))?;
        return Ok(Pepper::new(kept));
    }
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(&SystemIds.random());
    secret[16..].copy_from_slice(&SystemIds.random());
    secrets.set("pin-pepper", &secret)?;
    Ok(Pepper::new(secret))
}

fn open_shop(dir: &Path, options: Options, pepper: &Pepper) -> Result<Store> {
    let (name, _, pin) = STAFF[0];
    let owner = Owner {
        name: name.into(),
        pin_hash: pepper.hash(pin, options.ids.random())?,
    };
    let new = NewShop {
        name: "Harbour Coffee".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: ZONE.into(),
        till_name: "Till 1".into(),
        rules: RULES.into(),
        owner: Some(owner),
    };
    Ok(Store::init(dir, &new, options)?)
}

/// The owner takes on the others; all of them in the order of [`STAFF`].
fn hire(store: &Store, pepper: &Pepper) -> Result<Vec<StaffId>> {
    let mut staff: Vec<StaffId> = store.staff()?.iter().map(|s| s.staff_id).collect();
    let owner = staff
        .first()
        .copied()
        .ok_or_else(|| Failure::usage("The shop has no owner."))?;
    let actor = Actor {
        by: By::Staff(owner),
        role: Role::Owner,
    };
    for (name, role, pin) in &STAFF[1..] {
        let edit = StaffEdit {
            staff_id: None,
            name: (*name).into(),
            role: *role,
            active: true,
            pin_hash: Some(pepper.hash(pin, store.salt())?),
        };
        staff.push(store.edit_staff(store.new_op(), actor.clone(), edit)?);
    }
    Ok(staff)
}

fn say(store: &Store, out: Out) -> Result<()> {
    let stats = store.stats()?;
    let staff: Vec<_> = STAFF
        .iter()
        .map(|(name, role, pin)| json!({"name": name, "role": role, "pin": pin}))
        .collect();
    out.say(
        &json!({"shop": store.shop().name, "data": store.dir(), "stats": stats, "staff": staff}),
        || {
            let staff: String = STAFF
                .iter()
                .map(|(name, role, pin)| format!("\n  {name:<6} {:<8} PIN {pin}", role.as_str()))
                .collect();
            format!(
                "{}: {}, {}, {} outstanding.\nWho works there:{staff}",
                store.shop().name,
                counted(stats.members, "member"),
                counted(stats.sales, "sale"),
                points(stats.points_outstanding)
            )
        },
    );
    Ok(())
}
