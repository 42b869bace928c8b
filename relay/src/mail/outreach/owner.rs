//! What an owner does about mails to other shops from a till: the answer to each of `sync::outreach::OutreachRequest`.

use ::mail::{Problem, Rendered};
use loyalty::{ShopId, UtcMs, contact};
use sync::mail::MailSaid;
use sync::outreach::{
    OutreachAnswer, OutreachMail, OutreachPassed, OutreachRequest, OutreachSeen, OutreachState, OutreachTo,
    OutreachVendor,
};
use uuid::Uuid;

use super::decide::{self, Not as Undecided};
use super::{Outreach, Partner, Passed, closed, draft, edit, list, tried, waiting, words};
use crate::mail::compose::Shared;
use crate::mail::owner::{Not, no, shown};
use crate::mail::settings;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::store::db::{Db, Result as DbResult};
use crate::{args, clock, names};

/// What is approved in a window can be taken back for so long, before a worker may have it.
const GRACE_MS: i64 = 20_000;
/// Vendors that are listed.
const VENDORS: i64 = 500;
/// Bytes of mails that are listed with all that they say: an answer has room for twice as much.
const WHOLE_BYTES: usize = 1 << 20;
/// Mails that don't wait any more, as far as they are listed.
const GONE: usize = 200;

impl From<Undecided> for Not {
    fn from(why: Undecided) -> Self {
        match why {
            Undecided::Gone => no("outreach_gone", ""),
            Undecided::Changed => no("outreach_changed", ""),
            Undecided::Waits => no("outreach_waits", ""),
        }
    }
}

/// Does it.
///
/// # Errors
/// Where the database is away. What the owner can mend is an answer.
pub async fn does(app: &App, shop: ShopId, request: OutreachRequest) -> Result<OutreachAnswer, Refused> {
    let desk = Desk { app, shop };
    match desk.does(request).await {
        Ok(answer) => Ok(answer),
        Err(Not::Done(refused)) => Ok(OutreachAnswer {
            refused: Some(refused),
            ..OutreachAnswer::default()
        }),
        Err(Not::Broken(refused)) => Err(refused),
    }
}

struct Desk<'a> {
    app: &'a App,
    shop: ShopId,
}

impl Desk<'_> {
    async fn does(&self, request: OutreachRequest) -> Result<OutreachAnswer, Not> {
        let (db, now) = (&self.app.db, clock::now());
        let mut answer = OutreachAnswer::default();
        match request {
            OutreachRequest::Look => {}
            OutreachRequest::Count => {
                answer.waiting = Some(waiting(db, self.shop).await?);
                return Ok(answer);
            }
            OutreachRequest::Draft { to, by } => answer.passed = Some(self.draft(&to, &by, now).await?),
            OutreachRequest::Try { mail, words } => return self.tries(mail, &words).await,
            OutreachRequest::Edit { mail, words, by } => {
                let shared = self.shared().await?;
                let words = words::read(&words, shared.language()).map_err(|_| no("mail_bad_voice", "words"))?;
                if !edit(db, &shared, mail, &words, &staff(&by)?, now).await? {
                    return Err(no("outreach_gone", ""));
                }
            }
            OutreachRequest::Decide { mails, approve, by } => {
                if approve {
                    // Without a way to send it would only wait.
                    self.shared().await?;
                }
                let seen: Vec<_> = mails
                    .into_iter()
                    .map(|OutreachSeen { mail, seen }| (mail, seen))
                    .collect();
                let due = UtcMs(now.0 + GRACE_MS);
                decide::decide_seen(db, self.shop, &seen, approve, (&staff(&by)?, now), due).await??;
            }
            OutreachRequest::Undo { mails } => decide::undo(db, self.shop, &mails, now).await??,
            OutreachRequest::Show { mail } => {
                answer.said = Some(said(self.one(mail).await?.rendered()));
                return Ok(answer);
            }
        }
        answer.state = Some(self.state(now).await?);
        Ok(answer)
    }

    async fn shared(&self) -> Result<Shared, Not> {
        let shared = Shared::load(&self.app.db, self.shop, &self.app.settings.public_url).await?;
        shared.ok_or_else(|| no("mail_not_set", ""))
    }

    /// One mail of the shop's.
    async fn one(&self, mail: Uuid) -> Result<Outreach, Not> {
        let all = list(&self.app.db, self.shop, Some(mail)).await?;
        let one = all.into_iter().find(|one| one.outreach_id == mail);
        one.ok_or_else(|| no("outreach_gone", ""))
    }

    async fn draft(&self, to: &[OutreachTo], by: &str, now: UtcMs) -> Result<Vec<OutreachPassed>, Not> {
        let shared = self.shared().await?;
        let partners = to.iter().map(partner).collect::<Result<Vec<_>, _>>()?;
        let done = draft(&self.app.db, &shared, &partners, &staff(by)?, now).await?;
        let passed = done.passed.into_iter().map(|(code, why)| OutreachPassed {
            code,
            why: match why {
                Passed::UnknownCode => "unknown_code",
                Passed::Waits => "waits",
                Passed::NotWanted => "not_wanted",
                Passed::Suppressed => "suppressed",
            }
            .to_owned(),
        });
        Ok(passed.collect())
    }

    async fn tries(&self, mail: Uuid, text: &str) -> Result<OutreachAnswer, Not> {
        let (shared, one) = (self.shared().await?, self.one(mail).await?);
        let found = words::read(text, shared.language());
        let problem = |found: &[Problem]| found.iter().map(|one| shown(one, text)).collect();
        Ok(match found {
            Ok(words) => OutreachAnswer {
                said: Some(said(tried(&shared, &one, &words.voice))),
                problems: Some(Vec::new()),
                ..OutreachAnswer::default()
            },
            Err(found) => OutreachAnswer {
                problems: Some(problem(&found)),
                ..OutreachAnswer::default()
            },
        })
    }

    async fn state(&self, now: UtcMs) -> Result<OutreachState, Not> {
        let (db, shop) = (&self.app.db, self.shop);
        let all = list(db, shop, None).await?;
        let (mut waits, gone): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.state == "drafted");
        waits.reverse();
        let mut room = WHOLE_BYTES;
        let fits = |one: &Outreach| {
            room = room.checked_sub(one.html.len() + one.text.len() + 2_000)?;
            Some(())
        };
        let whole = waits.iter().map_while(fits).count().max(1);
        waits.truncate(whole);
        let in_force = match self.shared().await {
            Ok(shared) => Some(words::in_force(db, &shared).await?.text),
            Err(_) => None,
        };
        let waiting_mails = waits.into_iter().map(|mut one| {
            // What a relay of before drafted is changed from the words in force.
            one.words = one.words.or_else(|| in_force.clone());
            one
        });
        Ok(OutreachState {
            sends: in_force.is_some(),
            vendors: vendors(db, shop).await?,
            mails: waiting_mails
                .chain(gone.into_iter().take(GONE))
                .map(|one| line(one, now))
                .collect(),
            waiting: waiting(db, shop).await?,
        })
    }
}

fn staff(by: &str) -> Result<String, Not> {
    names::checked(by).ok_or_else(|| no("mail_missing", "by"))
}

fn partner(to: &OutreachTo) -> Result<Partner, Not> {
    let bad = |code| no(code, &to.code);
    let address = contact::optional_email(&to.address).map_err(|_| bad("mail_bad_address"))?;
    if address.is_empty() {
        return Err(bad("mail_bad_address"));
    }
    Ok(Partner {
        code: to.code.to_lowercase(),
        name: names::checked(&to.name).ok_or_else(|| bad("mail_missing"))?,
        address,
    })
}

fn said(Rendered { subject, text, html }: Rendered) -> MailSaid {
    MailSaid { subject, text, html }
}

/// What has become of one, and since when.
fn became(one: &Outreach) -> (&str, UtcMs) {
    let decided = one.decided_at.unwrap_or(one.drafted_at);
    let ended = one.mail_at.unwrap_or(decided);
    match (one.state.as_str(), one.mail.as_deref(), one.returned.as_deref()) {
        ("approved", _, Some("soft")) => ("bounced_softly", ended),
        ("approved", _, Some("bounced")) => ("bounced", ended),
        ("approved", _, Some("complained")) => ("complained", ended),
        ("approved", Some("cancelled"), _) if one.why.as_deref() == Some("stopped") => ("stopped", ended),
        ("approved", Some("queued"), _) => ("queued", one.due_at.unwrap_or(decided)),
        ("approved", Some(state), _) => (state, ended),
        ("approved", None, _) => ("queued", decided),
        (state, ..) => (state, decided),
    }
}

fn line(one: Outreach, now: UtcMs) -> OutreachMail {
    let waits = one.state == "drafted";
    let (state, at) = became(&one);
    OutreachMail {
        mail: one.outreach_id,
        state: state.to_owned(),
        at,
        why: one.why.clone(),
        undo: decide::can_go_back(&one, now),
        seen: one.seen(),
        said: waits.then(|| said(one.rendered())),
        words: one.words.filter(|_| waits),
        code: one.code,
        name: one.partner,
        address: one.address,
        subject: one.subject,
        drafted_by: one.drafted_by,
        drafted_at: one.drafted_at,
        edited_by: one.edited_by,
        edited_at: one.edited_at,
        decided_by: one.decided_by,
        decided_at: one.decided_at,
    }
}

/// Whom the shop could write to, the newest link first: with what they were called and where they were written to.
async fn vendors(db: &Db, shop: ShopId) -> DbResult<Vec<OutreachVendor>> {
    let settings = settings::get(db, shop).await?;
    let sql = "SELECT c.code, c.campaign, o.partner, o.address, o.drafted_at,
                      CAST(CASE WHEN EXISTS (SELECT 1 FROM outreach w WHERE w.shop_id = c.shop_id AND w.code = c.code
                                             AND w.state = 'drafted') THEN 1 ELSE 0 END AS BIGINT)
               FROM referral_codes c LEFT JOIN outreach o ON o.shop_id = c.shop_id AND o.outreach_id =
                   (SELECT l.outreach_id FROM outreach l WHERE l.shop_id = c.shop_id AND l.code = c.code
                    ORDER BY l.outreach_id DESC LIMIT 1)
               WHERE c.shop_id = $1 AND c.kind = 'vendor' ORDER BY c.created_at DESC, c.code LIMIT $2";
    let mut tx = db.begin().await?;
    let mut all = Vec::new();
    for row in tx.all(sql, args![&shop.0, VENDORS]).await? {
        let address = row.opt_text(3)?;
        let why = match (&settings, &address) {
            (Some(settings), Some(address)) => closed(&mut tx, settings, address).await?,
            _ => None,
        };
        all.push(OutreachVendor {
            code: row.text(0)?,
            campaign: row.text(1)?,
            name: row.opt_text(2)?,
            address,
            last_at: row.opt_int(4)?.map(UtcMs),
            waits: row.int(5)? == 1,
            closed: why.map(str::to_owned),
        });
    }
    Ok(all)
}
