//! The weekly look at members who stay away: what is due by the rules and the owner's choices is written into the log, and
//! the mail queued, in one transaction. Who lapses and what comes next is decided in `loyalty::lapsing`.

use ::mail::Kind;
use loyalty::lapsing::{Acted, BACK_MS, Bonus, Lapse, Next, lapse, next, won_back};
use loyalty::op::{Body, By};
use loyalty::rules::Lapsing;
use loyalty::time::ShopZone;
use loyalty::{EntryId, MemberId, ShopId, UtcMs};
use std::collections::BTreeSet;
use uuid::Uuid;

use super::people::{self, Person};
use super::queue::{self, New};
use super::settings::MailShop;
use super::token::hidden;
use super::{consent, settings, visits};
use crate::store::append;
use crate::store::db::{Db, Result, Tx};
use crate::store::shops::{self, Shop};
use crate::{args, clock};

/// Members that are looked at in one go.
const LOOK: i64 = 500;
/// Members for whom something is done in one transaction: the shop's tills wait for it.
const ACT: usize = 50;

/// Does all that is due. Whoever was done before is passed over: a look that was broken off goes on where it was.
///
/// # Errors
/// Where the database is away.
pub async fn sweep(db: &Db, shop: ShopId, now: UtcMs) -> Result<()> {
    visits::catch_up(db, shop).await?;
    let Some((rule, zone)) = rule(db, shop).await? else {
        return Ok(());
    };
    let upto = loyalty::standing::before(zone, now, rule.after);
    let mut after = MemberId(Uuid::nil());
    loop {
        let some = visits::quiet_since(db, shop, upto, after, LOOK).await?;
        let Some((last, ..)) = some.last() else {
            return Ok(());
        };
        after = *last;
        // Somebody with too few visits, and nobody on the same card, is none of it.
        let maybe = some.iter().filter(|(_, visits, many)| *many || *visits >= rule.visits);
        let maybe: Vec<MemberId> = maybe.map(|(member, ..)| *member).collect();
        for members in maybe.chunks(ACT) {
            act(db, shop, members, now).await?;
        }
    }
}

async fn rule(db: &Db, shop: ShopId) -> Result<Option<(Lapsing, ShopZone)>> {
    let Some(known) = shops::get(db, shop).await? else {
        return Ok(None);
    };
    let mut tx = db.begin().await?;
    let rules = people::rules(&mut tx, shop, &known.facts.currency).await?;
    let rule = rules.and_then(|(_, rules)| rules.lapsing());
    // A shop's zone was read when the shop was made.
    Ok(rule.zip(known.facts.timezone.parse().ok()))
}

/// What is to be done about a member.
struct Due {
    person: Person,
    lapse: Lapse,
    bonus: Option<Bonus>,
}

/// Does what is due for these members, under the shop's lock.
async fn act(db: &Db, shop: ShopId, members: &[MemberId], now: UtcMs) -> Result<()> {
    let mut tx = db.begin().await?;
    let (Some(mut locked), Some(settings)) = (
        shops::lock(&mut tx, shop).await?,
        settings::get_within(&mut tx, shop).await?,
    ) else {
        return Ok(());
    };
    // What came in since, also of this very look.
    visits::catch_up_within(&mut tx, shop).await?;
    let Some((version, rules)) = people::rules(&mut tx, shop, &locked.facts.currency).await? else {
        return Ok(());
    };
    let Some(rule) = rules.lapsing() else { return Ok(()) };
    let mut seen = BTreeSet::new();
    let mut due = Vec::new();
    for member in members {
        let found = look(&mut tx, &locked, &settings, &rule, *member, now).await?;
        due.extend(found.filter(|found| seen.insert(found.person.card[0])));
    }
    if due.is_empty() {
        return tx.commit().await;
    }
    let bodies = due.iter().map(|due| Body::LapsingActed(due.acted(version))).collect();
    append::own_by(&mut tx, &mut locked, bodies, By::Job("lapsing".into()), now).await?;
    for due in &due {
        queue::add(&mut tx, shop, &due.mail(now), now).await?;
    }
    tx.commit().await
}

impl Due {
    fn acted(&self, rules_version: i64) -> Acted {
        Acted {
            member: self.person.card[0],
            since: self.lapse.since,
            nth: self.lapse.nudges + 1,
            bonus: self.bonus,
            chosen: self.lapse.chosen.map(|(op, _)| op),
            rules_version,
        }
    }

    fn mail(&self, now: UtcMs) -> New {
        let event = format!("lapse:{}:{}", self.lapse.since.0, self.lapse.nudges + 1);
        let mut new = New::to(self.person.card[0], Kind::WeMissYou, event, now);
        new.said.weeks = Some(self.lapse.weeks(now));
        new.said.bonus = self.bonus.map(|bonus| bonus.points);
        new.said.away_since = Some(self.lapse.since.0);
        new
    }
}

/// What is due for a member, if anything is: they lapse, it is time, and they get mail.
async fn look(
    tx: &mut Tx,
    shop: &Shop,
    settings: &MailShop,
    rule: &Lapsing,
    member: MemberId,
    now: UtcMs,
) -> Result<Option<Due>> {
    let id = shop.shop_id;
    let card = people::card(tx, id, member).await?;
    let known = visits::of(tx, id, &card).await?;
    let Ok(zone) = shop.facts.timezone.parse::<ShopZone>() else {
        return Ok(None);
    };
    let found = lapse(rule, zone, known.visits, known.last, &known.acts, known.word, now);
    let Some(lapse) = found else { return Ok(None) };
    let usual = visits::usual(tx, id).await?;
    let Next::Mail(points) = next(rule, usual, &lapse, now) else {
        return Ok(None);
    };
    let person = people::person(tx, id, member).await?;
    if !gets_mail(tx, settings, &person, now).await? {
        return Ok(None);
    }
    let bonus = (points > 0).then(|| Bonus {
        entry: EntryId(clock::uuid(now)),
        points,
    });
    Ok(Some(Due { person, lapse, bonus }))
}

/// Whether a mail of the shop's own idea would go out to somebody now: one that would not is no nudge.
async fn gets_mail(tx: &mut Tx, settings: &MailShop, person: &Person, now: UtcMs) -> Result<bool> {
    if person.erased || person.email.is_empty() {
        return Ok(false);
    }
    let address = hidden(&settings.link_key, &person.email);
    Ok(consent::of(tx, settings.shop, &person.card).await?.stands
        && consent::is_confirmed(tx, settings.shop, &person.card, &address).await?
        && consent::suppressed(tx, settings.shop, &address).await?.is_none()
        && queue::marketing_to(tx, settings.shop, person.card[0], now).await? < settings.per_week)
}

/// Whether somebody was here after a moment, as far as the log has come.
///
/// # Errors
/// Where the database is away.
pub async fn came_back(db: &Db, shop: ShopId, card: &[MemberId], since: UtcMs) -> Result<bool> {
    visits::catch_up(db, shop).await?;
    let mut tx = db.begin().await?;
    let known = visits::of(&mut tx, shop, card).await?;
    Ok(known.last.is_some_and(|last| last > since))
}

/// How often something was done from a moment on.
///
/// # Errors
/// Where the database is away.
pub async fn done_since(tx: &mut Tx, shop: ShopId, from: UtcMs) -> Result<i64> {
    let sql = "SELECT count(*) FROM lapsing_acts WHERE shop_id = $1 AND at_ms >= $2";
    let row = tx.first(sql, args![&shop.0, from.0]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Lapses that ended with a visit between two moments, not too long after a mail: members won back.
///
/// # Errors
/// Where the database is away.
pub async fn win_backs(db: &Db, shop: ShopId, from: UtcMs, to: UtcMs) -> Result<i64> {
    visits::catch_up(db, shop).await?;
    let mut tx = db.begin().await?;
    // Only acts that are recent enough can have won a visit of that time.
    let sql = "SELECT DISTINCT member_id FROM lapsing_acts WHERE shop_id = $1 AND at_ms >= $2 AND at_ms < $3";
    let oldest = from.0 - BACK_MS;
    let mut cards = BTreeSet::new();
    for row in tx.all(sql, args![&shop.0, oldest, to.0]).await? {
        cards.insert(people::card(&mut tx, shop, MemberId(row.id(0)?)).await?);
    }
    let mut won = 0;
    for card in cards {
        let acts = visits::of(&mut tx, shop, &card).await?.acts;
        let visits = visits::between(&mut tx, shop, &card, UtcMs(oldest), to).await?;
        let mut previous = UtcMs(oldest);
        for visit in visits {
            won += i64::from(visit >= from && won_back(&acts, previous, visit));
            previous = visit;
        }
    }
    Ok(won)
}
