//! Joining a shop with a code. The till keeps what it is about to ask before it asks, so that a lost answer, or a crash
//! at any point, is only asked again.

use ledger::{Joins, Options, PairedWith, Store, SystemClock, SystemIds};
use loyalty::{Code, Currency};
use secrets::Secrets;
use serde::{Deserialize, Serialize};
use std::path::Path;
use sync::bytes::Hash;
use sync::pairing::{Derived, PairCode};
use sync::wire::{Brings, PairAnswer, PairRequest, ShopFacts, TillsAnswer, TillsRequest};
use sync::{PROTOCOL, ProblemCode};
use uuid::Uuid;

use crate::mark::MARK;
use crate::{CREDENTIAL, Client, LinkError, PEPPER, Result};

const ATTEMPT: &str = "pair-attempt";

/// What a till that paired is.
#[derive(Clone, Debug)]
pub struct Paired {
    /// What customers call the shop.
    pub shop: String,
    /// The newest operation: how much there is to download.
    pub shop_seq: i64,
    /// Whether staff can sign in with their PINs here. Not after an operator's code: an owner sets them anew.
    pub pins: bool,
}

/// What is asked with a code, kept until it was answered.
#[derive(Serialize, Deserialize)]
struct Attempt {
    proof: Hash,
    attempt: Uuid,
}

/// Makes the till in `dir` one of the shop that made `code`. A shop that worked alone until now brings its log. A till
/// that its relay does not know any more, because that was restored from a backup of before, joins again as who it was:
/// what it has and the relay forgot goes up with the next sync.
///
/// # Errors
/// `AlreadyPaired`, `BadCode`, `BadAddress`, `Offline`, `Refused`; those of the file and of the secrets.
pub fn pair(dir: &Path, secrets: &Secrets, code: &str, url: &str, till_name: &str) -> Result<Paired> {
    let derived = PairCode::read(code).ok_or(LinkError::BadCode)?.derive();
    let client = Client::new(url, None)?;
    let store = match Store::open(dir, Options::default()) {
        Ok(store) => Some(store),
        // Also an empty file, left by a first start that was cut off.
        Err(ledger::Error::Refused(r)) if r.code == Code::NotInitialised => None,
        Err(e) => return Err(e.into()),
    };
    let again = match &store {
        Some(store) if store.relay()?.is_some() => {
            forgotten(secrets, url)?;
            true
        }
        _ => false,
    };
    let request = PairRequest {
        protocol: PROTOCOL,
        proof: derived.proof,
        attempt: attempt(secrets, &derived)?,
        till_name: store
            .as_ref()
            .map_or_else(|| till_name.to_owned(), |s| s.shop().till_name.clone()),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        brings: store.as_ref().map(brings),
    };
    let answer: PairAnswer = client.post("/v1/pair", &request)?;
    secrets.set(CREDENTIAL, answer.credential.as_bytes())?;
    // The till that was here before, if any, is another.
    secrets.delete(MARK)?;
    let pins = pepper(secrets, &derived, &answer)? || store.is_some();
    let with = PairedWith {
        url: url.trim().to_owned(),
        relay: answer.relay,
        incarnation: answer.incarnation,
        shop_seq: answer.shop_seq,
    };
    match store {
        Some(store) if again => store.write(move |tx| tx.paired_again(&with))?,
        Some(store) => store.write(move |tx| tx.paired(&with))?,
        None => join(dir, &answer, till_name, with, pins)?,
    }
    secrets.delete(ATTEMPT)?;
    Ok(Paired {
        shop: answer.facts.name,
        shop_seq: answer.shop_seq,
        pins,
    })
}

/// A till that has a relay may pair again where that does not know it any more.
fn forgotten(secrets: &Secrets, url: &str) -> Result<()> {
    let credential = secrets.get(CREDENTIAL)?.and_then(|bytes| String::from_utf8(bytes).ok());
    // Without a credential nobody knows it.
    let Some(credential) = credential else { return Ok(()) };
    match Client::new(url, Some(credential))?.post::<TillsAnswer>("/v1/tills", &TillsRequest::List) {
        Ok(_) => Err(LinkError::AlreadyPaired),
        Err(LinkError::Refused(problem)) if problem.code == ProblemCode::UnknownDevice => Ok(()),
        Err(e) => Err(e),
    }
}

fn brings(store: &Store) -> Brings {
    let shop = store.shop();
    Brings {
        shop: shop.shop_id,
        origin: shop.till_id,
        facts: ShopFacts {
            name: shop.name.clone(),
            currency: shop.currency.letters().to_owned(),
            region: shop.region.letters().to_owned(),
            timezone: shop.zone.name().to_owned(),
        },
    }
}

/// The attempt that was kept for this code, or a new one.
fn attempt(secrets: &Secrets, derived: &Derived) -> Result<Uuid> {
    let kept = secrets
        .get(ATTEMPT)?
        .and_then(|bytes| serde_json::from_slice::<Attempt>(&bytes).ok());
    if let Some(kept) = kept.filter(|kept| kept.proof == derived.proof) {
        return Ok(kept.attempt);
    }
    let new = Attempt {
        proof: derived.proof,
        attempt: ledger::Ids::uuid(&SystemIds, ledger::Clock::now(&SystemClock)),
    };
    secrets.set(ATTEMPT, &serde_json::to_vec(&new).unwrap_or_default())?;
    Ok(new.attempt)
}

/// Keeps the pepper that the other till sealed; whether there is one.
fn pepper(secrets: &Secrets, derived: &Derived, answer: &PairAnswer) -> Result<bool> {
    let opened = answer.sealed.as_ref().and_then(|sealed| derived.open(sealed));
    let Some(pepper) = opened.filter(|secret| secret.len() == 32) else {
        return Ok(false);
    };
    secrets.set(PEPPER, &pepper)?;
    Ok(true)
}

/// Makes the till's file, which has its relay from its first moment on: a crash leaves either no till or a paired one.
fn join(dir: &Path, answer: &PairAnswer, till_name: &str, with: PairedWith, pins: bool) -> Result<()> {
    let facts = &answer.facts;
    let currency: Currency = facts.currency.parse().map_err(ledger::Error::from)?;
    let joins = Joins {
        shop_id: answer.shop,
        till_id: answer.till,
        till_name: till_name.to_owned(),
        name: facts.name.clone(),
        currency: facts.currency.clone(),
        region: facts.region.clone(),
        timezone: facts.timezone.clone(),
        opens_with: answer.opens.then(|| loyalty::rules::default_document(currency)),
        with: Some(with),
        pins,
    };
    drop(Store::join(dir, &joins, Options::default())?);
    Ok(())
}
