//! What every way in needs to know of the shop.

use loyalty::{Currency, Region, ShopZone};

/// The shop's ways: in which currency amounts are, how phone numbers are written, and whose wall clock times are on.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// The currency of every amount.
    pub currency: Currency,
    /// The region whose phone numbers are written without a country.
    pub region: Region,
    /// The zone of times without an offset.
    pub zone: ShopZone,
}
