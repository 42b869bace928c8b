//! When the members of the made-up shop come, and what they buy: the days of the week differ, and so do the hours.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use loyalty::{Item, ShopZone, UtcMs};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::people::{Habit, Person};

/// The menu: the drinks first, then what goes with them. Prices in cents.
const MENU: [(&str, &str, i64); 14] = [
    ("Drip coffee", "Drinks", 350),
    ("Flat white", "Drinks", 475),
    ("Cappuccino", "Drinks", 475),
    ("Iced latte", "Drinks", 550),
    ("Cold brew", "Drinks", 500),
    ("Espresso", "Drinks", 325),
    ("Green tea", "Drinks", 400),
    ("Oat mocha", "Drinks", 625),
    ("Butter croissant", "Bakery", 425),
    ("Blueberry muffin", "Bakery", 395),
    ("Everything bagel", "Bakery", 450),
    ("Harbour breakfast wrap", "Kitchen", 1050),
    ("Turkey sandwich", "Kitchen", 1195),
    ("Cookie", "Bakery", 195),
];
/// How many of the menu are drinks.
pub const DRINKS: usize = 8;
const BEANS: (&str, &str, i64) = ("House beans, 12 oz", "Retail", 1850);

/// Monday to Sunday: how busy, against the average.
const WEEK: [f64; 7] = [0.92, 0.95, 1.0, 1.02, 1.16, 1.22, 0.73];
/// From minute to minute of the day: which share of the visits.
const HOURS: [(u32, u32, f64); 5] = [
    (390, 510, 0.38),
    (510, 660, 0.25),
    (660, 810, 0.20),
    (810, 960, 0.12),
    (960, 1080, 0.05),
];

/// Somebody comes and buys.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Which of the people.
    pub person: usize,
    /// When.
    pub at: UtcMs,
    /// What they buy.
    pub items: Vec<Item>,
}

impl Visit {
    /// What it costs, in cents.
    pub fn total_minor(&self) -> i64 {
        self.items.iter().filter_map(|i| i.price_minor).sum()
    }
}

/// All visits of `days` days, in the order of time, none after `until`. Everybody comes at least once.
pub fn of_year(
    rng: &mut ChaCha8Rng,
    people: &[Person],
    first: NaiveDate,
    days: u64,
    zone: ShopZone,
    until: UtcMs,
) -> Vec<Visit> {
    let mut visits = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let (from, to) = span(rng, person.habit, days);
        for day in from..to {
            let Some(date) = first.checked_add_days(Days::new(day)) else {
                continue;
            };
            let busy = WEEK[date.weekday().num_days_from_monday() as usize];
            // The first visit is when they join; on other days they come as often as their habit has it.
            if day != from && !rng.random_bool((person.visits_a_week / 7.0 * busy).min(0.95)) {
                continue;
            }
            visits.push(Visit {
                person: number,
                at: zone.instant(date.and_time(time_of_day(rng))),
                items: order(rng, person.favourite),
            });
        }
    }
    visits.retain(|v| v.at <= until);
    visits.sort_by_key(|v| (v.at, v.person));
    visits
}

/// The day somebody joins, and the one after their last visit.
fn span(rng: &mut ChaCha8Rng, habit: Habit, days: u64) -> (u64, u64) {
    match habit {
        Habit::New => (days - 1 - rng.random_range(1..40), days),
        Habit::Lapsed => {
            let to = rng.random_range(days / 3..days * 4 / 5);
            (joined(rng, to - days / 5), to)
        }
        Habit::Regular | Habit::Occasional => (joined(rng, days * 9 / 10), days),
    }
}

/// Many join in the first weeks, the rest through the year.
fn joined(rng: &mut ChaCha8Rng, before: u64) -> u64 {
    let early = rng.random_bool(0.35);
    rng.random_range(0..if early { before.min(28) } else { before })
}

fn time_of_day(rng: &mut ChaCha8Rng) -> NaiveTime {
    let mut share: f64 = rng.random();
    let (from, to, _) = HOURS
        .iter()
        .find(|(_, _, part)| {
            share -= part;
            share < 0.0
        })
        .unwrap_or(&HOURS[0]);
    let second = rng.random_range(from * 60..to * 60);
    NaiveTime::from_num_seconds_from_midnight_opt(second, 0).unwrap_or(NaiveTime::MIN)
}

fn order(rng: &mut ChaCha8Rng, favourite: usize) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |(name, category, price): (&str, &str, i64), count: i64| {
        items.push(Item {
            category: Some(category.to_owned()),
            price_minor: Some(price * count),
            ..Item::pieces(name, count)
        });
    };
    if rng.random_bool(0.03) {
        // Only a cookie: under the amount that counts.
        add(MENU[MENU.len() - 1], 1);
        return items;
    }
    let drink = if rng.random_bool(0.7) {
        favourite
    } else {
        rng.random_range(0..DRINKS)
    };
    add(MENU[drink], if rng.random_bool(0.12) { 2 } else { 1 });
    if rng.random_bool(0.45) {
        add(MENU[rng.random_range(DRINKS..MENU.len())], 1);
    }
    if rng.random_bool(0.03) {
        add(BEANS, 1);
    }
    items
}
