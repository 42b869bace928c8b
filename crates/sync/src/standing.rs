//! `POST /v1/standing`: whether members' addresses were confirmed, as the relay alone knows. An address is named by a
//! digest under a salt of the question's own: who reads it learns nothing that they don't have, and whoever has another
//! address of the member gets no answer about it.

use loyalty::MemberId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bytes::{Fixed, Hash, Salt};
use crate::limits::{Bounded, too_large};
use crate::problem::Problem;

/// Addresses that one request asks about, at the most.
pub const STANDING_MAX: usize = 200;

/// Asks about addresses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandingRequest {
    /// Of this question alone.
    pub salt: Salt,
    /// Which; may be none, to ask only whether mail is sent.
    pub ask: Vec<StandingAsked>,
}

/// A member's address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandingAsked {
    /// Whose.
    pub member: MemberId,
    /// [`digest`] of it.
    pub address: Hash,
}

/// What the relay knows.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct StandingAnswer {
    /// Whether the shop sends mail at all.
    pub sends: bool,
    /// Of those whose address is the one that the relay has, too.
    pub known: Vec<StandingKnown>,
}

/// What the relay knows of an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StandingKnown {
    /// Whose.
    pub member: MemberId,
    /// Whether the link that was sent there was tapped.
    pub confirmed: bool,
}

/// What an address is named by: the same for all ways of writing it in capitals.
#[must_use]
pub fn digest(salt: &Salt, email: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"regulars-standing-1");
    hash.update(salt.0);
    hash.update(email.trim().to_lowercase());
    Fixed(hash.finalize().into())
}

impl Bounded for StandingRequest {
    fn check(&self) -> Result<(), Problem> {
        if self.ask.len() > STANDING_MAX {
            return Err(too_large("ask", STANDING_MAX));
        }
        Ok(())
    }
}

impl Bounded for StandingAnswer {
    fn check(&self) -> Result<(), Problem> {
        if self.known.len() > STANDING_MAX {
            return Err(too_large("known", STANDING_MAX));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_however_it_is_written_and_another_under_another_salt() {
        let (one, two) = (Fixed([1; 16]), Fixed([2; 16]));
        assert_eq!(digest(&one, " Ana@Example.com"), digest(&one, "ana@example.com"));
        assert_ne!(digest(&one, "ana@example.com"), digest(&two, "ana@example.com"));
        assert_ne!(digest(&one, "ana@example.com"), digest(&one, "ana@example.co"));
    }
}
