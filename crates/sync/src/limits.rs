//! What is too much, and reading a message without ever taking more.

use serde::de::DeserializeOwned;

use crate::problem::{Problem, ProblemCode};
use crate::wire::{PairRequest, SyncAnswer, SyncRequest, WireOp};
use crate::{PROTOCOL, PROTOCOL_MIN};

/// Operations in one page, up or down.
pub const PAGE_OPS_MAX: usize = 1000;
/// Bytes of a request's or an answer's body.
pub const BODY_BYTES_MAX: usize = 4 << 20;
/// Bytes of one operation's body and private data together.
pub const OP_BYTES_MAX: usize = 256 << 10;
/// Whoever fills a page stops at so many bytes of operations (at least one goes), so that a body never meets its limit.
pub const PAGE_BYTES: usize = 2 << 20;
/// Bytes of a name: a till's, a shop's.
pub const NAME_BYTES_MAX: usize = 320;
/// Bytes of anything sealed.
pub const SEALED_BYTES_MAX: usize = 1024;

/// What a message must hold itself to, beyond its shape.
pub trait Bounded {
    /// # Errors
    /// `too_large`, `bad_request`, `protocol_too_old`, `protocol_too_new`.
    fn check(&self) -> Result<(), Problem>;
}

/// Reads a message from a body.
///
/// # Errors
/// `too_large`, `bad_request`, `protocol_too_old`, `protocol_too_new`.
pub fn decode<T: DeserializeOwned + Bounded>(body: &[u8]) -> Result<T, Problem> {
    if body.len() > BODY_BYTES_MAX {
        return Err(too_large("body", BODY_BYTES_MAX));
    }
    let message: T = serde_json::from_slice(body).map_err(|e| {
        // Where, not what: the text may hold personal data.
        let at = format!("line {} column {}", e.line(), e.column());
        Problem::new(ProblemCode::BadRequest, at)
    })?;
    message.check()?;
    Ok(message)
}

pub(crate) fn too_large(what: &str, limit: usize) -> Problem {
    Problem::new(ProblemCode::TooLarge, what).with(i64::try_from(limit).unwrap_or(i64::MAX))
}

pub(crate) fn protocol(theirs: u16) -> Result<(), Problem> {
    if theirs < PROTOCOL_MIN {
        return Err(Problem::from(ProblemCode::ProtocolTooOld).with(PROTOCOL_MIN.into()));
    }
    if theirs > PROTOCOL {
        return Err(Problem::from(ProblemCode::ProtocolTooNew).with(PROTOCOL.into()));
    }
    Ok(())
}

pub(crate) fn name(what: &str, text: &str) -> Result<(), Problem> {
    if text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
        return Err(too_large(what, NAME_BYTES_MAX));
    }
    Ok(())
}

fn ops<'a>(ops: impl ExactSizeIterator<Item = &'a WireOp>) -> Result<(), Problem> {
    if ops.len() > PAGE_OPS_MAX {
        return Err(too_large("page", PAGE_OPS_MAX));
    }
    for op in ops {
        if op.bytes() > OP_BYTES_MAX || op.by.len() > NAME_BYTES_MAX {
            return Err(too_large("operation", OP_BYTES_MAX).at(op.origin_seq));
        }
    }
    Ok(())
}

impl Bounded for SyncRequest {
    fn check(&self) -> Result<(), Problem> {
        protocol(self.protocol)?;
        name("app_version", &self.app_version)?;
        if self.cursor < 0 || self.own_seq < 0 || self.pending < 0 {
            return Err(Problem::new(ProblemCode::BadRequest, "a number below zero"));
        }
        ops(self.ops.iter())?;
        ops(self.again.iter())
    }
}

impl Bounded for SyncAnswer {
    fn check(&self) -> Result<(), Problem> {
        if self.ops.len() > PAGE_OPS_MAX {
            return Err(too_large("page", PAGE_OPS_MAX));
        }
        ops(self.ops.iter().map(|o| &o.op).collect::<Vec<_>>().into_iter())
    }
}

impl Bounded for PairRequest {
    fn check(&self) -> Result<(), Problem> {
        protocol(self.protocol)?;
        name("till_name", &self.till_name)?;
        name("app_version", &self.app_version)?;
        self.brings.as_ref().map_or(Ok(()), |b| b.facts.check())
    }
}
