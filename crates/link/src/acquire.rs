//! Points that other tills or the relay hold: asking for them while a customer waits, and giving back what is held here
//! when the till is closed. Giving back when another till asks is part of the loop (`keep`).

use ledger::{Actor, Key, Moved, Redemption, Store};
use loyalty::op::{By, SaleKey};
use loyalty::{Code, MemberId, OpId, Points, Refusal};
use secrets::Secrets;
use sync::wire::{AcquireAnswer, AcquireRequest, Elsewhere};
use uuid::Uuid;

use crate::once::{Report, Round, Step, overtaken, request, round, take};
use crate::{CREDENTIAL, Client, LinkError, Result};

/// Members whose points go back in one transaction.
const BACK_AT_ONCE: usize = 500;

/// Why a till that was restored or found does not ask.
const GOES_ON: &str = "this till goes on under a new number first";

/// What came of asking.
#[derive(Clone, Debug, Default)]
pub struct Acquired {
    /// What the relay granted.
    pub granted: Points,
    /// What this till still lacks.
    pub missing: Points,
    /// Who holds more.
    pub elsewhere: Vec<Elsewhere>,
}

/// Asks the relay for a member's points until this till holds `points` of them, as far as they can be had within a few
/// seconds. What was granted is here when this returns.
///
/// # Errors
/// `NotPaired`, `Offline`, `Refused`, `Unfit`; those of the file. What was granted then comes with the next sync.
pub fn acquire(store: &Store, client: &Client, member: MemberId, points: Points) -> Result<Acquired> {
    if store.renews()?.is_some() || store.is_lost()? {
        return Err(LinkError::Offline(GOES_ON.into()));
    }
    let id: Uuid = store.new_op().0;
    match ask(store, client, id, member, points) {
        // The answer was lost, perhaps: the same again grants nothing more.
        Err(LinkError::Offline(_)) => ask(store, client, id, member, points),
        Err(LinkError::Refused(problem)) if overtaken(store, &problem)? => ask(store, client, id, member, points),
        done => done,
    }
}

fn ask(store: &Store, client: &Client, id: Uuid, member: MemberId, points: Points) -> Result<Acquired> {
    let relay = store.relay()?.ok_or(LinkError::NotPaired)?;
    let message = AcquireRequest {
        request: id,
        member,
        points,
        sync: request(store, &relay, client.page)?,
    };
    let answer: AcquireAnswer = client.post("/v1/rights/acquire", &message)?;
    let mut report = Report::default();
    match take(store, &relay, message.sync.own_seq, &answer.sync, &mut report)? {
        Step::Done => {}
        Step::Reopen => return Err(LinkError::Offline(GOES_ON.into())),
        // The grant stands behind a page of others.
        Step::More | Step::Show(_) => {
            round(store, client, &mut report, |_| {})?;
        }
    }
    Ok(Acquired {
        granted: answer.granted,
        missing: answer.missing,
        elsewhere: answer.elsewhere,
    })
}

/// A redemption, as a till is asked for it.
#[derive(Clone, Debug)]
pub struct Redeems {
    /// Made by whoever asks; a retry reuses it.
    pub op: OpId,
    /// On whose word.
    pub by: By,
    /// Whose points.
    pub member: MemberId,
    /// What for.
    pub what: Redemption,
    /// The sale it is given with, where there is one: refunding that whole gives it back.
    pub with: Option<SaleKey>,
    /// The manager who has given their PIN for it, or who redeems.
    pub approver: Option<Actor>,
}

impl Redeems {
    fn here(&self, store: &Store) -> ledger::Result<Moved> {
        let it = self.clone();
        store.write(move |tx| tx.redeem_as(it.op, &it.by, it.member, &it.what, it.with, it.approver.as_ref()))
    }
}

/// Redeems at once where the points are here; where they are elsewhere in the shop, gets them first if the relay can be
/// reached. `hurried` makes the line, only where it is needed.
///
/// # Errors
/// Those of the redemption: `not_enough_points` also where the rest can't be had now ([`Store::holders`] says where it
/// is).
pub fn redeem(store: &Store, redeems: &Redeems, hurried: impl FnOnce() -> Result<Client>) -> ledger::Result<Moved> {
    let refused = match redeems.here(store) {
        Err(ledger::Error::Refused(refusal)) if refusal.code == Code::NotEnoughPoints => refusal,
        done => return done,
    };
    let wanted = wanted(&refused);
    let there = store
        .member(Key::Id(redeems.member))?
        .map_or(0, |member| member.balance);
    if wanted > there || store.relay()?.is_none() {
        return Err(refused.into());
    }
    let acquired = hurried().and_then(|line| acquire(store, &line, redeems.member, wanted));
    match acquired {
        Ok(_) => redeems.here(store),
        // The cashier hears what is missing; that the relay is away, the badge says.
        Err(_) => Err(refused.into()),
    }
}

/// How many points a redemption takes that was refused for want of them.
fn wanted(refused: &Refusal) -> Points {
    refused.value.parse::<Points>().unwrap_or(0) + refused.number.unwrap_or(0)
}

impl Client {
    /// The till's line for somebody who waits.
    ///
    /// # Errors
    /// `NotPaired`, `BadAddress`; those of the file and of the secrets.
    pub fn of_till(store: &Store, secrets: &Secrets) -> Result<Self> {
        let relay = store.relay()?.ok_or(LinkError::NotPaired)?;
        let credential = secrets.get(CREDENTIAL)?.and_then(|bytes| String::from_utf8(bytes).ok());
        Self::hurried(&relay.url, Some(credential.ok_or(LinkError::NotPaired)?))
    }
}

/// Before a till is closed: gives back all rights it holds, so that a till that is off holds none. The shop's only till
/// and the one that opens first keep theirs, and so does one that can't reach the relay. Answers of how many members.
///
/// # Errors
/// As [`crate::sync`]; what was given back stays so, and goes up with the next sync.
pub fn close(store: &Store, client: &Client) -> Result<usize> {
    let me = store.shop().till_id;
    let others = store
        .tills()?
        .iter()
        .filter(|till| till.till != me && !till.revoked)
        .count();
    if others == 0 || store.away_rules()?.opens_first == Some(me) {
        return Ok(0);
    }
    let mut report = Report::default();
    // Only a till that is heard gives back: what nobody hears of is nobody's.
    if let Round::Reopen = round(store, client, &mut report, |_| {})? {
        return Ok(0);
    }
    let mut members = 0;
    loop {
        let some = store.write(|tx| tx.return_some(BACK_AT_ONCE))?;
        members += some;
        if some < BACK_AT_ONCE {
            break;
        }
    }
    round(store, client, &mut report, |_| {})?;
    Ok(members)
}
