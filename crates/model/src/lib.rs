//! The rights protocol of one member as small models that a checker exhausts: every order of messages, every lost answer,
//! every move of every till within bounds that are stated. No product code lives here: the real stores and the real
//! relay are put through their paces by the `sim` crate.
//!
//! What is left out because it changes nothing: other members (rights are per member), names, chains and numbers (an
//! operation is known by its place in its till's log), and operations that move no points.

pub mod lost;
pub mod rights;

/// An operation of a till, as far as it moves a member's rights.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Op {
    /// Points are made where they are earned.
    Earn(u8),
    /// They are spent where they are held.
    Spend(u8),
    /// They go back to the relay.
    Return(u8),
}

/// What may happen, and how often: the size of the model.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Earnings of one point each.
    pub earn_max: u8,
    /// Points redeemed in all.
    pub spend_max: u8,
    /// Returns and grants in all.
    pub moves_max: u8,
}
