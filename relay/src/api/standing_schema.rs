//! The messages of `sync::standing` as `/openapi.json` describes them; see `schema`.

use utoipa::ToSchema;
use uuid::Uuid;

use super::schema::schemas;

schemas! {
    /// Asks whether addresses were confirmed.
    StandingRequest {
        /// Of this question alone, base64url of 16 bytes.
        salt: String,
        /// Which, at most 200.
        ask: Vec<StandingAsked>,
    }
    /// A member's address.
    StandingAsked {
        /// Whose.
        member: Uuid,
        /// SHA-256 of `regulars-standing-1`, the salt and the address in small letters, base64url.
        address: String,
    }
    /// What is known of them.
    StandingAnswer {
        /// Whether the shop sends mail at all.
        sends: bool,
        /// Of those whose address the relay has, too.
        known: Vec<StandingKnown>,
    }
    /// What is known of an address.
    StandingKnown {
        /// Whose.
        member: Uuid,
        /// Whether the link that was sent there was tapped.
        confirmed: bool,
    }
}
