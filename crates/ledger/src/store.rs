//! The handle everybody uses: [`Store`]. Each call is one transaction; a call that returned is durable.

use loyalty::op::By;
use loyalty::{EntryId, MemberId, OpId, Points, Role, Sale, StaffId, UtcMs};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, Ids, SystemClock, SystemIds};
use crate::connect::{self, Readers};
use crate::error::{Error, Result, StorageCode, StorageError};
use crate::init::{Joins, NewShop};
use crate::migrate::{self, Needs};
use crate::pin::Pepper;
use crate::points::{Actor, Moved};
use crate::refunds::{self, Refund, Refunded};
use crate::review::{self, Decision, Held};
use crate::rulebook::{Published, Rulebook};
use crate::sales::Credited;
use crate::shop::Shop;
use crate::staff::{Staff, StaffEdit};
use crate::turn::Turn;
use crate::tx::{Scope, Tx};
use crate::writer::Writer;
use crate::{
    Found, Key, Line, Member, MemberEdit, NewMember, Redemption, Stats, Verified, backup, lines, members, private,
    search, staff, stats, verify,
};

/// Where time and randomness come from, and how patient to be.
#[derive(Clone)]
pub struct Options {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn Ids>,
    /// How long to wait while another process holds the file, before the answer is `busy`.
    pub busy: Duration,
}

impl Default for Options {
    /// The machine's own.
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            busy: connect::BUSY,
        }
    }
}

/// A shop's file, open. Shared freely: it has one writer and as many readers as ask.
pub struct Store {
    dir: PathBuf,
    pub(crate) scope: Scope,
    readers: Readers,
    writer: Writer,
    turn: Turn,
}

impl Store {
    /// Whether there is a shop's file in this folder.
    #[must_use]
    pub fn exists(dir: &Path) -> bool {
        connect::file(dir).exists()
    }

    /// Makes a shop.
    ///
    /// # Errors
    /// `already_initialised`; `bad_name`, `bad_currency`, `bad_region`, `bad_timezone`; [`Error::Rules`]; a storage
    /// error. No file is left behind then.
    pub fn init(dir: &Path, new: &NewShop, options: Options) -> Result<Self> {
        crate::init::make(dir, new, &options).map_err(|e| with_path(e, &connect::file(dir)))?;
        Self::open(dir, options)
    }

    /// Makes the file of a till that joins a shop: empty until it has synced.
    ///
    /// # Errors
    /// As [`Store::init`].
    pub fn join(dir: &Path, joins: &Joins, options: Options) -> Result<Self> {
        crate::init::join(dir, joins, &options).map_err(|e| with_path(e, &connect::file(dir)))?;
        Self::open(dir, options)
    }

    /// Opens the shop in this folder, after migrating an older file (backed up first).
    ///
    /// # Errors
    /// `not_initialised`; `damaged`, `too_new`, `read_only`, `disk_full`, `busy`, `io`.
    pub fn open(dir: &Path, options: Options) -> Result<Self> {
        let path = connect::file(dir);
        if !path.exists() {
            return Err(loyalty::Code::NotInitialised.into());
        }
        Self::open_file(dir, &path, options).map_err(|e| with_path(e, &path))
    }

    fn open_file(dir: &Path, path: &Path, options: Options) -> Result<Self> {
        let needs = connect::look(path, options.busy, |conn| migrate::needs(conn, path))?;
        if needs == Needs::Everything {
            return Err(loyalty::Code::NotInitialised.into());
        }
        private::tighten(dir, &connect::backups(dir));
        let mut conn = connect::writer(path, options.busy)?;
        if needs == Needs::Some {
            backup::before_update(&conn, dir, options.clock.now())?;
            migrate::migrate(&mut conn)?;
        }
        let shop = Arc::new(Shop::load(&conn)?.ok_or_else(|| Error::from(loyalty::Code::NotInitialised))?);
        let rulebook = Arc::new(Rulebook::new(shop.currency));
        let scope = Scope {
            clock: options.clock,
            ids: options.ids,
            shop,
            rulebook,
        };
        let turn = Turn::new(dir, options.busy);
        let writer = Writer::start(conn, scope.clone(), turn.clone()).map_err(|e| StorageError::of_io(&e, path))?;
        Ok(Self {
            dir: dir.to_owned(),
            scope,
            readers: Readers::new(path.to_owned(), options.busy),
            writer,
            turn,
        })
    }

    /// Runs several things in one transaction. A refusal undoes all of them: use [`Tx::attempt`] for parts that may
    /// be refused by themselves.
    ///
    /// # Errors
    /// Those of `f`; a storage error. Nothing was changed then.
    pub fn write<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.writer
            .write(f)
            .map_err(|e| with_path(e, &connect::file(&self.dir)))
    }

    /// Lets other processes write that wait for it. Whoever writes many transactions one after the other calls this
    /// between them: it comes back when nobody waits any more, and at once where nobody does.
    pub fn let_others(&self) {
        self.turn.let_others();
    }

    pub(crate) fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.readers
            .read(f)
            .map_err(|e| with_path(e, &connect::file(&self.dir)))
    }

    /// The shop and this till.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        &self.scope.shop
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        self.scope.clock.now()
    }

    /// A new operation id, for callers that do not make their own.
    #[must_use]
    pub fn new_op(&self) -> OpId {
        OpId(self.scope.ids.uuid(self.now()))
    }

    /// A salt for [`Pepper::hash`].
    #[must_use]
    pub fn salt(&self) -> [u8; 16] {
        self.scope.ids.random()
    }

    /// The rules in force.
    ///
    /// # Errors
    /// A storage error.
    pub fn rules(&self) -> Result<Arc<Published>> {
        self.read(|c| self.scope.rulebook.current(c))
    }

    /// See [`Tx::publish_rules`].
    ///
    /// # Errors
    /// As there.
    pub fn publish_rules(&self, op: OpId, by: By, text: String) -> Result<i64> {
        self.write(move |tx| tx.publish_rules(op, &by, &text))
    }

    /// See [`Tx::enrol`].
    ///
    /// # Errors
    /// As there.
    pub fn enrol(&self, op: OpId, by: By, new: NewMember) -> Result<(MemberId, bool)> {
        self.write(move |tx| tx.enrol(op, &by, &new))
    }

    /// See [`Tx::edit_member`].
    ///
    /// # Errors
    /// As there.
    pub fn edit_member(&self, op: OpId, by: By, id: MemberId, edit: MemberEdit) -> Result<()> {
        self.write(move |tx| tx.edit_member(op, &by, id, &edit))
    }

    /// See [`Tx::credit`].
    ///
    /// # Errors
    /// As there.
    pub fn credit(&self, op: OpId, by: By, sale: Sale) -> Result<Credited> {
        self.write(move |tx| tx.credit(op, &by, &sale))
    }

    /// See [`Tx::redeem`].
    ///
    /// # Errors
    /// As there.
    pub fn redeem(&self, op: OpId, by: By, member: MemberId, what: Redemption) -> Result<Moved> {
        self.write(move |tx| tx.redeem(op, &by, member, &what))
    }

    /// See [`Tx::reverse`].
    ///
    /// # Errors
    /// As there.
    pub fn reverse(&self, op: OpId, actor: Actor, entry: EntryId) -> Result<Moved> {
        self.write(move |tx| tx.reverse(op, &actor, entry))
    }

    /// See [`Tx::adjust`].
    ///
    /// # Errors
    /// As there.
    pub fn adjust(&self, op: OpId, actor: Actor, member: MemberId, points: Points, reason: String) -> Result<Moved> {
        self.write(move |tx| tx.adjust(op, &actor, member, points, &reason))
    }

    /// See [`Tx::refund`].
    ///
    /// # Errors
    /// As there.
    pub fn refund(&self, op: OpId, by: By, refund: Refund) -> Result<Refunded> {
        self.write(move |tx| tx.refund(op, &by, &refund))
    }

    /// What a refund would do.
    ///
    /// # Errors
    /// As [`Tx::refund`].
    pub fn preview_refund(&self, refund: &Refund) -> Result<Refunded> {
        self.read(|c| refunds::preview(c, refund))
    }

    /// Held sales that wait for a decision, oldest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn held(&self) -> Result<Vec<Held>> {
        self.read(review::waiting)
    }

    /// See [`Tx::decide_held`].
    ///
    /// # Errors
    /// As there.
    pub fn decide_held(
        &self,
        op: OpId,
        actor: Actor,
        source: String,
        sale_id: String,
        decision: Decision,
    ) -> Result<(Option<EntryId>, Points)> {
        self.write(move |tx| tx.decide_held(op, &actor, &source, &sale_id, &decision))
    }

    /// Lets points expire that have run out of time; answers of how many members. Nothing where the rules say nothing.
    ///
    /// # Errors
    /// A storage error; what was done before stays done.
    pub fn expire(&self) -> Result<usize> {
        let mut all = 0;
        loop {
            let some = self.write(|tx| tx.expire_some())?;
            all += some;
            if some < crate::EXPIRY_BATCH {
                return Ok(all);
            }
        }
    }

    /// Members as the cashier types, best first; see [`Found`].
    ///
    /// # Errors
    /// A storage error.
    pub fn search(&self, text: &str, at_most: usize) -> Result<Found> {
        self.read(|c| search::search(c, &self.scope.shop, text, at_most))
    }

    /// The member with this key.
    ///
    /// # Errors
    /// A storage error.
    pub fn member(&self, key: Key<'_>) -> Result<Option<Member>> {
        self.read(|c| members::find(c, key))
    }

    /// One line.
    ///
    /// # Errors
    /// A storage error.
    pub fn line(&self, entry: EntryId) -> Result<Option<Line>> {
        self.read(|c| lines::one(c, entry))
    }

    /// A member's newest lines, newest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn lines_of(&self, member: MemberId, at_most: usize) -> Result<Vec<Line>> {
        self.read(|c| lines::of_member(c, member, at_most))
    }

    /// The lines of the shop's day at `at`, newest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn activity(&self, at: UtcMs) -> Result<Vec<Line>> {
        let day = self.scope.shop.zone.day(at).to_string();
        self.read(|c| lines::of_day(c, &day))
    }

    /// Hands every line to `f` in the order they were written, all of one moment.
    ///
    /// # Errors
    /// Those of `f`; a storage error.
    pub fn each_line(&self, f: impl FnMut(Line) -> Result<()>) -> Result<()> {
        self.read(|c| lines::each(c, f))
    }

    /// Hands every member to `f`, oldest first, all of one moment.
    ///
    /// # Errors
    /// Those of `f`; a storage error.
    pub fn each_member(&self, f: impl FnMut(Member) -> Result<()>) -> Result<()> {
        self.read(|c| members::each(c, f))
    }

    /// The programme in a few figures.
    ///
    /// # Errors
    /// A storage error.
    pub fn stats(&self) -> Result<Stats> {
        self.read(stats::stats)
    }

    /// Everybody of the shop, active ones first.
    ///
    /// # Errors
    /// A storage error.
    pub fn staff(&self) -> Result<Vec<Staff>> {
        self.read(staff::list)
    }

    /// See [`Tx::edit_staff`].
    ///
    /// # Errors
    /// As there.
    pub fn edit_staff(&self, op: OpId, actor: Actor, edit: StaffEdit) -> Result<StaffId> {
        self.write(move |tx| tx.edit_staff(op, &actor, &edit))
    }

    /// Signs somebody in.
    ///
    /// # Errors
    /// `wrong_pin` with the milliseconds to wait (a right PIN before they are over counts as wrong); `unknown_staff`;
    /// a storage error.
    pub fn sign_in(&self, staff: StaffId, pin: &str, pepper: &Pepper) -> Result<Role> {
        let (role, hash) = self.write(move |tx| tx.begin_sign_in(staff))?;
        if pepper.matches(pin, &hash) {
            self.write(move |tx| tx.end_sign_in(staff))?;
            return Ok(role);
        }
        let wait = self.write(move |tx| tx.pin_wait_ms(staff))?;
        Err(loyalty::Refusal::from(loyalty::Code::WrongPin).with(wait).into())
    }

    /// A setting of this machine.
    ///
    /// # Errors
    /// A storage error.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read(|c| crate::shop::setting(c, name))
    }

    /// Changes a setting of this machine.
    ///
    /// # Errors
    /// A storage error.
    pub fn set_setting(&self, name: &'static str, value: String) -> Result<()> {
        self.write(move |tx| crate::shop::set_setting(tx.conn, name, &value))
    }

    /// Folds the log again and compares everything.
    ///
    /// # Errors
    /// A storage error (a file too damaged to be read is `damaged`).
    pub fn verify(&self) -> Result<Verified> {
        self.read(|c| verify::verify(c, &self.scope.shop))
    }

    /// Copies the shop into `to` while it works, and checks the copy. `progress` hears percents.
    ///
    /// # Errors
    /// A storage error; `to` is then as it was.
    pub fn backup(&self, to: &Path, progress: impl FnMut(u8)) -> Result<Verified> {
        backup::backup(&connect::file(&self.dir), to, progress)
    }
}

fn with_path(e: Error, path: &Path) -> Error {
    match e {
        Error::Storage(mut s) => {
            // SQLite can't say why it could not open or write a file; the folder can.
            let dir = path.parent().unwrap_or(path);
            if s.code == StorageCode::ReadOnly && dir.metadata().is_ok_and(|m| m.permissions().readonly()) {
                s.detail = format!("{}: the folder is read-only", s.detail);
            }
            Error::Storage(s.at(path))
        }
        e => e,
    }
}
