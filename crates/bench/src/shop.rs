//! Shops to measure: an empty one, and one with a million members that is filled past the log. Chance is seeded.

use ledger::{NewShop, Options, Store};
use loyalty::op::By;
use loyalty::{Money, Phone, Sale, Who};
use rusqlite::{Connection, params};
use std::path::Path;

use crate::Result;

/// On whose word the bench works.
pub fn by() -> By {
    By::Job("bench".into())
}

/// A shop with the default sort of rules.
pub fn make(dir: &Path) -> Result<Store> {
    let new = NewShop {
        name: "Harbour Coffee".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
        till_name: "Till 1".into(),
        rules: "Earn 1 point per $1\nSkip sales under $2\nReward 100 points: Free coffee, costs $1.20\n".into(),
        owner: None,
    };
    Ok(Store::init(dir, &new, Options::default())?)
}

/// Number `n` of ten million: +1 619 and seven digits.
pub fn phone(n: usize) -> Phone {
    Phone::trusted(format!("+1619{:07}", 2_000_000 + n))
}

/// A sale of $12.50 to member `n`.
pub fn sale(store: &Store, id: String, n: usize) -> Sale {
    Sale {
        source: "pos".into(),
        sale_id: id,
        who: Who::Phone(phone(n)),
        total: Money::new(1250, store.shop().currency),
        tax_minor: 0,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: store.now(),
    }
}

/// SplitMix64.
pub struct Dice(pub u64);

impl Dice {
    /// 0 to `n` - 1.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap_or(0)
    }
}

const FIRST: &str = "Maria José Ana João Zoë Liam Noah Emma Olivia Søren Łukasz Siobhán Jürgen Chloé Wei Yuki Amir Fatima Omar Ivan \
    Björn Nuria Diego Paula Marcus Marta Martin Marius Mario Marlene Daniel David Sofia Lucia Hugo Alba Aino Eero Jan Petra";
const LAST: &str = "Garcia Lopez Martinez Smith Johnson Müller Schmidt Nguyen Kim Silva Santos Rossi Ferrari Kowalski Novák Ivanov Yilmaz \
    O'Brien Andersson Hansen Dubois Lefèvre Marin Marino Markov Marsh Marshall Martens Singh Patel Khan Tanaka Sato Chen Wang Lindqvist";

/// A name with two of a few thousand words.
pub fn name(dice: &mut Dice) -> String {
    let word = |dice: &mut Dice, list: &str| -> String {
        let words: Vec<&str> = list.split_whitespace().collect();
        words[dice.below(words.len())].to_owned()
    };
    // Surnames get an ending out of a hundred, so that there are thousands of them.
    let ending = ["", "ez", "son", "sen", "ski", "ova", "ini", "berg", "mann", "ton"];
    let (a, b) = (dice.below(10), dice.below(10));
    format!("{} {}{}{}", word(dice, FIRST), word(dice, LAST), ending[a], ending[b])
}

/// Puts `members` members with a visit and points into the shop's file, past the log: only searching is measured.
pub fn fill(dir: &Path, members: usize) -> Result {
    let conn = Connection::open(ledger::file(dir))?;
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
    {
        let mut insert = conn.prepare(
            "INSERT INTO members (member_id, code, phone, name, email, enrolled_at, visits, last_visit_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 1, ?6)",
        )?;
        let mut rights =
            conn.prepare("INSERT INTO rights (member_id, holder, points) SELECT ?1, till_id, ?2 FROM shop")?;
        let mut dice = Dice(1);
        for n in 0..members {
            let id = member_id(n);
            let name = name(&mut dice);
            let email = if n % 2 == 0 {
                format!("guest{n}@example.com")
            } else {
                String::new()
            };
            let visit = 1_700_000_000_000_i64 + i64::try_from(dice.below(60_000_000_000))?;
            let code = loyalty::MemberCode::from_random(n as u64);
            insert.execute(params![id, code.as_str(), phone(n).e164(), name, email, visit])?;
            rights.execute(params![id, n % 300])?;
        }
    }
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// The id of member `n` of a filled shop.
pub fn member_id(n: usize) -> [u8; 16] {
    let mut dice = Dice(n as u64);
    let mut id = [0; 16];
    for byte in &mut id[4..] {
        *byte = u8::try_from(dice.below(256)).unwrap_or(0);
    }
    id[..4].copy_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
    id
}
