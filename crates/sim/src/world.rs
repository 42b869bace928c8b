//! A run: the tills, the relay and the network between them, taken through a plan step by step.

use ledger::Ids;
use loyalty::OpId;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use sync::wire::TillsRequest;

use crate::dice::Dice;
use crate::disk::{Disk, Image};
use crate::ending;
use crate::job::Job;
use crate::machine::{Machine, START_MS, hand_to_relay, runtime};
use crate::net::{self, Net};
use crate::plan::{Plan, Step, What, Whose};
use crate::relay_host::RelayHost;
use crate::template::{self, Template};
use crate::till::{self, Checked, Till, Went};
use crate::trace::Trace;

/// How often everything that must hold at any moment is looked at; what a step touches is looked at with each.
const LOOK_EVERY_STEPS: usize = 16;

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What must not be, and after which step.
    pub failure: Option<String>,
    /// The hash of all that happened.
    pub hash: String,
    /// All that happened, where it was kept.
    pub trace: Vec<String>,
    /// Operations in the shop's log at the end.
    pub log: i64,
}

/// The shop.
pub struct World {
    pub(crate) tills: Vec<Till>,
    pub(crate) template: Arc<Template>,
    pub(crate) relay_machine: Arc<Machine>,
    time: Arc<AtomicI64>,
    relay_backup: Option<Image>,
    _dir: tempfile::TempDir,
}

/// Runs a plan. `keeps` keeps the lines of what happened.
///
/// # Panics
/// Where this machine has no folder to work in.
#[must_use]
pub fn run(plan: &Plan, keeps: bool) -> Outcome {
    let mut world = World::new(plan, Trace::new(keeps));
    let done = catch_unwind(AssertUnwindSafe(|| world.take(plan)));
    let failure = match done {
        Ok(done) => done.err(),
        Err(panic) => Some(format!("a panic: {}", said(&*panic))),
    };
    let log = if failure.is_none() {
        ending::log_length(&world)
    } else {
        0
    };
    world.end();
    let net = net::install(None).expect("the run's network is there until its end");
    let mut trace = net.trace.clone();
    net.relay.disk.leave();
    drop(net);
    relay::clock::hand_in(None);
    trace.note(|| {
        failure
            .clone()
            .unwrap_or_else(|| format!("all is well, with {log} operations"))
    });
    let (hash, trace) = trace.end();
    Outcome {
        failure,
        hash,
        trace,
        log,
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_default()
}

impl World {
    fn new(plan: &Plan, trace: Trace) -> Self {
        let dir = template::scratch().expect("a folder to work in");
        let template = template::of(plan.tills);
        let time = Arc::new(AtomicI64::new(START_MS));
        let relay_machine = Machine::new(time.clone(), Dice::of(plan.seed, 0xe1a4));
        hand_to_relay(&relay_machine);
        let relay_disk = Disk::mount(&dir.path().join("relay"), &template.relay);
        net::install(Some(Net::new(RelayHost::new(relay_disk), plan.tills, plan.page, trace)));
        let tills = (0..plan.tills).map(|n| {
            let place = dir.path().join(format!("till-{n}"));
            till::folder(&place).expect("a folder of its own");
            let disk = Disk::mount(&place, &template.tills[n]);
            let machine = Machine::new(time.clone(), Dice::of(plan.seed, n as u64));
            Till::new(n, disk, machine, template.credentials[n].clone())
        });
        Self {
            tills: tills.collect(),
            relay_machine,
            time,
            relay_backup: None,
            _dir: dir,
            template,
        }
    }

    fn take(&mut self, plan: &Plan) -> Checked<()> {
        net::with(|net| net.relay.start())?;
        for step in &plan.steps {
            let went = self
                .step(step)
                .map_err(|e| format!("#{:04}, till {}: {e}", step.n, step.till + 1))?;
            net::with(|net| net.trace.note(|| format!("{step} -> {went}")));
            if step.n % LOOK_EVERY_STEPS == 0 {
                self.look(step.till)
                    .map_err(|e| format!("after #{:04}, till {}: {e}", step.n, step.till + 1))?;
            }
        }
        let salt = Dice::of(plan.seed, 0xe4d).roll();
        self.heal()?;
        ending::check(self, salt)
    }

    fn end(&mut self) {
        for till in &mut self.tills {
            till.close();
            till.disk.leave();
        }
    }

    fn look(&self, till: usize) -> Checked<()> {
        let Some((_, eye)) = self.tills[till].on() else {
            return Ok(());
        };
        match eye.wrong() {
            Ok(None) => Ok(()),
            Ok(Some(what)) => Err(what),
            Err(e) => Err(format!("its file can't be read: {e}")),
        }
    }

    /// One step; answers what became of it.
    fn step(&mut self, step: &Step) -> Checked<String> {
        let mut dice = Dice::new(step.salt);
        let passed = i64::try_from(dice.below(4_000)).unwrap_or(0);
        self.time.fetch_add(1 + passed, Ordering::SeqCst);
        self.tills[step.till].machine.reroll(Dice::of(step.salt, 1));
        self.relay_machine.reroll(Dice::of(step.salt, 2));
        let wakes = dice.chance(1, 2);
        net::with(|net| {
            (net.rough, net.dice) = (step.rough, Dice::of(step.salt, 3));
            net.deliver_late(&mut Dice::of(step.salt, 4));
        });
        if wakes {
            self.start_relay()?;
        }
        if !self.tills[step.till].start()? {
            return Ok("it is off".into());
        }
        self.arm(step, true);
        let went = self.act(step);
        self.arm(step, false);
        let broke = net::with(|net| {
            if net.relay.disk.is_dead() {
                net.relay.stop();
            }
            net.broke.take()
        });
        if let Some(broke) = broke {
            return Err(format!("the relay failed on a disk that is well: {broke}"));
        }
        let till = &mut self.tills[step.till];
        if till.disk.is_dead() {
            till.close();
        }
        match went? {
            Went::Well(words) => Ok(words),
            Went::Down => Ok("its disk failed".into()),
        }
    }

    fn arm(&self, step: &Step, on: bool) {
        let Some((whose, fault)) = step.fault else { return };
        let fault = on.then_some(fault);
        match whose {
            Whose::Till => self.tills[step.till].disk.fail(fault, step.salt),
            Whose::Relay => net::with(|net| net.relay.disk.fail(fault, step.salt)),
        }
    }

    /// Starts the relay, where it is down: what it promised is there.
    fn start_relay(&self) -> Checked<()> {
        net::with(|net| {
            if net.relay.is_up() {
                return Ok(());
            }
            net.relay.start().map_err(|e| format!("the relay can't start: {e}"))?;
            for (origin, promised) in &net.promised {
                let has = net.relay.has(origin)?;
                if has < *promised {
                    return Err(format!(
                        "the relay said that it has {promised} operations of a till, and has {has}"
                    ));
                }
            }
            Ok(())
        })
    }

    fn act(&mut self, step: &Step) -> Checked<Went> {
        // What nobody knows is asked again first, as the window does.
        let till = &mut self.tills[step.till];
        if let Some((n, op, job)) = till.unknown.take()
            && let Went::Down = till.work(n, op, &job)?
        {
            return Ok(Went::Down);
        }
        let well = |words: &str| Ok(Went::Well(words.to_owned()));
        match step.what {
            What::Sync => self.sync(step.till),
            What::Again { which } => till.again(which),
            What::Reopen => {
                till.close();
                match till.start()? {
                    true => well("it is open again"),
                    false => Ok(Went::Down),
                }
            }
            What::CrashTill => {
                till.disk.fail(None, step.salt);
                till.crash();
                Ok(Went::Down)
            }
            What::CrashRelay => {
                net::with(|net| {
                    net.relay.disk.fail(None, step.salt);
                    net.relay.crash();
                });
                well("the relay is down")
            }
            What::GiveBack { member } => {
                let members = till.on().map(|(_, eye)| eye.members());
                let members = members.transpose().map_err(|e| e.to_string())?.unwrap_or_default();
                match members.get(usize::from(member) % members.len().max(1)) {
                    Some(member) => till.give_back(*member),
                    None => well("there is nobody"),
                }
            }
            What::CloseDown => till.close_down(),
            What::Lose { .. } | What::Find | What::Release => self.lost(step),
            What::BackUpTill => till.back_up(),
            What::RestoreTill => {
                let has = |origin: &[u8; 16]| net::with(|net| net.relay.has(origin));
                if !net::with(|net| net.relay.is_up()) {
                    return well("the relay is down: nobody knows what is lost");
                }
                till.restore(has)
            }
            What::BackUpRelay => {
                let image = net::with(|net| net.relay.is_up().then(|| net.relay.disk.image()));
                self.relay_backup = image.or(self.relay_backup.take());
                well("")
            }
            What::RestoreRelay => self.restore_relay(),
            What::CutOff | What::Connect => {
                net::with(|net| net.cut_off[step.till] = step.what == What::CutOff);
                well("")
            }
            What::Pass { s } => {
                self.time.fetch_add(i64::from(s) * 1000, Ordering::SeqCst);
                well("")
            }
            What::Skew { min } => {
                till.machine.skew(i64::from(min) * 60_000);
                well("")
            }
            _ => self.work(step),
        }
    }

    fn work(&mut self, step: &Step) -> Checked<Went> {
        let till = &mut self.tills[step.till];
        let Some((store, eye)) = till.on() else {
            return Ok(Went::Down);
        };
        let look = |e: rusqlite::Error| format!("its file can't be read: {e}");
        let (members, lines) = (eye.members().map_err(look)?, eye.lines().map_err(look)?);
        let job = Job::of(step.what, store, &members, &lines);
        let job = match job {
            Ok(Some(job)) => job,
            Ok(None) => return Ok(Went::Well("nobody to do it with".into())),
            Err(_) if till.disk.is_faulty() => return Ok(Went::Down),
            Err(e) => return Err(format!("its file can't be read: {e}")),
        };
        let op = OpId(till.machine.uuid(store.now()));
        till.work(step.n, op, &job)
    }

    /// The owner looks after lost tills: one at a time, and not the one that they are at.
    fn lost(&mut self, step: &Step) -> Checked<Went> {
        let at = self.tills.iter().position(|till| till.lost);
        let other = match (step.what, at) {
            (What::Lose { other }, None) => usize::from(other) % self.tills.len(),
            (What::Find | What::Release, Some(lost)) => lost,
            _ => return Ok(Went::Well("not now".into())),
        };
        if other == step.till || self.tills[step.till].lost {
            return Ok(Went::Well("not at this till".into()));
        }
        // Whoever is off is asked for its number too.
        if !self.tills[other].start()? {
            return Ok(Went::Down);
        }
        let lost_as = self.tills[other].lost_as.filter(|_| at.is_some());
        let Some(as_whom) = lost_as.or_else(|| self.tills[other].origin()) else {
            return Ok(Went::Down);
        };
        // What it goes on under the relay must know first.
        if self.tills[other]
            .on()
            .is_some_and(|(store, _)| !matches!(store.renews(), Ok(None)))
        {
            return Ok(Went::Well("it has just been restored".into()));
        }
        let by = "job:owner".to_owned();
        let request = match step.what {
            What::Lose { .. } => TillsRequest::Lose { till: as_whom, by },
            What::Find => TillsRequest::Find { till: as_whom },
            _ => TillsRequest::Release {
                till: as_whom,
                member: None,
                by,
            },
        };
        let done = self.tills[step.till].ask_of_tills(&request)?;
        let till = &mut self.tills[other];
        match step.what {
            // The answer may have been lost, and the till with it.
            What::Lose { .. } => (till.lost, till.gone, till.lost_as) = (true, done, Some(as_whom)),
            What::Find => (till.lost, till.gone) = (!done, false),
            _ => {}
        }
        Ok(Went::Well(format!("till {}: {done}", other + 1)))
    }

    fn sync(&mut self, till: usize) -> Checked<Went> {
        match self.tills[till].sync()? {
            Ok(report) => Ok(Went::Well(format!("{} up, {} down", report.pushed, report.pulled))),
            Err(why) => Ok(Went::Well(why)),
        }
    }

    /// An older copy of the relay's database takes its place, and its operator says so.
    fn restore_relay(&mut self) -> Checked<Went> {
        let Some(image) = self.relay_backup.take() else {
            return Ok(Went::Well("there is no copy".into()));
        };
        net::with(|net| {
            net.relay.stop();
            net.relay.disk.put(&image);
            net.relay
                .start()
                .map_err(|e| format!("a copy of the relay can't start: {e}"))?;
            let db = net.relay.db().cloned().ok_or("the relay is down")?;
            let now = relay::clock::now();
            runtime()
                .block_on(relay::store::shops::restored(&db, None, now))
                .map_err(|e| format!("the relay can't be told that it was restored: {e}"))?;
            let origins: Vec<[u8; 16]> = net.promised.keys().copied().collect();
            for origin in origins {
                let has = net.relay.has(&origin)?;
                net.promised.insert(origin, has);
            }
            Ok::<_, String>(())
        })?;
        // It may have forgotten that somebody is lost.
        self.tills.iter_mut().for_each(|till| till.gone = false);
        Ok(Went::Well("the relay is restored".into()))
    }

    /// The disk of a lost till comes back at the end.
    fn find_lost(&mut self) -> Checked<()> {
        let Some(lost) = self.tills.iter().position(|till| till.lost) else {
            return Ok(());
        };
        let till = self.tills[lost].lost_as.ok_or("nobody said that it is lost")?;
        let here = (lost + 1) % self.tills.len();
        // The relay may never have heard that it is lost; whether it is in again, its sync shows.
        self.tills[here].ask_of_tills(&TillsRequest::Find { till })?;
        (self.tills[lost].lost, self.tills[lost].gone) = (false, false);
        Ok(())
    }

    /// Everything works again, everybody is on, and everybody hears of everything.
    fn heal(&mut self) -> Checked<()> {
        const ROUNDS_MAX: usize = 12;
        net::with(|net| {
            net.trace.note(|| "all is mended".into());
            net.rough = 0;
            net.forget_late();
            net.cut_off.fill(false);
        });
        self.start_relay()?;
        for till in &mut self.tills {
            if !till
                .start()
                .map_err(|e| format!("at the end, till {}: {e}", till.n + 1))?
            {
                return Err(format!("at the end till {} does not start", till.n + 1));
            }
            if let Some((n, op, job)) = till.unknown.take() {
                till.work(n, op, &job)
                    .map_err(|e| format!("at the end, till {}: {e}", till.n + 1))?;
            }
        }
        self.find_lost()?;
        for _ in 0..ROUNDS_MAX {
            let mut moved = 0;
            for till in &mut self.tills {
                let n = till.n + 1;
                let report = till.sync().map_err(|e| format!("at the end, till {n}: {e}"))?;
                let report = report.map_err(|e| format!("at the end till {n} can't sync: {e}"))?;
                moved += report.pushed + report.pulled + report.pending;
                net::with(|net| net.trace.note(|| format!("till {n}: {report:?}")));
            }
            if moved == 0 {
                return Ok(());
            }
        }
        Err("what waits is never all sent, though everything works".into())
    }
}
