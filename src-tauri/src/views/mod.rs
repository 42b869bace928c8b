//! What the windows see: plain structs for the screens. Conversions into them are in `from_ledger`, decisions nowhere.
//!
//! Points and money are `i32` (JavaScript reads them exactly; 21 million dollars are enough for one sale); times are
//! RFC 3339 text in UTC; ids are text. The comments here reach the windows' code through the generated bindings.

mod backups;
mod documents;
mod entries;
mod files;
mod from_ledger;
mod from_rules;
mod mail;
mod members;
mod outreach;
mod owner;
mod review;
mod rights;
mod sales_in;
mod shop;
mod tills;
mod trying;
mod win_back;

pub use backups::{BackupCode, BackupRun, BackupStorage, BackupTrouble, Backups};
pub use documents::{DocumentElsewhere, DocumentProblem, DocumentTried, Documents};
pub use entries::{
    Adjust, Bought, Credit, Credited, Kind, Line, Move, Preview, Redeem, Redeemed, Refund, RefundAsk, RefundPreview,
    Refunded, Reverse, Reversed,
};
pub use files::{CellError, FileAsk, FileField, FileLook, FileMapping, FileProgress, FileRow, FileRun, FileState};
#[cfg(test)]
pub use files::{FileDates, FileDecimal};
pub use from_ledger::{SOURCE_COUNTER, small};
pub use mail::{
    Mail, MailCount, MailEnds, MailFinding, MailJob, MailLine, MailRecord, MailRun, MailSaid, MailSettings, MailStuck,
    VoiceError, VoiceVersion,
};
pub use members::{
    AsOf, Card, CardReward, CardStamps, Enrol, EnrolOffer, Hit, LinkAdd, LinkAdded, MemberEdit, MemberLink,
    RewardDecide, SearchResult, Waiting,
};
pub use outreach::{Outreach, OutreachMail, OutreachPassed, OutreachSeen, OutreachTo, OutreachTried, OutreachVendor};
pub use owner::{Exported, LedgerFilter, OwnerContext, RuleError, RulesCheck, Side};
pub use review::{Decide, DecidedNow, DecidedSale, HeldSale, Verdict};
pub use rights::{
    Approval, AwayLimits, Conflict, ConflictAbout, ConflictSettle, ConflictSettled, ConflictVerdict, Conflicts,
    PointsAt,
};
pub use sales_in::{
    Arrived, ArrivedOutcome, MappedSender, NewSecret, SalesIn, SalesInCode, SalesInEdit, SalesInTrouble, Sender,
    SenderEdit, WatchedFolder,
};
pub use shop::{
    Choice, Failure, FirstStart, JoinShop, OwnerPin, Reward, Role, Session, Shop, StaffEdit, StaffTile, Startup,
    Status, Storage, StorageCode, StorageProblem,
};
pub use tills::{AddedTill, RelayState, RelayWay, Till, Tills};
pub use trying::{
    BacktestMember, BacktestMonth, BacktestProgress, BacktestReport, BacktestSide, Tried, TryItem, TrySale,
};
pub use win_back::{Away, CameBack, WinBack, WinBackChoice, WinBackNext, WinBackRule, WinBackUsual};
