//! Which mails there are, in which languages, and what each may speak of: closed lists.

use std::fmt;

/// A mail that the shop sends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// There are enough points for a reward now.
    RewardEarned,
    /// How many points there are, at the end of a day on which they changed.
    Balance,
    /// To somebody who has not been here for long.
    WeMissYou,
    /// Asks whether mail is wanted at this address.
    Confirm,
    /// The way to a member's own page, because they asked for it.
    SignIn,
    /// To a new member who said yes.
    Welcome,
    /// Somebody came through their link.
    ReferralJoined,
    /// To the owner: the month.
    MonthlySummary,
    /// To a shop nearby.
    PartnerOutreach,
    /// To the owner: a document of theirs elsewhere could not be taken over.
    DocumentProblem,
}

impl Kind {
    /// All of them, in the order in which a voice is written.
    pub const ALL: [Self; 10] = [
        Self::Confirm,
        Self::SignIn,
        Self::Welcome,
        Self::RewardEarned,
        Self::Balance,
        Self::WeMissYou,
        Self::ReferralJoined,
        Self::MonthlySummary,
        Self::PartnerOutreach,
        Self::DocumentProblem,
    ];

    /// As a section's head says it: `reward earned`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::RewardEarned => "reward earned",
            Self::Balance => "balance",
            Self::WeMissYou => "we miss you",
            Self::Confirm => "confirm",
            Self::SignIn => "sign in",
            Self::Welcome => "welcome",
            Self::ReferralJoined => "referral joined",
            Self::MonthlySummary => "monthly summary",
            Self::PartnerOutreach => "partner outreach",
            Self::DocumentProblem => "document problem",
        }
    }

    /// As it is stored and logged: `reward_earned`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::RewardEarned => "reward_earned",
            Self::Balance => "balance",
            Self::WeMissYou => "we_miss_you",
            Self::Confirm => "confirm",
            Self::SignIn => "sign_in",
            Self::Welcome => "welcome",
            Self::ReferralJoined => "referral_joined",
            Self::MonthlySummary => "monthly_summary",
            Self::PartnerOutreach => "partner_outreach",
            Self::DocumentProblem => "document_problem",
        }
    }

    /// The one with this title or key.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.title() == text || kind.key() == text)
    }

    /// Whether it goes to a member who agreed to get mail, and can stop it. The question itself, and what the owner and
    /// partners get, is not of that sort.
    #[must_use]
    pub fn needs_consent(self) -> bool {
        !matches!(
            self,
            Self::Confirm | Self::SignIn | Self::MonthlySummary | Self::PartnerOutreach | Self::DocumentProblem
        )
    }

    /// Whether its reader can stop it: mails to members who agreed, and those to partners. Such a mail has a link for it.
    #[must_use]
    pub fn can_be_stopped(self) -> bool {
        self.needs_consent() || self == Self::PartnerOutreach
    }

    /// Whether it is sent on the shop's own account and not because of something that the member just did: there are only
    /// so many a week of these.
    #[must_use]
    pub fn is_marketing(self) -> bool {
        matches!(self, Self::Balance | Self::WeMissYou | Self::ReferralJoined)
    }

    /// What it may speak of.
    #[must_use]
    pub fn names(self) -> &'static [Name] {
        use Name::*;
        match self {
            Self::Confirm => &[Member, Shop, ConfirmLink],
            Self::SignIn => &[Member, Shop, SignInLink],
            Self::Welcome | Self::RewardEarned | Self::Balance => {
                &[Member, Shop, Balance, PointsToNext, Reward, Code, ReferralLink]
            }
            Self::WeMissYou => &[
                Member,
                Shop,
                Balance,
                PointsToNext,
                Reward,
                Code,
                ReferralLink,
                Weeks,
                Bonus,
            ],
            Self::ReferralJoined => &[Member, Shop, Balance, Code, ReferralLink],
            Self::MonthlySummary => &[
                Shop,
                Month,
                Joins,
                Visits,
                PointsGiven,
                RewardsGiven,
                Referrals,
                WinBacks,
                Story,
                Cost,
                Chart,
            ],
            Self::PartnerOutreach => &[Shop, Partner, PartnerLink],
            Self::DocumentProblem => &[Shop, Document, Place, Problem],
        }
    }
}

/// What a mail can speak of: `{{ points_to_next }}`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Name {
    /// The member's name.
    Member,
    /// The shop's.
    Shop,
    /// Points there are.
    Balance,
    /// Points that lack to the next reward.
    PointsToNext,
    /// The reward that was earned, or the next one.
    Reward,
    /// The code on the member's card.
    Code,
    /// The member's link for friends.
    ReferralLink,
    /// Where to say yes.
    ConfirmLink,
    /// The way to the member's own page.
    SignInLink,
    /// Weeks since the last visit.
    Weeks,
    /// Which month.
    Month,
    /// New members in it.
    Joins,
    /// Visits in it.
    Visits,
    /// Points given in it.
    PointsGiven,
    /// Rewards given in it.
    RewardsGiven,
    /// Members who came through somebody.
    Referrals,
    /// Members who came back.
    WinBacks,
    /// The month in words.
    Story,
    /// The other shop's name.
    Partner,
    /// The other shop's link.
    PartnerLink,
    /// Points that come with the mail.
    Bonus,
    /// What the rewards of the month cost.
    Cost,
    /// The month's figures beside those of the month before, as bars.
    Chart,
    /// What the owner keeps in a document elsewhere.
    Document,
    /// Where that is.
    Place,
    /// What is wrong with it, and what to do.
    Problem,
}

impl Name {
    /// All of them. The place of each is its number.
    pub const ALL: [Self; 26] = [
        Self::Member,
        Self::Shop,
        Self::Balance,
        Self::PointsToNext,
        Self::Reward,
        Self::Code,
        Self::ReferralLink,
        Self::ConfirmLink,
        Self::SignInLink,
        Self::Weeks,
        Self::Month,
        Self::Joins,
        Self::Visits,
        Self::PointsGiven,
        Self::RewardsGiven,
        Self::Referrals,
        Self::WinBacks,
        Self::Story,
        Self::Partner,
        Self::PartnerLink,
        Self::Bonus,
        Self::Cost,
        Self::Chart,
        Self::Document,
        Self::Place,
        Self::Problem,
    ];

    /// As it is written between the braces.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Member => "name",
            Self::Shop => "shop",
            Self::Balance => "balance",
            Self::PointsToNext => "points_to_next",
            Self::Reward => "reward",
            Self::Code => "code",
            Self::ReferralLink => "referral_link",
            Self::ConfirmLink => "confirm_link",
            Self::SignInLink => "sign_in_link",
            Self::Weeks => "weeks",
            Self::Month => "month",
            Self::Joins => "joins",
            Self::Visits => "visits",
            Self::PointsGiven => "points_given",
            Self::RewardsGiven => "rewards_given",
            Self::Referrals => "referrals",
            Self::WinBacks => "win_backs",
            Self::Story => "story",
            Self::Partner => "partner",
            Self::PartnerLink => "partner_link",
            Self::Bonus => "bonus",
            Self::Cost => "cost",
            Self::Chart => "chart",
            Self::Document => "document",
            Self::Place => "place",
            Self::Problem => "problem",
        }
    }

    /// The one that is written so.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.text() == text)
    }

    /// Whether it is an address that leads somewhere.
    #[must_use]
    pub fn is_link(self) -> bool {
        matches!(
            self,
            Self::ReferralLink | Self::ConfirmLink | Self::SignInLink | Self::PartnerLink
        )
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A language that there are built-in mails in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// By its code.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_whole_and_in_order() {
        for (at, name) in Name::ALL.into_iter().enumerate() {
            assert_eq!(name as usize, at);
            assert_eq!(Name::named(name.text()), Some(name));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.title()), Some(kind));
            assert_eq!(Kind::named(kind.key()), Some(kind));
        }
    }
}
