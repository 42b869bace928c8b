//! One till: the real store on a disk in memory, what it has acknowledged, and what it must therefore still have.

use ledger::{Error, Renews, Store};
use link::{Client, LinkError, Report, Round};
use loyalty::{OpId, Origin};
use std::path::Path;
use std::sync::Arc;
use sync::ProblemCode;

use crate::disk::{Disk, Image};
use crate::eye::Eye;
use crate::job::{Done, Job, refusal};
use crate::machine::Machine;
use crate::net;

/// What a till said that it has done.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// In which step.
    pub step: usize,
    /// Under which id.
    pub op: OpId,
    /// What.
    pub job: Job,
    /// What it said.
    pub done: Done,
    /// Its place in the log.
    pub place: ([u8; 16], i64),
}

/// A copy that was put aside.
#[derive(Clone)]
pub struct Backup {
    image: Image,
    /// Under which number.
    origin: Origin,
    /// How many operations it has under that.
    own_seq: i64,
    /// How much was acknowledged by then.
    acknowledged: usize,
}

/// A till.
pub struct Till {
    /// Which, from 0.
    pub n: usize,
    /// Its disk.
    pub disk: Arc<Disk>,
    /// Its clock and chance.
    pub machine: Arc<Machine>,
    pub(crate) client: Client,
    credential: String,
    /// The owner said that it is lost, and its disk has not come back.
    pub lost: bool,
    /// As whom the relay knew it then: an older copy may lie on its disk by the time it is found.
    pub lost_as: Option<Origin>,
    /// The relay has said so: it must not let this till in.
    pub gone: bool,
    pub(crate) open: Option<(Store, Eye)>,
    /// What it said that it has done.
    pub acknowledged: Vec<Acknowledged>,
    /// What it was doing when its disk failed: nobody knows whether it is done.
    pub unknown: Option<(usize, OpId, Job)>,
    /// Put aside.
    pub backup: Option<Backup>,
}

/// What became of something at a till.
#[derive(Debug)]
pub enum Went {
    /// It went well, with these words.
    Well(String),
    /// Its disk failed: it must be started again.
    Down,
}

/// What must not be.
pub type Checked<T> = Result<T, String>;

impl Till {
    /// A till on a disk, not started.
    #[must_use]
    pub fn new(n: usize, disk: Arc<Disk>, machine: Arc<Machine>, credential: String) -> Self {
        Self {
            n,
            disk,
            machine,
            client: net::client(n, credential.clone()),
            credential,
            lost: false,
            lost_as: None,
            gone: false,
            open: None,
            acknowledged: Vec::new(),
            unknown: None,
            backup: None,
        }
    }

    /// Its store and the eye on it, while it is on.
    #[must_use]
    pub fn on(&self) -> Option<(&Store, &Eye)> {
        self.open.as_ref().map(|(store, eye)| (store, eye))
    }

    /// Whether it has heard that it was lost: it does nothing until it has told all that it did.
    pub fn knows_it_is_lost(&self) -> bool {
        self.on().is_some_and(|(store, _)| matches!(store.is_lost(), Ok(true)))
    }

    /// Turns it off in order.
    pub fn close(&mut self) {
        if let Some((store, eye)) = self.open.take() {
            drop(eye);
            drop(store);
        }
    }

    /// The power fails.
    pub fn crash(&mut self) {
        self.disk.cut();
        self.close();
    }

    /// Turns it on, where it is off: what it acknowledged must be there. Answers whether it is on; a disk that fails
    /// meanwhile leaves it off.
    ///
    /// # Errors
    /// What must not be.
    pub fn start(&mut self) -> Checked<bool> {
        if self.open.is_some() {
            return Ok(true);
        }
        let armed = self.disk.is_dead();
        self.disk.start();
        let calls = self.disk.calls();
        let opened = Store::open(self.disk.dir(), self.machine.options());
        let store = match opened {
            Ok(store) => store,
            Err(Error::Storage(e)) if self.disk.is_faulty() || self.disk.is_dead() => {
                drop(e);
                self.close();
                return Ok(false);
            }
            Err(e) => {
                return Err(format!(
                    "it can't be opened (crashed before: {armed}, calls: {calls}): {e}"
                ));
            }
        };
        match Eye::open(&ledger::file(self.disk.dir())) {
            Ok(eye) => self.open = Some((store, eye)),
            Err(_) if self.disk.is_faulty() || self.disk.is_dead() => return Ok(false),
            Err(e) => return Err(format!("its file can't be looked at: {e}")),
        }
        self.kept()?;
        Ok(true)
    }

    /// All it acknowledged is there.
    fn kept(&self) -> Checked<()> {
        let Some((_, eye)) = self.on() else { return Ok(()) };
        for done in &self.acknowledged {
            let found = eye
                .logged(done.op)
                .map_err(|e| format!("its file can't be read: {e}"))?;
            if found != Some(done.place) {
                return Err(format!(
                    "what it acknowledged in #{:04} is gone: {:?}",
                    done.step, done.job
                ));
            }
        }
        Ok(())
    }

    /// Does a job under an id, and looks at what it did.
    ///
    /// # Errors
    /// What must not be.
    pub fn work(&mut self, step: usize, op: OpId, job: &Job) -> Checked<Went> {
        let Some((store, eye)) = &self.open else {
            return Ok(Went::Down);
        };
        let look = |e: rusqlite::Error| format!("its file can't be read: {e}");
        let before = eye.logged(op).map_err(look)?;
        let line = || net::client(self.n, self.credential.clone());
        match job.run(store, op, line) {
            Ok(done) => {
                // The power may fail in the same call once the commit is safe: while the log is moved into the file.
                if self.disk.is_dead() {
                    return self.survived(op, job, &done);
                }
                let place = eye.logged(op).map_err(look)?;
                if let (Job::Redeem(member, _) | Job::RedeemAnywhere(member, _), None) = (job, before)
                    && done.line.is_some_and(|(_, points)| points < 0)
                {
                    let (here, all) = eye.held(*member).map_err(look)?;
                    if here < 0 || all < 0 {
                        return Err(format!(
                            "it redeemed what was not there: {here} points are left here, {all} in all"
                        ));
                    }
                }
                if let Some((entry, points)) = done.line
                    && !done.before
                    && eye.points_of(entry).map_err(look)? != Some(points)
                {
                    return Err(format!(
                        "it acknowledged {points} points with {job:?}, and its ledger says otherwise"
                    ));
                }
                if let Job::Credit(sale) = job {
                    let times = eye.times_sold(&sale.source, &sale.sale_id).map_err(look)?;
                    if times > 1 || (times == 0 && !done.before) {
                        return Err(format!(
                            "it credited {}, and its log has it {times} times",
                            sale.sale_id
                        ));
                    }
                }
                let must = matches!(
                    job,
                    Job::Redeem(..)
                        | Job::RedeemAnywhere(..)
                        | Job::Reverse(_)
                        | Job::Adjust(..)
                        | Job::Decide(..)
                        | Job::Unmerge(_)
                );
                match place {
                    None if must => return Err(format!("it acknowledged {job:?}, and its log has nothing of it")),
                    Some(place) if before.is_none() => self.acknowledged.push(Acknowledged {
                        step,
                        op,
                        job: job.clone(),
                        done: done.clone(),
                        place,
                    }),
                    _ => {}
                }
                Ok(Went::Well(match done.line {
                    Some((_, points)) if !done.before => format!("{points:+}"),
                    _ => {
                        if done.before {
                            "known before".into()
                        } else {
                            "done".into()
                        }
                    }
                }))
            }
            Err(e) => match refusal(&e) {
                Some(code) => Ok(Went::Well(format!("refused: {code}"))),
                None if self.disk.is_faulty() || self.disk.is_dead() => {
                    self.unknown = Some((step, op, job.clone()));
                    if self.disk.is_dead() {
                        self.close();
                    }
                    Ok(Went::Down)
                }
                // It went on under a new number while it asked for points: it is opened anew, and asked again.
                None if matches!(store.is_current(), Ok(false)) => {
                    self.unknown = Some((step, op, job.clone()));
                    self.close();
                    Ok(Went::Down)
                }
                None if self.knows_it_is_lost() => Ok(Went::Well("it is lost, and must sync first".into())),
                None => Err(format!("{job:?} failed on a disk that is well: {e}")),
            },
        }
    }

    /// What was acknowledged in the call in which the disk died is there once the till is on again.
    fn survived(&mut self, op: OpId, job: &Job, done: &Done) -> Checked<Went> {
        self.close();
        if !self.start()? {
            return Ok(Went::Down);
        }
        match self.on().and_then(|(_, eye)| eye.logged(op).ok().flatten()) {
            None if !done.before && done.line.is_some() => Err(format!(
                "it acknowledged {job:?}, though its disk was dead, and it is gone"
            )),
            _ => Ok(Went::Down),
        }
    }

    /// Asks again what was acknowledged: it must be answered as the first time, and do nothing.
    ///
    /// # Errors
    /// What must not be.
    pub fn again(&mut self, which: u8) -> Checked<Went> {
        let Some((store, eye)) = &self.open else {
            return Ok(Went::Down);
        };
        let all = &self.acknowledged;
        let Some(one) = all
            .len()
            .checked_sub(1 + usize::from(which) % all.len().max(1))
            .and_then(|at| all.get(at))
        else {
            return Ok(Went::Well("nothing yet".into()));
        };
        let seq = |store: &Store| store.own_seq().map_err(|e| e.to_string());
        let before = seq(store);
        let done = one
            .job
            .run(store, one.op, || net::client(self.n, self.credential.clone()));
        let after = seq(store);
        let contested = match &one.job {
            Job::Credit(sale) => eye.contested(&sale.source, &sale.sale_id),
            Job::Refund(refund) => eye.contested(&refund.source, &refund.sale_id),
            _ => Ok(false),
        };
        if self.disk.is_faulty() || self.disk.is_dead() {
            if self.disk.is_dead() {
                self.close();
            }
            return Ok(Went::Down);
        }
        if before != after {
            return Err(format!("{:?} of #{:04} was done again", one.job, one.step));
        }
        match done {
            // Another till was first with the same: its answer counts, also where it says no.
            _ if contested.unwrap_or(false) => Ok(Went::Well(format!("#{:04}, which another did too", one.step))),
            // The number may be another member's by now.
            Err(e) if refusal(&e) == Some(loyalty::Code::SaleDiffers) => Ok(Went::Well("no more".into())),
            Ok(done) if done.line == one.done.line => Ok(Went::Well(format!("#{:04} as before", one.step))),
            other => Err(format!(
                "{:?} of #{:04} was answered {:?}, and now {other:?}",
                one.job, one.step, one.done
            )),
        }
    }

    /// Syncs until both sides have everything, or it can't.
    ///
    /// # Errors
    /// What must not be.
    pub fn sync(&mut self) -> Checked<Result<Report, String>> {
        let mut report = Report::default();
        for _ in 0..4 {
            let Some((store, _)) = self.on() else {
                return Ok(Err("it is off".into()));
            };
            let gone = link::round(store, &self.client, &mut report, |_| {});
            if self.disk.is_dead() {
                self.close();
                return Ok(Err("its disk failed".into()));
            }
            if self.gone && report.pushed + report.pulled > 0 {
                return Err("it is lost, and the relay took from it, or told it something".into());
            }
            match gone {
                Ok(Round::Done) if self.gone => return Err("it is lost, and the relay let it in".into()),
                Ok(Round::Done) => return Ok(Ok(report)),
                Ok(Round::Reopen) => {
                    self.close();
                    if !self.start()? {
                        return Ok(Err("its disk failed".into()));
                    }
                }
                Err(LinkError::Offline(why)) => return Ok(Err(why)),
                Err(LinkError::Refused(problem)) if self.lost && problem.code == ProblemCode::Revoked => {
                    return Ok(Err("it is lost".into()));
                }
                Err(e) if e.passes() => return Ok(Err(e.to_string())),
                Err(LinkError::Ledger(Error::Storage(e))) if self.disk.is_faulty() => {
                    return Ok(Err(e.to_string()));
                }
                Err(e) => return Err(format!("it can't sync, and never will: {e:?}")),
            }
        }
        Err("it begins anew without end".into())
    }

    /// Puts a copy of the file aside.
    ///
    /// # Errors
    /// What must not be.
    pub fn back_up(&mut self) -> Checked<Went> {
        let Some((store, _)) = self.on() else {
            return Ok(Went::Down);
        };
        let own = store.own_seq().map_err(|e| e.to_string())?;
        let image = self.disk.image();
        let acknowledged = self.acknowledged.len();
        let origin = store.shop().till_id;
        self.backup = Some(Backup {
            image,
            origin,
            own_seq: own,
            acknowledged,
        });
        Ok(Went::Well(format!("with {own} operations")))
    }

    /// The copy comes back in the file's place, as `restore` does it: the till goes on under a new origin. `relay_has`
    /// says how many operations of its old one the relay has; what is in neither is lost, and nobody can help that.
    ///
    /// # Errors
    /// What must not be.
    pub fn restore(&mut self, relay_has: impl Fn(&[u8; 16]) -> Checked<i64>) -> Checked<Went> {
        // The copy is kept: it may come back once more, past what the till has gone on as since.
        let Some(backup) = self.backup.clone() else {
            return Ok(Went::Well("there is no copy".into()));
        };
        let Some((store, _)) = self.on() else {
            return Ok(Went::Down);
        };
        // What a copy has and nobody heard before its number was closed can't be heard any more: it is of no use.
        if store.shop().till_id != backup.origin && relay_has(backup.origin.0.as_bytes())? < backup.own_seq {
            return Ok(Went::Well("the copy has what the relay will never have".into()));
        }
        // What it did since under any number: the relay has it, and it comes back with the next sync, or it is lost.
        let (mut lost, mut elsewhere) = (0, 0);
        for done in self.acknowledged.drain(backup.acknowledged..) {
            if relay_has(&done.place.0)? >= done.place.1 {
                elsewhere += 1;
            } else {
                lost += 1;
            }
        }
        self.close();
        self.disk.put(&backup.image);
        self.unknown = None;
        let store =
            Store::open(self.disk.dir(), self.machine.options()).map_err(|e| format!("a copy can't be opened: {e}"))?;
        store
            .write(|tx| tx.begin_renewal(Renews::Restored))
            .map_err(|e| format!("a copy can't go on: {e}"))?;
        drop(store);
        if !self.start()? {
            return Ok(Went::Down);
        }
        Ok(Went::Well(format!(
            "{lost} operations are lost, {elsewhere} are at the relay"
        )))
    }
}

/// Makes the folder that a till's store expects to find: the file is in memory, and only its name is there.
///
/// # Errors
/// The file system's.
pub fn folder(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(ledger::file(dir), [])
}
