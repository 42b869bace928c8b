//! Files of sales and members brought into a shop: good rows go in, bad rows are listed and written to a file to fix.
//!
//! Here: the run itself, some rows a transaction, with a checkpoint so that one that was killed or stopped goes on where
//! it was; how a source's files are read, remembered; and the folder that is watched for new files. Not here: what a
//! row says (`pos`), what a sale is worth (`loyalty`), how anything is shown.

mod checkpoint;
mod error;
mod members;
mod rejects;
mod remembered;
mod run;
mod sales;
mod watched;
mod watcher;
mod words;

pub use error::{ImportError, Result};
pub use remembered::{Chosen, Unsure, choose, remember, remembered};
pub use run::{Import, Report, Tally, What, by, context, rehearse};
pub use watched::{DONE, Handled, SETTLE_MS, TO_FIX, Watched};
pub use watcher::{Noticed, Watcher};
