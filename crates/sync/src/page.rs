//! A page of operations against the chains it continues. Whoever takes a page (relay or till) checks it here first; what
//! the operations do is `loyalty::effect`.

use loyalty::op::{Body, Operation, Private};
use loyalty::{Origin, ShopId, chain};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use crate::problem::{Problem, ProblemCode};
use crate::wire::WireOp;

/// The end of an origin's chain: the number and hash of its last operation; 0 and zeros before the first.
pub type Head = (i64, [u8; 32]);

/// Up to where a relay has an origin's operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OriginHead {
    /// Whose.
    pub origin: Origin,
    /// The number of the last.
    pub seq: i64,
}

/// An operation that is what it says: its hash fits, its chain continues, its body can be read.
#[derive(Clone, PartialEq, Debug)]
pub struct Checked {
    /// It.
    pub op: Operation,
    /// What was done.
    pub body: Body,
    /// Its personal data; empty where there is none or it was erased.
    pub private: Private,
    /// The same as it came, with its salt.
    pub kept: Option<([u8; 16], String)>,
}

/// Checks the operations one till sends of its own: `origin` is the till's, `head` what the relay has. Operations up to
/// the head are passed over. Answers the new ones in order.
///
/// # Errors
/// `forged` (another origin, a hash or digest that does not fit), `gap` with the number that was expected,
/// `broken_chain`, `bad_operation` (also what only a relay may write) with the operation's number.
pub fn check_push(shop: ShopId, origin: Origin, head: Head, ops: &[WireOp]) -> Result<Vec<Checked>, Problem> {
    let mut heads = HashMap::from([(origin, head)]);
    let mut new = Vec::with_capacity(ops.len());
    for wire in ops {
        if wire.origin != origin {
            return Err(Problem::new(ProblemCode::Forged, "another origin").at(wire.origin_seq));
        }
        let Some(checked) = check_one(shop, &mut heads, wire)? else {
            continue;
        };
        if checked.body.is_of_relay() {
            return Err(Problem::new(ProblemCode::BadOperation, "only a relay writes this").at(wire.origin_seq));
        }
        new.push(checked);
    }
    Ok(new)
}

/// Checks operations of any origin that a restored relay forgot, in the order in which a till took them: `heads` are what
/// the relay has. Known ones are passed over. What only a relay writes must not be of the origin of a `till`.
///
/// # Errors
/// As [`check_push`].
pub fn check_again(
    shop: ShopId,
    heads: &mut HashMap<Origin, Head>,
    tills: &[Origin],
    ops: &[WireOp],
) -> Result<Vec<Checked>, Problem> {
    let mut new = Vec::with_capacity(ops.len());
    for wire in ops {
        let Some(checked) = check_one(shop, heads, wire)? else {
            continue;
        };
        if checked.body.is_of_relay() && tills.contains(&wire.origin) {
            return Err(Problem::new(ProblemCode::BadOperation, "only a relay writes this").at(wire.origin_seq));
        }
        new.push(checked);
    }
    Ok(new)
}

/// Checks one operation against its origin's head, which it moves on. None where it was known: its number is not above
/// the head.
///
/// # Errors
/// As [`check_push`].
pub fn check_one(shop: ShopId, heads: &mut HashMap<Origin, Head>, wire: &WireOp) -> Result<Option<Checked>, Problem> {
    let refuse = |code, detail: &str| Err(Problem::new(code, detail).at(wire.origin_seq));
    let head = heads.entry(wire.origin).or_default();
    if wire.origin_seq < 1 {
        return refuse(ProblemCode::BadOperation, "a number below one");
    }
    if wire.origin_seq <= head.0 {
        return Ok(None);
    }
    if wire.origin_seq != head.0 + 1 {
        return Err(Problem::new(ProblemCode::Gap, "").at(head.0 + 1));
    }
    if wire.prev.0 != head.1 {
        return refuse(ProblemCode::BrokenChain, "");
    }
    let Some(op) = wire.operation(shop) else {
        return refuse(ProblemCode::BadOperation, "by nobody");
    };
    // `by` is hashed as it is written; another spelling of the same would come out otherwise.
    if op.by.to_string() != wire.by || chain::hash(&op) != op.hash {
        return refuse(ProblemCode::Forged, "the hash does not fit");
    }
    let kept = wire.private.as_ref().map(|p| (p.salt.0, p.data.clone()));
    if let Some((salt, data)) = &kept
        && op.private_digest != Some(chain::private_digest(salt, data))
    {
        return refuse(ProblemCode::Forged, "the private data does not fit");
    }
    let Ok(body) = serde_json::from_str::<Body>(&op.body_json) else {
        return refuse(ProblemCode::BadOperation, "the body can't be read");
    };
    if !body.is_sound(op.origin) {
        return refuse(ProblemCode::BadOperation, "no origin does this");
    }
    let private = match &kept {
        None => Private::default(),
        Some((_, data)) => match serde_json::from_str(data) {
            Ok(private) => private,
            Err(_) => return refuse(ProblemCode::BadOperation, "the private data can't be read"),
        },
    };
    *head = (op.origin_seq, op.hash);
    Ok(Some(Checked {
        op,
        body,
        private,
        kept,
    }))
}
