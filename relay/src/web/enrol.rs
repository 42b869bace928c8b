//! Joining on the web, once it is clear who wants to: a member like any other, appended to the shop's log by the relay,
//! and through whom they came. Whoever is a member already, or brings themselves, is not brought by anybody.

use loyalty::contact::mailbox;
use loyalty::op::{Body, By, Private};
use loyalty::{MemberCode, MemberId, Phone, ShopId, UtcMs};
use uuid::Uuid;

use super::code::RefCode;
use crate::clock;
use crate::mail::people;
use crate::store::append::{self, Appended, Asked};
use crate::store::db::{Result, Tx};
use crate::store::joins::{self, Joined, Referrer};
use crate::store::places::{self, Seen};
use crate::store::shops::{self, Shop};

/// Where a code would stand, for whoever joined without one. No code can be this.
const NO_CODE: &str = "-";

/// Somebody who wants to join. All of it is checked.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The page's own number.
    pub page: Uuid,
    /// Their number.
    pub phone: Phone,
    /// Their name; may be empty.
    pub name: String,
    /// Their email; may be empty.
    pub email: String,
    /// Whether they agreed to get mail there.
    pub consent: bool,
    /// The code that they came through.
    pub code: Option<RefCode>,
    /// As the day knows them.
    pub seen: Seen,
}

/// How it ended.
pub enum Ended {
    /// They are a member now: what was appended to the shop, which is still locked.
    Joined(Box<Shop>, Appended),
    /// The same page was sent before.
    Again,
    /// They were a member before.
    Already,
    /// The shop is no more, or suspended.
    NoShop,
}

/// Enrols somebody, under the shop's lock: two at once with one phone are one member, at whichever relays.
///
/// # Errors
/// Where the database is away.
pub async fn enrol(tx: &mut Tx, shop: ShopId, wish: Wish, now: UtcMs) -> Result<Ended> {
    let Some(mut locked) = shops::lock(tx, shop).await?.filter(|shop| shop.active) else {
        return Ok(Ended::NoShop);
    };
    if joins::is_used(tx, shop, wish.page).await? {
        return Ok(Ended::Again);
    }
    let referrer = match &wish.code {
        Some(code) => found(tx, shop, code).await?,
        None => None,
    };
    if joins::has_phone(tx, shop, wish.phone.e164()).await? {
        if let Some(referrer) = referrer {
            joins::refuse(tx, shop, clock::uuid(now), &referrer.code, "member_already", now).await?;
        }
        return Ok(Ended::Already);
    }
    let member = MemberId(clock::uuid(now));
    let code = MemberCode::from_random(u64::from_be_bytes(clock::random()));
    let mut all = vec![of_member(
        Body::MemberEnrolled {
            member,
            code: code.as_str().to_owned(),
        },
        Private {
            phone: Some(wish.phone.e164().to_owned()),
            name: Some(wish.name.clone()).filter(|name| !name.is_empty()),
            email: Some(wish.email.clone()).filter(|email| !email.is_empty()),
            ..Private::default()
        },
    )];
    if wish.consent {
        let covers = Some(Vec::new());
        all.push(of_member(Body::ConsentGiven { member, covers }, Private::default()));
    }
    // Whoever joins through nobody's code is remembered, too: they may be the next one's referrer.
    let mut through = NO_CODE.to_owned();
    if let Some(referrer) = referrer {
        match own(tx, shop, &referrer, &wish).await? {
            Some(why) => joins::refuse(tx, shop, clock::uuid(now), &referrer.code, why, now).await?,
            None => {
                let card = match referrer.member {
                    Some(member) => people::card(tx, shop, member).await?,
                    None => Vec::new(),
                };
                let doubts = places::doubts(tx, shop, &referrer.code, &card, &wish.seen, now).await?;
                through = referrer.code.clone();
                let body = Body::ReferralJoined {
                    member,
                    code: referrer.code,
                    referrer: referrer.member,
                    doubts,
                };
                all.push(of_member(body, Private::default()));
            }
        }
    }
    let joined = Joined {
        member,
        code: code.as_str().to_owned(),
        at: now,
    };
    joins::note(tx, shop, wish.page, &joined, &wish.seen.visitor).await?;
    places::note(tx, shop, member, &through, &wish.seen, now).await?;
    let done = append::asked(tx, &mut locked, all, now).await?;
    Ok(Ended::Joined(Box::new(locked), done))
}

fn of_member(body: Body, private: Private) -> Asked {
    Asked {
        body,
        by: By::Member,
        private,
    }
}

/// Whose a code is; a member's however it is typed.
async fn found(tx: &mut Tx, shop: ShopId, code: &RefCode) -> Result<Option<Referrer>> {
    if let Some(referrer) = joins::referrer(tx, shop, code.as_str()).await? {
        return Ok(Some(referrer));
    }
    match code.as_member() {
        Some(code) => joins::referrer(tx, shop, code.as_str()).await,
        None => Ok(None),
    }
}

/// Why somebody seems to bring themselves, if they do. (With the same phone they are a member already.)
async fn own(tx: &mut Tx, shop: ShopId, referrer: &Referrer, wish: &Wish) -> Result<Option<&'static str>> {
    let Some(member) = referrer.member else {
        return Ok(None);
    };
    let email = mailbox(&wish.email);
    if !email.is_empty()
        && joins::emails(tx, shop, member)
            .await?
            .iter()
            .any(|theirs| mailbox(theirs) == email)
    {
        return Ok(Some("own_email"));
    }
    let same = joins::joined_as(tx, shop, member, &wish.seen.visitor).await?;
    Ok(same.then_some("own_browser"))
}
