//! Whom a mail is for, looked up when it is sent: name and address by the last word, points, the next reward. All cards
//! that were merged count as one.

use loyalty::hlc::Hlc;
use loyalty::op::{Body, Private};
use loyalty::rules::Rules;
use loyalty::{Currency, MemberId, OpId, Points, ShopId};

use crate::args;
use crate::store::db::{DbError, Result, Row, Tx};

/// A member, as far as mail goes.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// All ids that show as this one; the one that shows is first.
    pub card: Vec<MemberId>,
    /// Their name; may be empty.
    pub name: String,
    /// Their address; may be empty.
    pub email: String,
    /// What is on their card.
    pub code: String,
    /// All they have.
    pub balance: Points,
    /// Whether their data is gone.
    pub erased: bool,
}

fn broken(error: impl ToString) -> DbError {
    DbError::Broken(error.to_string())
}

/// The ids of everybody who shows on a member's card, the one that shows first.
///
/// # Errors
/// Where the database is away.
pub async fn card(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<Vec<MemberId>> {
    let mut head = member;
    // The older id is always the smaller, so this ends.
    while let Some(into) = merged_into(tx, shop, head).await?.filter(|into| *into < head) {
        head = into;
    }
    let mut card = vec![head];
    let mut next = 0;
    while let Some(id) = card.get(next).copied() {
        let sql = "SELECT member_id FROM members WHERE shop_id = $1 AND merged_into = $2";
        for row in tx.all(sql, args![&shop.0, &id.0]).await? {
            let below = MemberId(row.id(0)?);
            if !card.contains(&below) {
                card.push(below);
            }
        }
        next += 1;
    }
    Ok(card)
}

async fn merged_into(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<Option<MemberId>> {
    let sql = "SELECT merged_into FROM members WHERE shop_id = $1 AND member_id = $2";
    let row = tx.first(sql, args![&shop.0, &member.0]).await?;
    Ok(row.map(|row| row.opt_id(0)).transpose()?.flatten().map(MemberId))
}

/// Looks a member up.
///
/// # Errors
/// Where the database is away.
pub async fn person(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<Person> {
    let mut person = Person {
        card: card(tx, shop, member).await?,
        ..Person::default()
    };
    let (mut name, mut email) = (Newest::default(), Newest::default());
    for id in person.card.clone() {
        let sql = "SELECT coalesce(sum(points), 0) FROM rights WHERE shop_id = $1 AND member_id = $2";
        let sql = sql.replace("coalesce(sum(points), 0)", "CAST(coalesce(sum(points), 0) AS BIGINT)");
        if let Some(row) = tx.first(&sql, args![&shop.0, &id.0]).await? {
            person.balance += row.int(0)?;
        }
        let sql = "SELECT o.body, o.op_id, o.origin_seq, p.data FROM private p
                   JOIN ops o ON o.shop_id = p.shop_id AND o.op_id = p.op_id WHERE p.shop_id = $1 AND p.member_id = $2";
        for row in tx.all(sql, args![&shop.0, &id.0]).await? {
            let (stamp, private) = word(&row)?;
            // The card that shows has the word; others are asked where it has said nothing.
            let own = id == person.card[0];
            name.hear(own, stamp, private.name);
            email.hear(own, stamp, private.email);
        }
    }
    (person.name, person.email) = (name.said, email.said);
    let sql = "SELECT erased FROM members WHERE shop_id = $1 AND member_id = $2";
    let row = tx.first(sql, args![&shop.0, &person.card[0].0]).await?;
    person.erased = row.map(|row| row.int(0)).transpose()? == Some(1);
    let sql = "SELECT code FROM referral_codes WHERE shop_id = $1 AND member_id = $2 ORDER BY created_at LIMIT 1";
    for id in &person.card {
        if let Some(row) = tx.first(sql, args![&shop.0, &id.0]).await? {
            person.code = row.text(0)?;
            break;
        }
    }
    Ok(person)
}

/// When something was said: by whom, and what.
fn word(row: &Row) -> Result<((Hlc, OpId), Private)> {
    let body: Body = serde_json::from_str(&row.text(0)?).map_err(broken)?;
    let clock = match body {
        Body::MemberChanged { clock, .. } => Hlc::of(clock, row.int(2)?),
        _ => Hlc::default(),
    };
    let private = serde_json::from_str(&row.text(3)?).map_err(broken)?;
    Ok(((clock, OpId(row.id(1)?)), private))
}

/// The last word about something.
#[derive(Default)]
struct Newest {
    said: String,
    by: Option<(bool, Hlc, OpId)>,
}

impl Newest {
    fn hear(&mut self, own: bool, (clock, op): (Hlc, OpId), said: Option<String>) {
        let by = Some((own, clock, op));
        if let Some(said) = said
            && self.by <= by
        {
            (self.said, self.by) = (said, by);
        }
    }
}

/// A reward: its name, and what it costs.
pub type Priced = (String, Points);

/// The rules that were published last, with their version; none where there are none.
///
/// # Errors
/// Where the database is away.
pub async fn last_rules(tx: &mut Tx, shop: ShopId) -> Result<Option<(i64, String)>> {
    let sql = "SELECT body, op_id, origin_seq FROM ops WHERE shop_id = $1 AND substr(body, 1, 24) = '{\"body\":\"rules_published'";
    let mut newest: Option<((i64, Hlc, OpId), String)> = None;
    for row in tx.all(sql, args![&shop.0]).await? {
        let body: Body = serde_json::from_str(&row.text(0)?).map_err(broken)?;
        let Body::RulesPublished { version, text, clock } = body else {
            continue;
        };
        let rank = (version, Hlc::of(clock, row.int(2)?), OpId(row.id(1)?));
        if newest.as_ref().is_none_or(|(before, _)| *before < rank) {
            newest = Some((rank, text));
        }
    }
    Ok(newest.map(|(rank, text)| (rank.0, text)))
}

/// The rules in force, with their version; none where there are none that this relay can read.
///
/// # Errors
/// Where the database is away.
pub async fn rules(tx: &mut Tx, shop: ShopId, currency: &str) -> Result<Option<(i64, Rules)>> {
    let (Some((version, text)), Ok(currency)) = (last_rules(tx, shop).await?, currency.parse::<Currency>()) else {
        return Ok(None);
    };
    // Rules that a newer till wrote and this relay can't read say nothing here.
    Ok(Rules::parse(&text, currency).ok().map(|rules| (version, rules)))
}

/// The rewards of the rules in force, the cheapest first.
///
/// # Errors
/// Where the database is away.
pub async fn rewards(tx: &mut Tx, shop: ShopId, currency: &str) -> Result<Vec<Priced>> {
    let rules = rules(tx, shop, currency).await?;
    let mut rewards: Vec<Priced> = rules
        .iter()
        .flat_map(|(_, rules)| rules.rewards())
        .filter(|reward| reward.points > 0)
        .map(|reward| (reward.name.clone(), reward.points))
        .collect();
    rewards.sort_by_key(|(_, points)| *points);
    Ok(rewards)
}
