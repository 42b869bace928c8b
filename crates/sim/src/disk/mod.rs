//! A machine's disk in memory: what is on it, what of it was synced, and what is left when the power fails. The calls
//! that SQLite makes are in `vfs`.
//!
//! A folder that has a [`Disk`] is kept in memory; what else is in the file system is nobody's business here.

mod locks;
mod vfs;

pub use vfs::count_no_memory;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::dice::Dice;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// One change of a file that is not synced yet.
#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// A file's bytes: as programs see them, as they are safe, and what lies between.
#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    synced: Vec<u8>,
    since: Vec<Change>,
}

fn apply(to: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(size) => to.truncate(*size),
        Change::Write(at, bytes) => {
            let end = at + bytes.len();
            if to.len() < end {
                to.resize(end, 0);
            }
            to[*at..end].copy_from_slice(bytes);
        }
    }
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        Self {
            now: bytes.to_vec(),
            synced: bytes.to_vec(),
            since: Vec::new(),
        }
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.now, &change);
        self.since.push(change);
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.since) {
            apply(&mut self.synced, &change);
        }
    }

    /// What a power cut leaves: of what was not synced, each write wholly, partly or not.
    fn cut(&self, dice: &mut Dice) -> Vec<u8> {
        let mut left = self.synced.clone();
        // Often nothing of it had reached the disk yet, or all of it.
        let mood = dice.below(4);
        for change in &self.since {
            let fate = match mood {
                0 => 0,
                1 => 1,
                _ => dice.below(3),
            };
            match (fate, change) {
                (0, _) => {}
                (2, Change::Write(at, bytes)) => {
                    let sectors = bytes.len().div_ceil(SECTOR) as u64;
                    let kept = usize::try_from(dice.below(sectors)).unwrap_or(0) * SECTOR;
                    apply(&mut left, &Change::Write(*at, bytes[..kept.min(bytes.len())].to_vec()));
                }
                (_, change) => apply(&mut left, change),
            }
        }
        left
    }
}

/// All files of a disk at one moment.
pub type Image = BTreeMap<String, Vec<u8>>;

/// What goes wrong with a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The power fails at the so manieth call that writes or syncs.
    Crash(u32),
    /// From the so manieth write on nothing more fits.
    Full(u32),
    /// The so manieth sync fails, and what it should have made safe may be safe or not.
    SyncFails(u32),
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Arc<vfs::Node>>,
    fault: Option<Fault>,
    /// A fault was set, whether it came or not.
    faulty: bool,
    /// What the dice decide of what was not synced.
    fates: u64,
    /// Nothing works until the machine starts again.
    dead: bool,
    /// Calls that wrote or synced.
    calls: u64,
}

/// The disk of a machine.
#[derive(Debug)]
pub struct Disk {
    dir: PathBuf,
    state: Mutex<State>,
    /// Files that programs have open.
    open: AtomicUsize,
}

fn locked<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk {
    /// Puts a disk with these files in place of whatever is in the folder, until it is dropped by [`Disk::leave`].
    #[must_use]
    pub fn mount(dir: &Path, image: &Image) -> Arc<Self> {
        let disk = Arc::new(Self {
            dir: dir.to_owned(),
            state: Mutex::default(),
            open: AtomicUsize::new(0),
        });
        disk.put(image);
        vfs::mount(disk.clone());
        disk
    }

    /// Takes it away again.
    pub fn leave(&self) {
        vfs::unmount(&self.dir);
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Other files are on the disk from now on. Whoever has it open finds it dead.
    pub fn put(&self, image: &Image) {
        let mut state = locked(&self.state);
        for node in state.files.values() {
            node.kill();
        }
        let files = image.iter().map(|(name, bytes)| {
            let node = vfs::Node::new(Content::of(bytes));
            (name.clone(), Arc::new(node))
        });
        state.files = files.collect();
        state.dead = false;
        state.fault = None;
    }

    /// Its files as programs see them.
    #[must_use]
    pub fn image(&self) -> Image {
        let state = locked(&self.state);
        state
            .files
            .iter()
            .map(|(name, node)| (name.clone(), node.content().now.clone()))
            .collect()
    }

    /// What goes wrong from now on, if anything; `fates` decides what a power cut leaves.
    pub fn fail(&self, fault: Option<Fault>, fates: u64) {
        let mut state = locked(&self.state);
        (state.fault, state.fates, state.faulty) = (fault, fates, fault.is_some());
    }

    /// Whether the power has failed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        locked(&self.state).dead
    }

    /// Whether something is to go wrong, or went.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        locked(&self.state).faulty
    }

    /// The power fails now.
    pub fn cut(&self) {
        self.cut_locked(&mut locked(&self.state));
    }

    /// Power is back: what was left is there for whoever opens it.
    pub fn start(&self) {
        locked(&self.state).dead = false;
    }

    /// How many files programs have open.
    #[must_use]
    pub fn open_files(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How many calls wrote or synced, in all.
    #[must_use]
    pub fn calls(&self) -> u64 {
        locked(&self.state).calls
    }

    fn cut_locked(&self, state: &mut State) {
        let mut dice = Dice::new(state.fates);
        let mut left = BTreeMap::new();
        for (name, node) in &state.files {
            node.kill();
            // The shared index of a log is made anew from the log.
            let content = Content::of(&node.content().cut(&mut dice));
            left.insert(name.clone(), Arc::new(vfs::Node::new(content)));
        }
        state.files = left;
        state.dead = true;
        state.fault = None;
    }
}
