//! A member's stamp cards: how full they are, and the stamps that a sale or a claim moved.
//!
//! A stamp is given by the rules in force when the sale was recorded and never counted again: publishing a new card
//! makes nobody's past purchases into free coffees. Not here: claiming (`redeem`), the statement itself (`apply`).

use loyalty::op::{Body, CardStamps};
use loyalty::{Code, EntryId, MemberId};
use rusqlite::Connection;

use crate::derive::CARD;
use crate::error::Result;
use crate::members::{self, Key};
use crate::store::Store;
use crate::tx::{Tx, read_body};

/// A member's progress on one stamp card of the rules in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamps {
    /// What gives a stamp, as the owner wrote it: `Coffee or Tea`.
    pub name: String,
    /// What the card is known by in operations.
    pub key: String,
    /// How many fill a card.
    pub buy: i64,
    /// How many are free then.
    pub free: i64,
    /// What a full card gives, in words: `1 Coffee free`.
    pub gives: String,
    /// Stamps to use: those of pieces bought, without what was taken back or used. Below zero where a sale was taken
    /// back whose stamps were used.
    pub stamps: i64,
    /// Full cards to claim now, at this till.
    pub claimable: i64,
    /// Stamps on the card that is not full yet.
    pub on_card: i64,
}

/// The stamps this till may use of a card.
pub(crate) fn there(conn: &Connection, member: MemberId, card: &str) -> Result<i64> {
    let sql = format!(
        "SELECT coalesce(sum(stamps), 0) FROM stamps WHERE member_id IN ({CARD}) AND card = ?2 AND holder = (SELECT till_id FROM shop)"
    );
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(rusqlite::params![member.0, card], |r| r.get(0))?)
}

impl Tx<'_> {
    /// What taking back the line of an operation does to stamps: those of a sale go, those of a claim come back.
    pub(crate) fn stamps_back(&self, entry: EntryId) -> Result<Vec<CardStamps>> {
        let sql = "SELECT o.body FROM ledger l JOIN ops o USING (op_id) WHERE l.entry_id = ?1";
        let body: String = self.conn.prepare_cached(sql)?.query_row([entry.0], |r| r.get(0))?;
        Ok(match read_body(&body)? {
            Body::SaleRecorded { stamps, .. } | Body::SaleDecided { stamps, .. } => {
                let taken = |s: CardStamps| CardStamps { count: -s.count, ..s };
                stamps.into_iter().map(taken).collect()
            }
            Body::StampsClaimed { card, stamps, .. } => vec![CardStamps { card, count: stamps }],
            _ => Vec::new(),
        })
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
            let all = format!("SELECT coalesce(sum(stamps), 0) FROM stamps WHERE member_id IN ({CARD}) AND card = ?2");
            let mut all = c.prepare_cached(&all)?;
            let mut cards = Vec::new();
            for card in published.rules.stamp_cards() {
                let key = card.key();
                let stamps: i64 = all.query_row(rusqlite::params![member.0, key], |r| r.get(0))?;
                let here = there(c, member, &key)?;
                let buy = card.buy.max(1);
                cards.push(Stamps {
                    name: card.name(),
                    buy,
                    free: card.free,
                    gives: card.gives(),
                    stamps,
                    claimable: (here / buy).max(0),
                    on_card: stamps.max(0) % buy,
                    key,
                });
            }
            Ok(cards)
        })
    }
}
