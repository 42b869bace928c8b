//! The members of the made-up shop: names from lists, telephone numbers that are kept free for fiction, and habits.

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;

const FIRST: &[&str] = &[
    "Maria", "James", "Aisha", "Wei", "Sofia", "Liam", "Priya", "Mateo", "Hana", "Omar", "Grace", "Diego", "Fatima",
    "Noah", "Mei", "Lucia", "Samuel", "Amara", "Kenji", "Elena", "Marcus", "Leilani", "Arjun", "Chloe", "Javier",
    "Naomi", "Tomasz", "Zara", "Ethan", "Ximena", "Kwame", "Ingrid", "Rosa", "Dmitri", "Layla", "Patrick", "Thuy",
    "Gabriel", "Nia", "Yusuf", "Camila", "Oliver", "Soo-jin", "Rafael", "Esther", "Viktor", "Malia", "Andre", "Keiko",
    "Isabel", "Tariq", "Hannah", "Carlos", "Anjali", "Declan", "Pilar", "Jamal", "Freya", "Minh", "Beatriz",
];
const LAST: &[&str] = &[
    "Lopez",
    "Nguyen",
    "Okafor",
    "Chen",
    "Garcia",
    "Smith",
    "Patel",
    "Kim",
    "Haddad",
    "Silva",
    "Johnson",
    "Tanaka",
    "Rossi",
    "Kowalski",
    "Ahmed",
    "Martinez",
    "O'Brien",
    "Singh",
    "Williams",
    "Reyes",
    "Park",
    "Novak",
    "Mensah",
    "Hernandez",
    "Suzuki",
    "Larsen",
    "Ibrahim",
    "Torres",
    "Brown",
    "Kahale",
    "Ramirez",
    "Petrov",
    "Davis",
    "Gupta",
    "Fernandez",
    "Tran",
    "Walker",
    "Moreau",
    "Castillo",
    "Yamamoto",
    "Adeyemi",
    "Flores",
    "Schmidt",
    "Rahman",
    "Lee",
    "Santos",
    "Murphy",
    "Delgado",
    "Wong",
    "Baker",
    "Morales",
    "Jensen",
    "Farah",
    "Cruz",
    "Evans",
    "Ito",
    "Mendoza",
    "Clarke",
    "Vargas",
    "Khan",
];
/// Area codes around the shop and its visitors' homes. 555-0100 to 555-0199 are free in each: 2,000 numbers.
const AREAS: &[u16] = &[
    619, 858, 760, 949, 714, 951, 909, 626, 310, 213, 323, 818, 805, 661, 559, 408, 415, 510, 916, 702,
];
const HOSTS: &[&str] = &["example.com", "example.org", "example.net"];

/// How somebody comes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Habit {
    /// Several times a week.
    Regular,
    /// Now and then.
    Occasional,
    /// Came for a while, and no longer does.
    Lapsed,
    /// Joined in the last weeks.
    New,
}

/// A made-up member.
#[derive(Clone, Debug)]
pub struct Person {
    /// As dialled in the shop's region.
    pub phone: String,
    /// May be empty: not everybody gives one.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// Agreed to mail.
    pub consent: bool,
    /// `MM-DD`, for those who told it.
    pub birthday: Option<String>,
    /// How they come.
    pub habit: Habit,
    /// How often, on average.
    pub visits_a_week: f64,
    /// Which thing of the menu they usually take.
    pub favourite: usize,
}

/// So many people, no two with the same name or number.
pub fn made_up(rng: &mut ChaCha8Rng, number: usize) -> Vec<Person> {
    let mut phones: Vec<String> = AREAS
        .iter()
        .flat_map(|area| (100..200).map(move |n| format!("{area}-555-0{n}")))
        .collect();
    // Most live nearby: the first areas first, a little shuffled.
    for near in phones.chunks_mut(500) {
        near.shuffle(rng);
    }
    let mut names = HashSet::new();
    phones
        .into_iter()
        .take(number)
        .map(|phone| {
            let name = loop {
                let (first, last) = (pick(rng, FIRST), pick(rng, LAST));
                if names.insert((first, last)) {
                    break (first, last);
                }
            };
            person(rng, phone, name)
        })
        .collect()
}

fn pick<'a>(rng: &mut ChaCha8Rng, list: &[&'a str]) -> &'a str {
    list.choose(rng).copied().unwrap_or_default()
}

fn person(rng: &mut ChaCha8Rng, phone: String, (first, last): (&str, &str)) -> Person {
    let (habit, visits_a_week) = match rng.random_range(0..100) {
        0..20 => (Habit::Regular, rng.random_range(1.5..4.5)),
        20..65 => (Habit::Occasional, rng.random_range(0.15..0.7)),
        65..85 => (Habit::Lapsed, rng.random_range(0.5..2.5)),
        _ => (Habit::New, rng.random_range(0.5..2.0)),
    };
    let named = rng.random_bool(0.93);
    let email = named && rng.random_bool(0.62);
    let address = || {
        let letters = |s: &str| s.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "");
        format!("{}.{}", letters(first), letters(last))
    };
    Person {
        phone,
        name: if named {
            format!("{first} {last}")
        } else {
            String::new()
        },
        email: if email {
            format!("{}@{}", address(), pick(rng, HOSTS))
        } else {
            String::new()
        },
        consent: email && rng.random_bool(0.8),
        birthday: rng
            .random_bool(0.3)
            .then(|| format!("{:02}-{:02}", rng.random_range(1..13), rng.random_range(1..29))),
        habit,
        visits_a_week,
        favourite: rng.random_range(0..super::visits::DRINKS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loyalty::Phone;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn every_number_is_valid_and_taken_once() {
        let region = "US".parse().unwrap();
        let people = made_up(&mut ChaCha8Rng::seed_from_u64(1), 2000);
        let phones: HashSet<_> = people.iter().map(|p| Phone::parse(&p.phone, region).unwrap()).collect();
        assert_eq!(phones.len(), 2000);
        assert!(
            people
                .iter()
                .all(|p| loyalty::contact::optional_email(&p.email).is_ok())
        );
    }
}
