//! Backups that may lie anywhere: sealed with a passphrase, checked, and only as many as are wanted; and the places where
//! they lie. What is in them, and how it is copied while it is in use, is their owners' to know (`ledger`, the relay).

pub mod due;
pub mod file;
pub mod folder;
pub mod keep;
pub mod notes;
pub mod round;
pub mod s3;
pub mod seal;
pub mod shelf;

pub use due::is_due;
pub use folder::Folder;
pub use keep::{Keep, Name};
pub use notes::{Note, Notes};
pub use round::{Made, Round, RoundError};
pub use s3::S3;
pub use seal::{RANDOM_BYTES, SealError, Sealed, is_sealed, open, seal};
pub use shelf::{Progress, Shelf, ShelfCode, ShelfError};
