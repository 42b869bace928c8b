//! Backups that may lie anywhere: sealed with a passphrase, checked, and only as many as are wanted. What is in them, and
//! how it is copied while it is in use, is their owners' to know (`ledger`, the relay).

pub mod keep;
pub mod seal;

pub use keep::{Keep, Name};
pub use seal::{RANDOM_BYTES, SealError, Sealed, is_sealed, open, seal};
