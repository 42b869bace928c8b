//! One look at a document: read it, and where it changed and can be published, publish it the way an owner does; else note
//! why, and tell the owner. All that follows from a look is one transaction under the shop's lock, and only the look that
//! began last has a say.

use ::mail::Kind;
use loyalty::hlc::Hlc;
use loyalty::op::{Body, By};
use loyalty::{Currency, ShopId, UtcMs};
use sync::documents::DocumentProblem;

use super::What;
use super::fetch::{Found, Marks, Outside};
use super::judge::judged;
use super::kept::{self, Kept};
use super::normal::{hash, normal};
use super::problem::{Why, may_pass};
use super::source::Source;
use crate::mail::queue::{self, New};
use crate::mail::said::{DocumentSaid, Said};
use crate::mail::seal::Key;
use crate::mail::{people, settings, voices};
use crate::serve::live;
use crate::store::append;
use crate::store::db::{Db, DbError, Result, Tx};
use crate::store::shops::{self, Shop};

/// A problem that may pass is told when it has lasted so long: longer than two looks by hand, shorter than two by time.
const LASTS_MS: i64 = 10 * 60_000;

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// What it says is what was taken over the last time.
    Same,
    /// It was put in force, or was already, as this version.
    Published {
        /// The version.
        version: i64,
        /// The shop's newest place in its order, where something was appended.
        shop_seq: Option<i64>,
    },
    /// It was not, and why.
    Not(DocumentProblem),
    /// A later look, or the owner, was there first.
    Passed,
}

/// What is at a source: a text, unless it is the one that these marks are of.
///
/// # Errors
/// Where the database is away. Why there is no text is the answer.
pub async fn read(
    db: &Db,
    outside: &Outside,
    key: Option<&Key>,
    shop: ShopId,
    source: &Source,
    before: &Marks,
    now: UtcMs,
) -> Result<Result<Found, Why>> {
    match source {
        Source::Web(url) => Ok(outside.read(url, before).await),
        Source::Google(id) => {
            let Some(account) = kept::account(db, key, shop).await? else {
                return Ok(Err(Why::NoKey));
            };
            let text = outside.export(shop, &account, id, now).await;
            Ok(text.map(|text| Found::Text(text, Marks::default())))
        }
    }
}

/// Looks at a document whose look has begun.
///
/// # Errors
/// Where the database is away.
pub async fn look(db: &Db, outside: &Outside, key: Option<&Key>, claimed: &Kept, now: UtcMs) -> Result<Looked> {
    // Where something was wrong with it, all of it is read anew: a later relay may see it otherwise.
    let before = match claimed.problem {
        None => claimed.marks.clone(),
        Some(_) => Marks::default(),
    };
    let (shop, source) = (claimed.shop, &claimed.source);
    let found = read(db, outside, key, shop, source, &before, now).await?;
    conclude(db, claimed, found, now).await
}

/// What follows from what was found.
///
/// # Errors
/// Where the database is away.
pub async fn conclude(db: &Db, claimed: &Kept, found: Result<Found, Why>, now: UtcMs) -> Result<Looked> {
    let mut tx = db.begin().await?;
    let Some(mut shop) = shops::lock(&mut tx, claimed.shop).await? else {
        return Ok(Looked::Passed);
    };
    let kept = kept::within(&mut tx, claimed.shop, claimed.what).await?;
    let Some(mut kept) = kept.filter(|kept| kept.looks == claimed.looks && kept.set_at == claimed.set_at) else {
        return Ok(Looked::Passed);
    };
    kept.looked_at = Some(now);
    let looked = match found {
        Ok(Found::Same) => Looked::Same,
        Ok(Found::Text(text, marks)) => take(&mut tx, &mut shop, &mut kept, &text, marks, now).await?,
        Err(why) => Looked::Not(note(&mut tx, &mut kept, &why, now).await?),
    };
    if !matches!(looked, Looked::Not(_)) {
        kept.problem = None;
    }
    kept.write(&mut tx).await?;
    if let Looked::Published {
        shop_seq: Some(seq), ..
    } = looked
    {
        live::announce(&mut tx, shop.shop_id, seq).await?;
    }
    tx.commit().await?;
    Ok(looked)
}

/// Takes a text over, unless it is the one that was taken over the last time: what was put in force by hand since stays.
async fn take(tx: &mut Tx, shop: &mut Shop, kept: &mut Kept, text: &str, marks: Marks, now: UtcMs) -> Result<Looked> {
    if kept.hash == Some(hash(&normal(text))) {
        kept.marks = marks;
        return Ok(Looked::Same);
    }
    let text = match judged(kept.what, text, currency(shop)?) {
        Ok(text) => text,
        Err(why) => return Ok(Looked::Not(note(tx, kept, &why, now).await?)),
    };
    let seq = shop.shop_seq;
    let version = publish(tx, shop, kept, &text, now).await?;
    (kept.hash, kept.marks) = (Some(hash(&text)), marks);
    (kept.published_at, kept.version) = (Some(now), Some(version));
    let shop_seq = (shop.shop_seq > seq).then_some(shop.shop_seq);
    Ok(Looked::Published { version, shop_seq })
}

/// A shop's currency.
///
/// # Errors
/// Where it can't be read.
pub fn currency(shop: &Shop) -> Result<Currency> {
    let broken = |_| DbError::Broken("a shop's currency can't be read".into());
    shop.facts.currency.parse().map_err(broken)
}

/// Puts a text in force as the next version, unless it is in force. Rules are an operation of the relay's: tills hear of
/// it and apply it like one of another till's. Answers the version.
async fn publish(tx: &mut Tx, shop: &mut Shop, kept: &Kept, text: &str, now: UtcMs) -> Result<i64> {
    let id = shop.shop_id;
    let by = kept.source.by();
    let newest = in_force(tx, id, kept.what).await?;
    if let Some((version, _)) = newest.as_ref().filter(|(_, before)| normal(before) == text) {
        return Ok(*version);
    }
    match kept.what {
        What::Rules => {
            let version = people::last_rules(tx, id).await?.map_or(1, |(last, _)| last + 1);
            let body = Body::RulesPublished {
                version,
                text: text.to_owned(),
                clock: Hlc::next(shop.clock, now),
            };
            append::own_by(tx, shop, vec![body], By::Job(by), now).await?;
            Ok(version)
        }
        What::Voice => voices::publish_within(tx, id, text, Some(&By::Job(by).to_string()), now).await,
    }
}

/// The newest version and its text; none where nothing was published.
///
/// # Errors
/// Where the database is away.
pub async fn in_force(tx: &mut Tx, shop: ShopId, what: What) -> Result<Option<(i64, String)>> {
    match what {
        What::Rules => people::last_rules(tx, shop).await,
        What::Voice => voices::newest_within(tx, shop).await,
    }
}

/// Notes why a document was not taken over, and tells the owner once: at once, or if it may pass, when it has lasted.
async fn note(tx: &mut Tx, kept: &mut Kept, why: &Why, now: UtcMs) -> Result<DocumentProblem> {
    let before = kept.problem.as_ref().filter(|before| before.code == why.code());
    let since = before.map_or(now, |before| before.since);
    let problem = why.told(since);
    kept.problem = Some(problem.clone());
    if may_pass(&problem.code) && now.0 - since.0 < LASTS_MS {
        return Ok(problem);
    }
    let owner = settings::get_within(tx, kept.shop).await?;
    if owner.is_some_and(|settings| settings.owner.is_some()) {
        queue::add(tx, kept.shop, &told(kept, &problem, now), now).await?;
    }
    Ok(problem)
}

/// The mail to the owner. The same problem of one document is told once a day at the most, however often it comes and goes.
fn told(kept: &Kept, problem: &DocumentProblem, now: UtcMs) -> New {
    let (what, code, set) = (kept.what.key(), &problem.code, kept.set_at.0);
    let day = problem.since.0.div_euclid(UtcMs::DAY_MS);
    let said = DocumentSaid {
        document: what.to_owned(),
        address: kept.source.address(),
        problem: problem.clone(),
    };
    New {
        event: format!("document:{what}:{set}:{code}:{day}"),
        recipient: "owner".to_owned(),
        kind: Kind::DocumentProblem,
        member: None,
        said: Said {
            document: Some(Box::new(said)),
            ..Said::default()
        },
        due: now,
    }
}
