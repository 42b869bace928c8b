//! Every way the programme says no: a closed list of codes, each with what was wrong and where.
//!
//! A code exists only where somebody acts on it. The till's window shows its own sentence for each code; nobody
//! matches the text below. Failures of the machine (a full disk, a damaged file) are `ledger::StorageError`.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal => $sentence:literal),+ $(,)?) => {
        /// Why something was refused.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $variant),+ }
        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$variant),+];
            /// The code as it stands in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $text),+ } }
            /// What happened and what to do, in plain English.
            #[must_use]
            pub fn sentence(self) -> &'static str { match self { $(Code::$variant => $sentence),+ } }
        }
    };
}

codes!(
    /// Not a phone number of any kind in the shop's region.
    BadPhone = "bad_phone" => "This is not a phone number. Write it as you would dial it, or with + and the country.",
    /// Not an amount of the shop's currency, or out of range.
    BadAmount = "bad_amount" => "This is not an amount. Write it like 12.50.",
    /// Not a currency of ISO 4217.
    BadCurrency = "bad_currency" => "This is not a currency. Use its three letters, such as USD.",
    /// Not a region of ISO 3166.
    BadRegion = "bad_region" => "This is not a country. Use its two letters, such as US.",
    /// Not a zone of the IANA time zone database.
    BadTimezone = "bad_timezone" => "This is not a time zone. Use a name such as America/Los_Angeles.",
    /// Not a date and time that can be read.
    BadTime = "bad_time" => "This is not a date and time. Write it like 2026-11-20T14:05:00.",
    /// Not an email address.
    BadEmail = "bad_email" => "This is not an email address. Write it like ana@example.com.",
    /// Not a month and day, with or without a year.
    BadBirthday = "bad_birthday" => "This is not a birthday. Write month and day like 02-29, or with the year like 1984-02-29.",
    /// Empty, too long, or with characters that can't be shown.
    BadName = "bad_name" => "This name is empty or too long. Use 1 to 80 characters.",
    /// Neither yes nor no.
    BadConsent = "bad_consent" => "Write yes or no here, or leave it empty.",
    /// A line of a file that does not fit its header: a cell too many, or a quote that is not closed.
    BadRow = "bad_row" => "This line does not fit the columns. Look for a quote that is not closed or a comma too many.",
    /// The items of a sale can't be read.
    BadItems = "bad_items" => "These items can't be read. Write them like: Coffee x2; Bagel.",
    /// Not a PIN of 4 to 8 digits.
    BadPin = "bad_pin" => "A PIN is 4 to 8 digits.",
    /// Not a whole number of points, zero, or out of range.
    BadPoints = "bad_points" => "Give a whole number of points, other than 0.",
    /// Not a number of lots that this reward can be taken in.
    BadLots = "bad_lots" => "This reward can't be taken that many times at once. Choose 1 or more for points that become money, and 1 for all else.",
    /// A sale id that is empty or too long.
    BadSaleId = "bad_sale_id" => "A sale number has 1 to 100 characters.",
    /// A rules document that does not parse; the errors themselves are beside it.
    BadRules = "bad_rules" => "These rules have errors. Fix the lines named and try again.",
    /// A column or value that was needed is missing.
    Missing = "missing" => "Something needed is missing here.",
    /// No member with this phone, code or id.
    UnknownMember = "unknown_member" => "No member has this phone number or code.",
    /// No member and no link is known by what was said of who sent somebody; `number` is how many members it may mean.
    UnknownReferrer = "unknown_referrer" => "Nobody is known by this code, number or name, or several are. Say it another way, or leave it out.",
    /// Somebody is said to have sent themselves.
    SelfReferral = "self_referral" => "This is their own number. Nobody brings themselves: say who sent them, or leave it empty.",
    /// No reward of a referral with this id.
    UnknownReferralReward = "unknown_referral_reward" => "There is no such reward. Look at the list of those that wait for a look.",
    /// No ledger entry with this id.
    UnknownEntry = "unknown_entry" => "There is no such ledger entry.",
    /// No reward with this name in the rules in force.
    UnknownReward = "unknown_reward" => "The rules in force have no such reward.",
    /// No such member of staff.
    UnknownStaff = "unknown_staff" => "There is no such member of staff.",
    /// The points that can be spent here do not reach.
    NotEnoughPoints = "not_enough_points" => "There are not enough points for this. Nothing was taken.",
    /// The till has not reached the relay for longer than the owner allows; `number` is the days.
    AwayTooLong = "away_too_long" => "This till has been offline for too long to redeem. Connect it, or redeem at another till.",
    /// The owner's cap on what is redeemed offline is used up; `number` is what is left.
    AwayCap = "away_cap" => "This till is offline, and this is more than may be redeemed until it is connected again.",
    /// Above the owner's limit, while offline; `number` is the limit.
    NeedsManager = "needs_manager" => "This till is offline, and so many points need a manager's PIN.",
    /// What is done once in the whole shop, at a till that did not make it, while the relay is away.
    NeedsRelay = "needs_relay" => "This was made at another till. Do it there, or when this till is connected again.",
    /// The stamps that can be used here do not fill a card.
    NotEnoughStamps = "not_enough_stamps" => "The stamp card is not full. Nothing was taken.",
    /// The member had this year's birthday bonus before.
    AlreadyGranted = "already_granted" => "This year's birthday bonus was given before. Nothing was added.",
    /// This entry was reversed before.
    AlreadyReversed = "already_reversed" => "This was already reversed. Nothing was changed.",
    /// A kind of entry that can't be reversed, such as a reversal.
    NotReversible = "not_reversible" => "This line can't be reversed. Adjust the points instead.",
    /// No sale with this number.
    UnknownSale = "unknown_sale" => "There is no sale with this number.",
    /// A held sale, or a reward, that was decided before.
    AlreadyDecided = "already_decided" => "This was already decided. Nothing was changed.",
    /// A held sale that waits for a decision.
    SaleHeld = "sale_held" => "This sale waits for a decision. Approve or reject it first.",
    /// More money back than is left of the sale.
    RefundTooLarge = "refund_too_large" => "This is more than is left of the sale. Nothing was taken back.",
    /// The same sale id (or operation id) came before with other content.
    SaleDiffers = "sale_differs" => "This sale number was used for another sale. Nothing was added.",
    /// Another member has this phone number.
    PhoneTaken = "phone_taken" => "Another member has this phone number.",
    /// The person's role does not allow this.
    NotAllowed = "not_allowed" => "Your role does not allow this. Ask a manager.",
    /// A wrong PIN; how long to wait is beside it.
    WrongPin = "wrong_pin" => "Wrong PIN.",
    /// Nobody is signed in, or the till is locked.
    Locked = "locked" => "The till is locked. Enter your PIN.",
    /// The shop must keep at least one active owner.
    LastOwner = "last_owner" => "This is the last owner. Make somebody else an owner first.",
    /// A reason is needed.
    ReasonMissing = "reason_missing" => "Say why, in a few words.",
    /// There is a shop in this folder already.
    AlreadyInitialised = "already_initialised" => "There is a shop in this folder already.",
    /// There is no shop in this folder.
    NotInitialised = "not_initialised" => "There is no shop in this folder yet. Make one first, or name another folder.",
);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: what was wrong, in which field, with which value, and what else the reader needs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// The closed code.
    pub code: Code,
    /// The field it is about, such as `phone`; empty where it is about the whole.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub field: String,
    /// The value that was refused, as it came, at most 200 characters.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub value: String,
    /// A number that belongs to it: points that are missing, milliseconds to wait.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<i64>,
}

impl Refusal {
    /// A refusal of `value` in `field`.
    #[must_use]
    pub fn of(code: Code, field: &str, value: &str) -> Self {
        Self {
            code,
            field: field.to_owned(),
            value: value.chars().take(200).collect(),
            number: None,
        }
    }

    /// With a number beside it.
    #[must_use]
    pub fn with(mut self, number: i64) -> Self {
        self.number = Some(number);
        self
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::of(code, "", "")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.sentence())?;
        if !self.value.is_empty() {
            write!(
                f,
                " ({}: {:?})",
                if self.field.is_empty() { "value" } else { &self.field },
                self.value
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}
