//! Acting on what was told of mails, the same for all providers: heard once, in one transaction.
//!
//! - No such address, or a complaint: nothing goes there any more, and the tills hear that the member gets no mail.
//! - It did not arrive this time: so too after five in a row. A mail counts once; an arrival in between, or ninety days,
//!   begins anew.
//! - A mail that nobody sent for this shop changes nothing, whatever is told of it.

use loyalty::op::{Body, By, Private};
use loyalty::{MemberId, ShopId, UtcMs};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::event::{Event, What};
use super::kept::Provider;
use crate::api::sync_page;
use crate::args;
use crate::mail::settings::{self, MailShop};
use crate::mail::token::hidden;
use crate::mail::{consent, people};
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::numbers;
use crate::store::append::{self, Asked};
use crate::store::db::{Result, Tx};
use crate::store::shops;

/// How long it is known what was heard: longer than any provider sends it again.
const HEARD_MS: i64 = 3 * UtcMs::DAY_MS;

/// What came of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Heard {
    /// Events about mails of this shop's.
    pub taken: u32,
    /// Events about others.
    pub unknown: u32,
    /// Whether it was heard before; then nothing was done.
    pub again: bool,
}

/// A mail that an event is about.
struct Sent {
    mail: Uuid,
    member: Option<MemberId>,
    address: [u8; 32],
}

/// Acts on a message. `name` is the same when its provider sends it again.
///
/// # Errors
/// `unavailable`, where the database is away.
pub async fn hear(
    app: &App,
    shop: ShopId,
    provider: Provider,
    name: &str,
    events: &[Event],
    now: UtcMs,
) -> std::result::Result<Heard, Refused> {
    let mut tx = app.db.begin().await?;
    // What changes consent is written to the shop's log: first its lock, as everywhere.
    let mut locked = match events.iter().all(|event| event.what == What::Delivered) {
        true => None,
        false => shops::lock(&mut tx, shop).await?,
    };
    let Some(settings) = settings::get_within(&mut tx, shop).await? else {
        return Err(Refused::not_found());
    };
    if !is_new(&mut tx, shop, provider, name, now).await? {
        return Ok(Heard {
            again: true,
            ..Heard::default()
        });
    }
    let (mut heard, mut over) = (Heard::default(), Vec::new());
    for event in events {
        match find(&mut tx, &settings, event).await? {
            None => heard.unknown += 1,
            Some(sent) => {
                heard.taken += 1;
                if act(&mut tx, shop, event, &sent, now).await? {
                    over.extend(ends(&mut tx, &settings, event.what, &sent).await?);
                }
            }
        }
    }
    over.sort_unstable();
    over.dedup();
    match &mut locked {
        Some(locked) if !over.is_empty() => {
            let all = over.into_iter().map(|member| withdrawn(member, provider)).collect();
            let done = append::asked(&mut tx, locked, all, now).await?;
            sync_page::commit(app, tx, locked, &done).await?;
        }
        _ => tx.commit().await?,
    }
    events.iter().for_each(count);
    Ok(heard)
}

fn withdrawn(member: MemberId, provider: Provider) -> Asked {
    Asked {
        body: Body::ConsentWithdrawn { member },
        by: By::Webhook(provider.key().to_owned()),
        private: Private::default(),
    }
}

fn count(event: &Event) {
    let what = match event.what {
        What::Hard => "bounced",
        What::Soft => "bounced_softly",
        What::Complaint => "complained",
        What::Stopped => "stopped",
        What::Delivered => "delivered",
    };
    metrics::counter!(numbers::MAILS, "what" => what).increment(1);
}

/// Whether a message was not heard yet. It is from now on, if the transaction ends well.
async fn is_new(tx: &mut Tx, shop: ShopId, provider: Provider, name: &str, now: UtcMs) -> Result<bool> {
    let mut hash = Sha256::new();
    hash.update(provider.key());
    hash.update([0]);
    hash.update(name);
    let heard: [u8; 32] = hash.finalize().into();
    let old = "DELETE FROM mail_heard WHERE shop_id = $1 AND at_ms < $2";
    tx.run(old, args![&shop.0, now.0 - HEARD_MS]).await?;
    let sql = "INSERT INTO mail_heard (shop_id, heard, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, args![&shop.0, &heard, now.0]).await? == 1)
}

/// The mail that an event is about: by its own name, or the last that went to the address.
async fn find(tx: &mut Tx, settings: &MailShop, event: &Event) -> Result<Option<Sent>> {
    let shop = settings.shop;
    let columns = "SELECT mail_id, member_id, address FROM mails WHERE shop_id = $1 AND address IS NOT NULL";
    let mut row = None;
    if let Some(mail) = &event.mail {
        let sql = format!("{columns} AND mail_id = $2");
        row = tx.first(&sql, args![&shop.0, mail]).await?;
    }
    if let (None, Some(address)) = (&row, &event.address) {
        let sql = format!("{columns} AND address = $2 ORDER BY ended_at DESC LIMIT 1");
        let address = hidden(&settings.link_key, address);
        row = tx.first(&sql, args![&shop.0, &address]).await?;
    }
    let sent = row.map(|row| {
        Ok(Sent {
            mail: row.id(0)?,
            member: row.opt_id(1)?.map(MemberId),
            address: row.array(2)?,
        })
    });
    sent.transpose()
}

/// Notes what became of a mail. Answers whether nothing goes to its reader any more because of it.
async fn act(tx: &mut Tx, shop: ShopId, event: &Event, sent: &Sent, now: UtcMs) -> Result<bool> {
    let (returned, why) = match event.what {
        What::Delivered => {
            let arrived =
                "UPDATE mails SET state = 'sent', why = NULL WHERE shop_id = $1 AND mail_id = $2 AND state = 'unknown'";
            tx.run(arrived, args![&shop.0, &sent.mail]).await?;
            consent::arrived(tx, shop, &sent.address).await?;
            return Ok(false);
        }
        What::Stopped => return Ok(true),
        What::Soft => ("soft", None),
        What::Hard => ("bounced", Some("bounced")),
        What::Complaint => ("complained", Some("complained")),
    };
    // A complaint stays one, and a bounce for good is not made less by one for now.
    let sql = "UPDATE mails SET returned = $3, why = coalesce($4, why) WHERE shop_id = $1 AND mail_id = $2
               AND (returned IS NULL OR (returned = 'soft' AND $3 <> 'soft') OR (returned = 'bounced' AND $3 = 'complained'))";
    let new = tx
        .run(sql, args![&shop.0, &sent.mail, returned, event.status.as_deref()])
        .await?
        == 1;
    match why {
        Some(why) => {
            consent::suppress(tx, shop, &sent.address, why, now).await?;
            Ok(true)
        }
        None if new => consent::soft(tx, shop, &sent.address, now).await,
        None => Ok(false),
    }
}

/// The member whose word it ends, if they have one that stands. Whoever has another address by now did not bounce.
async fn ends(tx: &mut Tx, settings: &MailShop, what: What, sent: &Sent) -> Result<Option<MemberId>> {
    let Some(member) = sent.member else {
        return Ok(None);
    };
    let person = people::person(tx, settings.shop, member).await?;
    let moved = hidden(&settings.link_key, &person.email) != sent.address;
    let stands = consent::of(tx, settings.shop, &person.card).await?.stands;
    let said_it = matches!(what, What::Complaint | What::Stopped);
    Ok(Some(member).filter(|_| stands && !person.erased && (said_it || !moved)))
}
