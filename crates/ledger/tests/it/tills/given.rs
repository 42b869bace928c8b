//! What the tills are given: rules, names, edits.

use ledger::MemberEdit;

use crate::support::RULES;

pub fn edit_of(name: &str, email: &str, email_consent: bool) -> MemberEdit {
    MemberEdit {
        name: name.into(),
        email: email.into(),
        email_consent,
        birthday: None,
    }
}

pub const MORE: &str = "Hold sales over $500\nBuy 3 \"Coffee\", get 1 free\nBirthday bonus 50 points within 2 weeks\nFriend joins: friend gets 7 points\nFriend first buys $10: friend gets 11 points and referrer gets 13 points, after 1 day, at most 2 friends a month\nFriend of a friend first buys $10: referrer gets 17 points\n";
pub const NAMES: [&str; 3] = ["Maria", "Zoë", ""];
pub const DOCUMENTS: [&str; 3] = [
    "Earn 2 points per $1\nReward 100 points: Free coffee\n",
    RULES,
    "Earn 1 point per $2\nReward 100 points: Free coffee\nHold sales over $100\n",
];
