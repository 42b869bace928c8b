//! Mails to other shops: drafted from the voice, looked through, and sent only after somebody said yes to each. What was
//! shown is what goes out, to the letter. Who did what, and when, stays.

pub mod commands;
pub mod decide;
pub mod owner;
pub mod words;

use ::mail::{Footer, Kind, Name, Rendered, Values, Voice, render};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::choices::{self, Who};
use super::compose::Shared;
use super::consent;
use super::settings::MailShop;
use super::token::{Purpose, hidden};
use crate::store::db::{Db, Result, Row, Tx};
use crate::{args, clock};

/// Another shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// The code of its link.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Where it gets mail; checked.
    pub address: String,
}

/// A mail that waits, or what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outreach {
    /// Its id.
    pub outreach_id: Uuid,
    /// Those with the same were drafted together.
    pub task_id: Uuid,
    /// The partner's code.
    pub code: String,
    /// Its name.
    pub partner: String,
    /// Where it goes.
    pub address: String,
    /// On one line.
    pub subject: String,
    /// The part in plain text.
    pub text: String,
    /// The part in HTML.
    pub html: String,
    /// `drafted`, `approved` or `rejected`.
    pub state: String,
    /// On whose word it was drafted.
    pub drafted_by: String,
    /// When.
    pub drafted_at: UtcMs,
    /// Who changed its words last.
    pub edited_by: Option<String>,
    /// When.
    pub edited_at: Option<UtcMs>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UtcMs>,
    /// Where it stands among the mails, once it was approved: `queued`, `sent` …
    pub mail: Option<String>,
    /// When that was.
    pub mail_at: Option<UtcMs>,
    /// What it is made of: as a voice's section is written. None for what a relay of before drafted.
    pub words: Option<String>,
    /// When it goes at the soonest, once it was approved.
    pub due_at: Option<UtcMs>,
    /// Why it was put off, or ended so.
    pub why: Option<String>,
    /// What came back after it was sent: `soft`, `bounced` or `complained`.
    pub returned: Option<String>,
}

const SELECT: &str =
    "SELECT o.outreach_id, o.task_id, o.code, o.partner, o.address, o.subject, o.text, o.html, o.state,
    o.drafted_by, o.drafted_at, o.edited_by, o.edited_at, o.decided_by, o.decided_at, m.state, m.ended_at,
    o.words, m.due_at, m.why, m.returned
    FROM outreach o LEFT JOIN mails m ON m.shop_id = o.shop_id AND m.mail_id = o.outreach_id WHERE o.shop_id = $1";

impl Outreach {
    fn of(row: &Row) -> Result<Self> {
        let at = |column| -> Result<Option<UtcMs>> { Ok(row.opt_int(column)?.map(UtcMs)) };
        Ok(Self {
            outreach_id: row.id(0)?,
            task_id: row.id(1)?,
            code: row.text(2)?,
            partner: row.text(3)?,
            address: row.text(4)?,
            subject: row.text(5)?,
            text: row.text(6)?,
            html: row.text(7)?,
            state: row.text(8)?,
            drafted_by: row.text(9)?,
            drafted_at: UtcMs(row.int(10)?),
            edited_by: row.opt_text(11)?,
            edited_at: at(12)?,
            decided_by: row.opt_text(13)?,
            decided_at: at(14)?,
            mail: row.opt_text(15)?,
            mail_at: at(16)?,
            words: row.opt_text(17)?,
            due_at: at(18)?,
            why: row.opt_text(19)?,
            returned: row.opt_text(20)?,
        })
    }

    /// As its reader sees it.
    #[must_use]
    pub fn rendered(&self) -> Rendered {
        Rendered {
            subject: self.subject.clone(),
            text: self.text.clone(),
            html: self.html.clone(),
        }
    }

    /// Another shop's, as it is written to.
    #[must_use]
    pub fn to(&self) -> Partner {
        Partner {
            code: self.code.clone(),
            name: self.partner.clone(),
            address: self.address.clone(),
        }
    }

    /// What changes with anything that its reader would see, and with where it goes: whoever says yes names it.
    #[must_use]
    pub fn seen(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.partner, &self.address, &self.subject, &self.text, &self.html] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
    }
}

/// A mail to a partner in a voice's words. Its link to stop is its own.
fn say(shared: &Shared, voice: &Voice, id: Uuid, partner: &Partner) -> Rendered {
    let values = Values::new()
        .text(Name::Shop, &shared.shop.facts.name)
        .text(Name::Partner, &partner.name)
        .link(
            Name::PartnerLink,
            &format!("{}/ref/{}", shared.public_url, partner.code),
        );
    let stop = shared.link(id, Purpose::Stop);
    let footer = Footer {
        shop: &shared.shop.facts.name,
        postal: &shared.settings.postal,
        stop: Some(&stop),
    };
    render(
        voice,
        Kind::PartnerOutreach,
        shared.language(),
        &values,
        &footer,
        shared.look(),
    )
}

/// Why nothing goes to an address: `suppressed` where it bounced or complained, `not_wanted` where they stopped it.
///
/// # Errors
/// Where the database is away.
pub async fn closed(tx: &mut Tx, settings: &MailShop, address: &str) -> Result<Option<&'static str>> {
    let address = hidden(&settings.link_key, address);
    if consent::suppressed(tx, settings.shop, &address).await?.is_some() {
        return Ok(Some("suppressed"));
    }
    let who = Who {
        card: &[],
        address: Some(&address),
    };
    let off = choices::off(tx, settings.shop, who).await?;
    Ok(off.contains(&Kind::PartnerOutreach).then_some("not_wanted"))
}

/// Why a partner got no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// No vendor of the shop has this code.
    UnknownCode,
    /// One waits for them already.
    Waits,
    /// They stopped these mails.
    NotWanted,
    /// Their address bounced, or they complained.
    Suppressed,
}

/// What came of drafting.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drafted {
    /// The task, where there is something to look through.
    pub task_id: Option<Uuid>,
    /// How many mails.
    pub mails: usize,
    /// Who got none, and why.
    pub passed: Vec<(String, Passed)>,
}

/// Drafts a mail to each of these, in the words of the voice in force: one task to look through. Nothing goes out.
///
/// # Errors
/// Where the database is away.
pub async fn draft(db: &Db, shared: &Shared, partners: &[Partner], by: &str, now: UtcMs) -> Result<Drafted> {
    let words::Read { text: words, voice } = words::in_force(db, shared).await?;
    let task = clock::uuid(now);
    let mut done = Drafted::default();
    let mut tx = db.begin().await?;
    for partner in partners {
        if let Some(why) = passes(&mut tx, shared, partner).await? {
            done.passed.push((partner.code.clone(), why));
            continue;
        }
        let id = clock::uuid(now);
        let Rendered { subject, text, html } = say(shared, &voice, id, partner);
        let sql =
            "INSERT INTO outreach (shop_id, outreach_id, task_id, code, partner, address, subject, text, html, state,
                                   drafted_by, drafted_at, words)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'drafted', $10, $11, $12) ON CONFLICT DO NOTHING";
        let row = args![
            &shared.shop.shop_id.0,
            &id,
            &task,
            &partner.code,
            &partner.name,
            &partner.address,
            &subject,
            &text,
            &html,
            by,
            now.0,
            &words
        ];
        if tx.run(sql, row).await? == 1 {
            done.mails += 1;
        } else {
            done.passed.push((partner.code.clone(), Passed::Waits));
        }
    }
    tx.commit().await?;
    done.task_id = (done.mails > 0).then_some(task);
    Ok(done)
}

/// Why a partner gets no draft, where that is known before.
async fn passes(tx: &mut Tx, shared: &Shared, partner: &Partner) -> Result<Option<Passed>> {
    let known = "SELECT 1 FROM referral_codes WHERE shop_id = $1 AND code = $2 AND kind = 'vendor'";
    if tx
        .first(known, args![&shared.shop.shop_id.0, &partner.code])
        .await?
        .is_none()
    {
        return Ok(Some(Passed::UnknownCode));
    }
    let why = closed(tx, &shared.settings, &partner.address).await?;
    Ok(why.map(|why| match why {
        "not_wanted" => Passed::NotWanted,
        _ => Passed::Suppressed,
    }))
}

/// The mails of a shop, those that wait first, then the newest; or one of them, or a task's.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId, of: Option<Uuid>) -> Result<Vec<Outreach>> {
    let sql = format!(
        "{SELECT} AND ($2 = 0 OR o.outreach_id = $3 OR o.task_id = $3)
         ORDER BY CASE WHEN o.state = 'drafted' THEN 0 ELSE 1 END, o.drafted_at DESC, o.outreach_id LIMIT 500"
    );
    let rows = db
        .all(&sql, args![&shop.0, i64::from(of.is_some()), &of.unwrap_or_default()])
        .await?;
    rows.iter().map(Outreach::of).collect()
}

/// How many wait for a yes.
///
/// # Errors
/// Where the database is away.
pub async fn waiting(db: &Db, shop: ShopId) -> Result<i64> {
    let sql = "SELECT count(*) FROM outreach WHERE shop_id = $1 AND state = 'drafted'";
    let row = db.first(sql, args![&shop.0]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// One of them, within a transaction.
async fn get(tx: &mut Tx, shop: ShopId, id: Uuid) -> Result<Option<Outreach>> {
    let sql = format!("{SELECT} AND o.outreach_id = $2");
    tx.first(&sql, args![&shop.0, &id])
        .await?
        .as_ref()
        .map(Outreach::of)
        .transpose()
}

/// What a claimed mail says and where it goes: only what was approved.
///
/// # Errors
/// Where the database is away.
pub async fn approved(tx: &mut Tx, shop: ShopId, id: Uuid) -> Result<Option<Outreach>> {
    Ok(get(tx, shop, id).await?.filter(|one| one.state == "approved"))
}

/// How a mail would read in other words.
#[must_use]
pub fn tried(shared: &Shared, one: &Outreach, voice: &Voice) -> Rendered {
    say(shared, voice, one.outreach_id, &one.to())
}

/// Other words for one that waits: as a voice's section is written, and read before. Answers whether it still waited.
///
/// # Errors
/// Where the database is away.
pub async fn edit(db: &Db, shared: &Shared, id: Uuid, words: &words::Read, by: &str, now: UtcMs) -> Result<bool> {
    let shop = shared.shop.shop_id;
    let mut tx = db.begin().await?;
    let Some(one) = get(&mut tx, shop, id).await? else {
        return Ok(false);
    };
    let Rendered { subject, text, html } = tried(shared, &one, &words.voice);
    let sql = "UPDATE outreach SET subject = $3, text = $4, html = $5, edited_by = $6, edited_at = $7, words = $8
               WHERE shop_id = $1 AND outreach_id = $2 AND state = 'drafted'";
    let row = args![&shop.0, &id, &subject, &text, &html, by, now.0, &words.text];
    let done = tx.run(sql, row).await?;
    tx.commit().await?;
    Ok(done == 1)
}
