//! What the counter does: find, enrol, credit, redeem, reverse, adjust. The store decides; this parses and converts.

use ledger::{Key, NewMember, Redemption, Sent, Store};
use loyalty::op::{Kind, SaleKey};
use loyalty::sale::SOURCE_POS;
use loyalty::{Code, EntryId, Item, MemberId, Money, OpId, Permission, Phone, Refusal, Sale, Who, birthday};

use super::desk::Signed;
use super::{Answer, App, id};
use crate::views::{
    Adjust, Bought, Card, Credit, Credited, Enrol, Line, MemberEdit, Preview, Redeem, Redeemed, Reverse, Reversed,
    SOURCE_COUNTER, SearchResult, Waiting,
};

/// More hits than fit on the screen help nobody.
const HITS_MAX: usize = 12;
/// More pieces in one sale than anybody carries are a slip of the finger.
const PIECES_MAX: i32 = 99;
/// Lines on the member card.
const RECENT_MAX: usize = 20;

impl App {
    /// Finds members as the cashier types.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn search(&self, query: &str) -> Answer<SearchResult> {
        let (store, _) = self.acting(Permission::Serve)?;
        let found = self.told(store.search(query, HITS_MAX))?;
        Ok(SearchResult::of(query, found))
    }

    /// The card of a member.
    ///
    /// # Errors
    /// `unknown_member`; `locked`; the machine's.
    pub fn member_card(&self, member_id: &str) -> Answer<Card> {
        let (store, signed) = self.acting(Permission::Serve)?;
        self.card(&store, &signed, id("member_id", member_id)?)
    }

    /// Adds a member, or finds who has the number.
    ///
    /// # Errors
    /// `bad_phone`, `bad_name`, `bad_email`, `bad_birthday`, `unknown_referrer`, `self_referral`; `locked`; the machine's.
    pub fn enrol(&self, enrol: &Enrol) -> Answer<Card> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let new = NewMember {
            phone: Phone::parse(&enrol.phone, store.shop().region)?,
            name: enrol.name.clone(),
            email: enrol.email.clone(),
            email_consent: enrol.email_consent,
            birthday: birthday::optional(&enrol.birthday)?,
        };
        let sent = Some(enrol.referred_by.trim()).filter(|who| !who.is_empty());
        let sent = sent.map(|who| self.who_sent(&store, who, &new.phone)).transpose()?;
        let done = self.written(store.enrol_sent(op(&enrol.op_id)?, signed.by(), new, sent))?;
        let mut card = self.card(&store, &signed, done.member)?;
        card.just_enrolled = done.created;
        card.not_brought = done.why_not.map(str::to_owned);
        Ok(card)
    }

    /// Changes a member's name, email, consent and birthday.
    ///
    /// # Errors
    /// `unknown_member`, `bad_name`, `bad_email`, `bad_birthday`; `locked`; the machine's.
    pub fn member_edit(&self, edit: &MemberEdit) -> Answer<Card> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let member = self.change_member(&store, &signed, edit)?;
        self.card(&store, &signed, member)
    }

    /// The same in the owner's window.
    ///
    /// # Errors
    /// As [`App::member_edit`].
    pub fn member_change(&self, edit: &MemberEdit) -> Answer<()> {
        let (store, owner) = self.owning()?;
        self.change_member(&store, &owner, edit).map(|_| ())
    }

    fn change_member(&self, store: &Store, signed: &Signed, edit: &MemberEdit) -> Answer<MemberId> {
        let member: MemberId = id("member_id", &edit.member_id)?;
        let change = ledger::MemberEdit {
            name: edit.name.clone(),
            email: edit.email.clone(),
            email_consent: edit.email_consent,
            birthday: birthday::optional(&edit.birthday)?,
        };
        self.written(store.edit_member(op(&edit.op_id)?, signed.by(), member, change))?;
        Ok(member)
    }

    /// What a sale would do now.
    ///
    /// # Errors
    /// `bad_amount`, `bad_items`, `unknown_member`; `locked`; the machine's.
    pub fn preview(&self, member_id: &str, amount: &str, bought: &[Bought]) -> Answer<Preview> {
        let (store, _) = self.acting(Permission::Serve)?;
        let total = Money::parse_total(amount, store.shop().currency)?;
        let items = self.pieces(&store, bought)?;
        let preview = self.told(store.preview(id("member_id", member_id)?, total, items))?;
        Ok(preview.into())
    }

    /// Credits a sale. One without a number is numbered by its operation, so that a retry is recognised.
    ///
    /// # Errors
    /// `bad_amount`, `bad_items`, `bad_sale_id`, `sale_differs`, `unknown_member`; `locked`; the machine's.
    pub fn credit(&self, credit: &Credit) -> Answer<Credited> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let (op, member) = (op(&credit.op_id)?, id("member_id", &credit.member_id)?);
        let visit = credit.visit.clone().unwrap_or_else(|| op.to_string());
        let SaleKey { source, sale_id } = key(credit.sale_id.as_deref(), &visit)?;
        let sale = Sale {
            source,
            sale_id,
            who: Who::Member(member),
            total: Money::parse_total(&credit.amount, store.shop().currency)?,
            tax_minor: 0,
            tip_minor: 0,
            items: self.pieces(&store, &credit.bought)?,
            occurred_at: store.now(),
        };
        let credited = self.written(store.credit(op, signed.by(), sale))?;
        let card = self.card(&store, &signed, member)?;
        Ok(Credited::of(credited, card))
    }

    /// What was counted at the counter for stamp cards, as items of the sale.
    fn pieces(&self, store: &Store, bought: &[Bought]) -> Answer<Vec<Item>> {
        let published = self.told(store.rules())?;
        let item = |one: &Bought| {
            let card = published.rules.stamp_cards().find(|card| card.key() == one.card);
            let card = card.filter(|_| (1..=PIECES_MAX).contains(&one.count));
            let item = card.and_then(|card| card.bought(i64::from(one.count)));
            item.ok_or_else(|| Refusal::of(Code::BadItems, "bought", &one.card).into())
        };
        bought.iter().map(item).collect()
    }

    /// The sale behind a line of this member's; a line that is no sale, or is gone, is none.
    fn sale_of(&self, store: &Store, entry_id: &str, member: MemberId) -> Answer<Option<SaleKey>> {
        let line = self.told(store.line(id("with", entry_id)?))?;
        let line = line.filter(|l| l.kind == Kind::Earn && l.member == member && !l.reversed);
        let key = line.and_then(|l| l.source.zip(l.sale_id));
        Ok(key.map(|(source, sale_id)| SaleKey { source, sale_id }))
    }

    /// Redeems a reward, or what a full stamp card gives; with the sale it was given with, where there was one or is one
    /// to come.
    ///
    /// # Errors
    /// `unknown_reward`, `unknown_member`, `bad_lots`, `not_enough_points` or `not_enough_stamps` with how many are missing; `away_too_long`,
    /// `away_cap`, `needs_manager`, and `wrong_pin` for a manager's; `locked`; the machine's.
    pub fn redeem(&self, redeem: &Redeem) -> Answer<Redeemed> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let member = id("member_id", &redeem.member_id)?;
        let what = match &redeem.card {
            Some(card) => Redemption::Card { card: card.clone() },
            None => Redemption::Reward {
                name: redeem.reward.clone(),
                lots: i64::from(redeem.lots),
            },
        };
        let with = match (&redeem.with, &redeem.visit) {
            (Some(entry), _) => self.sale_of(&store, entry, member)?,
            (None, Some(visit)) => Some(key(redeem.sale_id.as_deref(), visit)?),
            (None, None) => None,
        };
        let redeems = link::Redeems {
            op: op(&redeem.op_id)?,
            by: signed.by(),
            member,
            what,
            approver: self.approver(&store, &signed, redeem.manager.as_ref())?,
            with,
        };
        // Only a till whose points are elsewhere asks the relay.
        let moved = self.written(link::redeem(&store, &redeems, || self.hurried(&store)))?;
        self.keep_mark(&store);
        let card = self.card(&store, &signed, member)?;
        Ok(Redeemed::of(moved, card))
    }

    /// Takes a line back. Who may is decided by the store, which knows whose line it is.
    ///
    /// # Errors
    /// `unknown_entry`, `not_reversible`, `already_reversed`, `not_allowed`; `locked`; the machine's.
    pub fn reverse(&self, reverse: &Reverse) -> Answer<Reversed> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let entry: EntryId = id("entry_id", &reverse.entry_id)?;
        self.told(link::word_on_line(&store, entry, || self.hurried(&store)))?;
        let moved = self.written(store.reverse(op(&reverse.op_id)?, signed.actor(), entry))?;
        let card = self.card(&store, &signed, moved.member)?;
        Ok(Reversed::of(&moved, card))
    }

    /// Adds or takes points by hand.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `bad_points`, `reason_missing`, `unknown_member`, `not_enough_points`;
    /// `locked`; the machine's.
    pub fn adjust(&self, adjust: &Adjust) -> Answer<Card> {
        let (store, signed) = self.acting(Permission::Adjust)?;
        let member = id("member_id", &adjust.member_id)?;
        let (points, reason) = (i64::from(adjust.points), adjust.reason.clone());
        self.written(store.adjust(op(&adjust.op_id)?, signed.actor(), member, points, reason))?;
        self.card(&store, &signed, member)
    }

    /// Today's lines, newest first.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn activity(&self) -> Answer<Vec<Line>> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let lines = self.told(store.activity(store.now()))?;
        Ok(lines.into_iter().map(|line| Line::of(line, &signed.actor())).collect())
    }

    /// Whoever is meant; a vendor's new link is asked of the relay.
    fn who_sent(&self, store: &Store, who: &str, new: &Phone) -> Answer<Sent> {
        let known = store.who_sent_them(who, new);
        if matches!(&known, Err(ledger::Error::Refused(r)) if r.code == Code::UnknownReferrer)
            && let Ok(line) = self.hurried(store)
            && link::clicks(store, &line).is_ok()
        {
            return self.told(store.who_sent_them(who, new));
        }
        self.told(known)
    }

    pub(super) fn card(&self, store: &Store, signed: &Signed, member: MemberId) -> Answer<Card> {
        let found = self.told(store.member(Key::Id(member)))?;
        let found = found.ok_or_else(|| Refusal::of(Code::UnknownMember, "member_id", &member.to_string()))?;
        let published = self.told(store.rules())?;
        let recent = self.told(store.lines_of(member, RECENT_MAX))?;
        let recent = recent.into_iter().map(|line| Line::of(line, &signed.actor())).collect();
        let cards = self.told(store.stamps(member))?;
        let (asks, elsewhere) = self.points_at(store, member)?;
        let as_of = self.told(Self::as_of(store, member))?;
        let waiting = self.told(store.referral_rewards(member))?;
        let mail = self.told(store.mail_standing(member))?;
        Ok(Card {
            mail,
            waiting: Waiting::of(&waiting),
            elsewhere,
            asks,
            as_of,
            ..Card::of(found, &published, cards, recent)
        })
    }
}

fn op(text: &str) -> Result<OpId, Refusal> {
    id("op_id", text)
}

/// The number of a sale: the till's, where it is typed, else the one that was made for it.
fn key(typed: Option<&str>, made: &str) -> Result<SaleKey, Refusal> {
    let typed = typed.map(str::trim).filter(|s| !s.is_empty());
    let (source, sale_id) = match typed {
        Some(number) => (SOURCE_POS, number.to_owned()),
        None => (SOURCE_COUNTER, op(made)?.to_string()),
    };
    Ok(SaleKey {
        source: source.to_owned(),
        sale_id,
    })
}
