//! `mail who`: whether somebody gets mail, and why not; and lifting what a bounce or a complaint ended.

use ::mail::Kind;
use clap::Args;
use loyalty::{MemberId, ShopId};
use serde_json::json;

use super::choices::{self, Who};
use super::commands::{MailError, known};
use super::settings::MailShop;
use super::token::hidden;
use super::{consent, people};
use crate::args;
use crate::store::db::{Db, Result, Tx};

/// `mail who`.
#[derive(Args, Debug)]
pub struct WhoArgs {
    /// The shop's id
    pub shop: ShopId,
    /// A member
    #[arg(
        long,
        value_name = "ID",
        conflicts_with = "address",
        required_unless_present = "address"
    )]
    pub member: Option<MemberId>,
    /// An address
    #[arg(long, value_name = "EMAIL")]
    pub address: Option<String>,
    /// Lets mail go to the address again after bounces or a complaint. Whoever withdrew must still say yes again
    #[arg(long)]
    pub lift: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// What is known of somebody.
struct Known {
    agreed: Option<bool>,
    confirmed: bool,
    suppressed: Option<String>,
    unwanted: Vec<Kind>,
}

/// Does it: what to print.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, args: WhoArgs) -> std::result::Result<String, MailError> {
    let settings = known(db, args.shop).await?;
    let mut tx = db.begin().await?;
    let (card, email) = match (args.member, &args.address) {
        (Some(member), _) => {
            let person = people::person(&mut tx, args.shop, member).await?;
            (person.card, Some(person.email).filter(|email| !email.is_empty()))
        }
        (None, address) => (Vec::new(), address.clone()),
    };
    let address = email.map(|email| hidden(&settings.link_key, &email));
    if args.lift
        && let Some(address) = &address
    {
        let sql = "UPDATE mail_suppressed SET why = NULL, soft = 0 WHERE shop_id = $1 AND address = $2";
        tx.run(sql, args![&args.shop.0, address]).await?;
    }
    let found = find(&mut tx, &settings, card, address.as_ref()).await?;
    tx.commit().await?;
    let unwanted: Vec<&str> = found.unwanted.iter().map(|kind| kind.key()).collect();
    if args.json {
        return Ok(
            json!({"agreed": found.agreed, "confirmed": found.confirmed, "has_address": address.is_some(),
            "suppressed": found.suppressed, "unwanted": unwanted})
            .to_string(),
        );
    }
    let mut lines = vec![match (&address, found.suppressed.as_deref()) {
        (None, _) => "No address is known.".to_owned(),
        (_, None) => "The address takes mail.".to_owned(),
        (_, Some(why)) => format!("Nothing goes to the address any more: {why}. --lift lets it."),
    }];
    lines.push(match (found.agreed, found.confirmed) {
        (Some(false), _) => "There is no consent to mail.".to_owned(),
        (_, true) => "The address was confirmed by the link that was sent there.".to_owned(),
        (Some(true), false) => "Consent was given, and the address is not confirmed yet.".to_owned(),
        (None, false) => "The address is not confirmed.".to_owned(),
    });
    if !unwanted.is_empty() {
        lines.push(format!("Not wanted: {}.", unwanted.join(", ")));
    }
    Ok(lines.join("\n"))
}

async fn find(tx: &mut Tx, settings: &MailShop, mut card: Vec<MemberId>, address: Option<&[u8; 32]>) -> Result<Known> {
    let shop = settings.shop;
    let named = !card.is_empty();
    if let (false, Some(address)) = (named, address) {
        let sql = "SELECT DISTINCT member_id FROM mails WHERE shop_id = $1 AND address = $2 AND member_id IS NOT NULL";
        for row in tx.all(sql, args![&shop.0, address]).await? {
            card.extend(people::card(tx, shop, MemberId(row.id(0)?)).await?);
        }
    }
    let mut known = Known {
        agreed: None,
        confirmed: false,
        suppressed: None,
        unwanted: Vec::new(),
    };
    if !card.is_empty() {
        known.agreed = Some(consent::of(tx, shop, &card).await?.stands);
    }
    if let Some(address) = address {
        known.confirmed = consent::is_confirmed(tx, shop, &card, address).await?;
        known.suppressed = consent::suppressed(tx, shop, address).await?;
    }
    let who = Who { card: &card, address };
    known.unwanted = choices::off(tx, shop, who).await?.into_iter().collect();
    Ok(known)
}
