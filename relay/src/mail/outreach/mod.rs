//! Mails to other shops: drafted from the voice, looked through, and sent only after somebody said yes to each. What was
//! shown is what goes out, to the letter. Who did what, and when, stays.

pub mod commands;

use ::mail::{Footer, Kind, Name, Rendered, Values, Voice, render};
use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use uuid::Uuid;

use super::compose::Shared;
use super::queue::{self, New, Said};
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
}

const SELECT: &str =
    "SELECT o.outreach_id, o.task_id, o.code, o.partner, o.address, o.subject, o.text, o.html, o.state,
    o.drafted_by, o.drafted_at, o.edited_by, o.edited_at, o.decided_by, o.decided_at, m.state, m.ended_at
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
}

/// A mail to a partner in a voice's words.
fn say(shared: &Shared, voice: &Voice, partner: &Partner) -> Rendered {
    let values = Values::new()
        .text(Name::Shop, &shared.shop.facts.name)
        .text(Name::Partner, &partner.name)
        .link(
            Name::PartnerLink,
            &format!("{}/ref/{}", shared.public_url, partner.code),
        );
    let footer = Footer {
        shop: &shared.shop.facts.name,
        postal: &shared.settings.postal,
        stop: None,
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

/// Why a partner got no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// No vendor of the shop has this code.
    UnknownCode,
    /// One waits for them already.
    Waits,
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

/// Drafts a mail to each of these: one task to look through. Nothing goes out.
///
/// # Errors
/// Where the database is away.
pub async fn draft(db: &Db, shared: &Shared, partners: &[Partner], by: &str, now: UtcMs) -> Result<Drafted> {
    let shop = shared.shop.shop_id;
    let task = clock::uuid(now);
    let mut done = Drafted::default();
    let mut tx = db.begin().await?;
    for partner in partners {
        let known = "SELECT 1 FROM referral_codes WHERE shop_id = $1 AND code = $2 AND kind = 'vendor'";
        if tx.first(known, args![&shop.0, &partner.code]).await?.is_none() {
            done.passed.push((partner.code.clone(), Passed::UnknownCode));
            continue;
        }
        let Rendered { subject, text, html } = say(shared, shared.voice(), partner);
        let sql =
            "INSERT INTO outreach (shop_id, outreach_id, task_id, code, partner, address, subject, text, html, state,
                                         drafted_by, drafted_at)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'drafted', $10, $11) ON CONFLICT DO NOTHING";
        let id = clock::uuid(now);
        let row = args![
            &shop.0,
            &id,
            &task,
            &partner.code,
            &partner.name,
            &partner.address,
            &subject,
            &text,
            &html,
            by,
            now.0
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

/// Other words for one that waits, in a voice's section of their own. Answers whether it still waited.
///
/// # Errors
/// Where the database is away.
pub async fn edit(db: &Db, shared: &Shared, id: Uuid, words: &Voice, by: &str, now: UtcMs) -> Result<bool> {
    let shop = shared.shop.shop_id;
    let mut tx = db.begin().await?;
    let Some(one) = get(&mut tx, shop, id).await? else {
        return Ok(false);
    };
    let partner = Partner {
        code: one.code,
        name: one.partner,
        address: one.address,
    };
    let Rendered { subject, text, html } = say(shared, words, &partner);
    let sql = "UPDATE outreach SET subject = $3, text = $4, html = $5, edited_by = $6, edited_at = $7
               WHERE shop_id = $1 AND outreach_id = $2 AND state = 'drafted'";
    let done = tx
        .run(sql, args![&shop.0, &id, &subject, &text, &html, by, now.0])
        .await?;
    tx.commit().await?;
    Ok(done == 1)
}

/// Says yes or no to one that waits, to all of a task, or with none to all that wait. What is approved is queued with the
/// yes. Answers how many were decided.
///
/// # Errors
/// Where the database is away.
pub async fn decide(db: &Db, shop: ShopId, of: Option<Uuid>, approve: bool, by: &str, now: UtcMs) -> Result<usize> {
    let mut tx = db.begin().await?;
    let sql = "SELECT outreach_id FROM outreach WHERE shop_id = $1 AND state = 'drafted'
               AND ($2 = 0 OR outreach_id = $3 OR task_id = $3) ORDER BY outreach_id";
    let rows = tx
        .all(sql, args![&shop.0, i64::from(of.is_some()), &of.unwrap_or_default()])
        .await?;
    let mut decided = 0;
    for row in rows {
        let id = row.id(0)?;
        let sql = "UPDATE outreach SET state = $3, decided_by = $4, decided_at = $5
                   WHERE shop_id = $1 AND outreach_id = $2 AND state = 'drafted'";
        let state = if approve { "approved" } else { "rejected" };
        // Whoever was first has decided.
        if tx.run(sql, args![&shop.0, &id, state, by, now.0]).await? != 1 {
            continue;
        }
        decided += 1;
        if approve {
            let new = New {
                event: format!("outreach:{id}"),
                recipient: "partner".to_owned(),
                kind: Kind::PartnerOutreach,
                member: None,
                said: Said::default(),
                due: now,
            };
            queue::add_as(&mut tx, shop, id, &new, now).await?;
        }
    }
    tx.commit().await?;
    Ok(decided)
}
