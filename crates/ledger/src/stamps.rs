//! How far a member's stamp cards are, counted from what they bought.

use loyalty::rules::Pick;
use loyalty::{Code, Item, MemberId};

use crate::derive::CARD;
use crate::error::Result;
use crate::members::{self, Key};
use crate::store::Store;
use crate::tx::damaged;

/// A member's progress on one stamp card of the rules in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// What gives a stamp, as the owner wrote it: `Coffee or Tea`.
    pub name: String,
    /// How many fill a card.
    pub buy: i64,
    /// How many are free then.
    pub free: i64,
    /// Stamps ever: pieces bought, without sales that were taken back or are held.
    pub stamps: i64,
    /// Cards that were filled.
    pub filled: i64,
    /// Stamps on the card that is not full yet.
    pub on_card: i64,
}

fn written(pick: &Pick) -> &str {
    match pick {
        Pick::Name(p) | Pick::Category(p) | Pick::Sku(p) => p.written(),
    }
}

impl Store {
    /// A member's stamp cards, in the order of the rules. A sale of which only a part was refunded counts whole: which
    /// items came back is not known.
    ///
    /// # Errors
    /// `unknown_member`; a storage error.
    pub fn stamps(&self, member: MemberId) -> Result<Vec<Stamps>> {
        self.read(|c| {
            if members::find(c, Key::Id(member))?.is_none() {
                return Err(Code::UnknownMember.into());
            }
            let published = self.scope.rulebook.current(c)?;
            let rules = &published.rules;
            let mut counts = vec![0; rules.stamp_cards().count()];
            if counts.is_empty() {
                return Ok(Vec::new());
            }
            let sql = format!(
                "SELECT items FROM sales WHERE member_id IN ({CARD}) AND reversed = 0 AND entry_id IS NOT NULL AND items <> '[]'"
            );
            let mut rows = c.prepare_cached(&sql)?;
            for json in rows.query_map([member.0], |r| r.get::<_, String>(0))? {
                let items: Vec<Item> = serde_json::from_str(&json?).map_err(|e| damaged(&e.to_string()))?;
                for (count, more) in counts.iter_mut().zip(rules.stamps(&items)) {
                    *count += more;
                }
            }
            let cards = rules.stamp_cards().zip(counts).map(|(card, stamps)| Stamps {
                name: card.picks.iter().map(written).collect::<Vec<_>>().join(" or "),
                buy: card.buy,
                free: card.free,
                stamps,
                filled: stamps / card.buy.max(1),
                on_card: stamps % card.buy.max(1),
            });
            Ok(cards.collect())
        })
    }
}
