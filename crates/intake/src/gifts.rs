//! Rewards that a sale's message names: they are given with the sale, all of them or none and no sale.
//!
//! They are given before the sale is counted, so that nobody pays with the points of the very sale. Not here: what a
//! reward takes (`ledger`).

use ledger::{Error, Key, NewMember, Redemption, Tx};
use loyalty::op::{By, SaleKey};
use loyalty::{Code, MemberId, Refusal, Sale, Who};

/// A sale's key.
pub fn key_of(sale: &Sale) -> SaleKey {
    SaleKey {
        source: sale.source.clone(),
        sale_id: sale.sale_id.clone(),
    }
}

/// Gives the rewards that a sale names, where the sale is not known yet. Answers the sale, of a known member then.
///
/// # Errors
/// `unknown_reward`, `not_enough_points`, `not_enough_stamps` and the others of a redemption, at `rewards/N`;
/// `unknown_member` at `rewards` for a walk-in; `sale_differs` where the sale came before with other rewards; a storage
/// error.
pub fn given(tx: &Tx<'_>, by: &By, sale: Sale, rewards: &[String]) -> ledger::Result<Sale> {
    let key = key_of(&sale);
    if tx.given_back(&key.source, &key.sale_id)?.is_some() {
        return same_as_before(tx, by, &key, rewards).map(|()| sale);
    }
    if rewards.is_empty() {
        return Ok(sale);
    }
    let member = member_of(tx, by, &sale.who)?;
    for (n, name) in rewards.iter().enumerate() {
        let given = named(tx, name).and_then(|what| tx.redeem_with(tx.new_op(), by, member, &what, Some(key.clone())));
        given.map_err(|e| at(e, &format!("rewards/{n}")))?;
    }
    Ok(Sale {
        who: Who::Member(member),
        ..sale
    })
}

/// A sale that is known answers as the first time only where it names what it named then.
fn same_as_before(tx: &Tx<'_>, by: &By, key: &SaleKey, rewards: &[String]) -> ledger::Result<()> {
    let mut before: Vec<String> = tx.given_with(by, key)?.iter().map(|name| plain(name)).collect();
    let mut now: Vec<String> = rewards.iter().map(|name| plain(name)).collect();
    before.sort_unstable();
    now.sort_unstable();
    if before == now {
        return Ok(());
    }
    Err(Refusal::of(Code::SaleDiffers, "rewards", &rewards.join(", ")).into())
}

/// Whose points are taken: somebody new has none but those for joining.
fn member_of(tx: &Tx<'_>, by: &By, who: &Who) -> ledger::Result<MemberId> {
    match who {
        Who::Member(id) => Ok(tx.member(Key::Id(*id))?.member_id),
        Who::Phone(phone) => Ok(tx.enrol(tx.new_op(), by, &NewMember::with_phone(phone.clone()))?.0),
        Who::WalkIn => Err(Refusal::of(Code::UnknownMember, "rewards", "").into()),
    }
}

/// A reward by its name, or a stamp card by what it gives: `1 Coffee free`.
fn named(tx: &Tx<'_>, name: &str) -> ledger::Result<Redemption> {
    let rules = tx.rules()?;
    let wanted = plain(name);
    let card = rules.rules.stamp_cards().find(|card| plain(&card.gives()) == wanted);
    Ok(match card {
        Some(card) => Redemption::Card { card: card.key() },
        None => Redemption::from(name),
    })
}

/// Blanks at the edges and capitals never matter.
fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

fn at(error: Error, field: &str) -> Error {
    match error {
        Error::Refused(refusal) => Error::Refused(Refusal {
            field: field.to_owned(),
            ..refusal
        }),
        other => other,
    }
}
