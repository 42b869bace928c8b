//! A disk that fails on command: SQLite's own VFS with its writes, syncs and truncations seen on the way.
//!
//! It is made the process's default, so that the store under test needs no switch for it. Only folders that a test has
//! put on a [`Disk`] are watched; every other file goes straight to the system. What a disk keeps apart: what was
//! synced, and what was written since, so that [`Disk::crashed`] can lose power. What is expected of the store is in
//! the files beside this one.
#![expect(unsafe_code, reason = "a VFS is a table of C functions; only this test has one")]

use rusqlite::ffi;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// What a call on the disk does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    Write,
    Sync,
}

/// Fails calls of one sort from the `nth` on (1 is the next); `last` of them, then the disk is well again.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub call: Call,
    pub nth: u64,
    pub last: u64,
    pub code: c_int,
}

/// One change of a file that is not synced yet.
#[derive(Clone)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

#[derive(Clone, Default)]
struct Content {
    synced: Vec<u8>,
    since: Vec<Change>,
}

impl Content {
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
}

/// The files of one moment, as a power cut would leave them.
#[derive(Clone, Default)]
pub struct Image(Vec<(String, Content)>);

impl Image {
    /// Writes the files into `to`: what was synced, and of what was not each change that `survives` says.
    pub fn write(&self, to: &Path, mut survives: impl FnMut() -> bool) {
        for (name, content) in &self.0 {
            let mut bytes = content.synced.clone();
            for change in content.since.iter().filter(|_| survives()) {
                Content::apply(&mut bytes, change);
            }
            std::fs::write(to.join(name), bytes).unwrap();
        }
    }
}

/// Hears of every call, before it is done, with the files as they are then.
type Watcher = Box<dyn FnMut(&dyn Fn() -> Image) + Send>;

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    fired: u64,
    seen: u64,
    files: HashMap<String, Content>,
    watcher: Option<Watcher>,
}

/// A watched folder.
pub struct Disk {
    dir: PathBuf,
    state: Mutex<State>,
}

impl Disk {
    /// Watches `dir` (which has no open database) from now on, until [`Disk::leave`].
    pub fn watch(dir: &Path) -> Arc<Self> {
        static ONCE: Once = Once::new();
        ONCE.call_once(register);
        let dir = dir.canonicalize().unwrap();
        let mut state = State::default();
        for entry in std::fs::read_dir(&dir).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let synced = std::fs::read(entry.path()).unwrap();
                let content = Content {
                    synced,
                    since: Vec::new(),
                };
                state.files.insert(entry.file_name().into_string().unwrap(), content);
            }
        }
        let disk = Arc::new(Self {
            dir: dir.clone(),
            state: Mutex::new(state),
        });
        locked(&DISKS).push(disk.clone());
        disk
    }

    pub fn leave(&self) {
        locked(&DISKS).retain(|d| d.dir != self.dir);
    }

    /// Fails from here on as `fault` says; with none the disk is well.
    pub fn fail(&self, fault: Option<Fault>) {
        let mut state = locked(&self.state);
        (state.fault, state.seen, state.fired) = (fault, 0, 0);
    }

    /// How many calls failed since [`Disk::fail`].
    pub fn fired(&self) -> u64 {
        locked(&self.state).fired
    }

    /// What is there if the power fails now.
    pub fn crashed(&self) -> Image {
        image(&locked(&self.state).files)
    }

    pub fn on_call(&self, watcher: impl FnMut(&dyn Fn() -> Image) + Send + 'static) {
        locked(&self.state).watcher = Some(Box::new(watcher));
    }

    /// Decides a call: `Err` is the code it fails with.
    fn call(&self, call: Call, name: &str, change: Option<Change>) -> Result<(), c_int> {
        let mut state = locked(&self.state);
        if let Some(mut watcher) = state.watcher.take() {
            watcher(&|| image(&state.files));
            state.watcher = Some(watcher);
        }
        if let Some(fault) = state.fault.filter(|f| f.call == call) {
            state.seen += 1;
            if state.seen >= fault.nth && state.fired < fault.last {
                state.fired += 1;
                return Err(fault.code);
            }
        }
        let content = state.files.entry(name.to_owned()).or_default();
        match change {
            Some(change) => content.since.push(change),
            None => {
                for change in std::mem::take(&mut content.since) {
                    Content::apply(&mut content.synced, &change);
                }
            }
        }
        Ok(())
    }
}

fn image(files: &HashMap<String, Content>) -> Image {
    // The shared-memory index is rebuilt from the log after a power cut.
    let kept = files.iter().filter(|(name, _)| !name.ends_with("-shm"));
    Image(kept.map(|(n, c)| (n.clone(), c.clone())).collect())
}

fn locked<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

static DISKS: Mutex<Vec<Arc<Disk>>> = Mutex::new(Vec::new());
/// The system's VFS.
static SYSTEM: Mutex<usize> = Mutex::new(0);
/// Open files that are watched: by their address, the disk, the name and the methods they had.
static FILES: Mutex<Option<HashMap<usize, Watched>>> = Mutex::new(None);

#[derive(Clone)]
struct Watched {
    disk: Arc<Disk>,
    name: String,
    methods: usize,
}

fn register() {
    // SAFETY: the system's VFS lives as long as the process; the copy of it is leaked, so it does too.
    unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        *locked(&SYSTEM) = system as usize;
        let mut shim = std::ptr::read(system);
        shim.pNext = std::ptr::null_mut();
        shim.zName = c"regulars-test-disk".as_ptr();
        shim.xOpen = Some(open);
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(shim)), 1), ffi::SQLITE_OK);
    }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite hands over a file of the size both tables state, and a name that ends with a zero or none.
    unsafe {
        let system = *locked(&SYSTEM) as *mut ffi::sqlite3_vfs;
        let done = (*system).xOpen.unwrap()(system, name, file, flags, out);
        if done != ffi::SQLITE_OK || name.is_null() || (*file).pMethods.is_null() {
            return done;
        }
        let path = PathBuf::from(CStr::from_ptr(name as *const c_char).to_string_lossy().into_owned());
        let disk = locked(&DISKS)
            .iter()
            .find(|d| path.parent() == Some(d.dir.as_path()))
            .cloned();
        if let (Some(disk), Some(name)) = (disk, path.file_name()) {
            let mut methods = std::ptr::read((*file).pMethods);
            let name = name.to_string_lossy().into_owned();
            locked(&disk.state).files.entry(name.clone()).or_default();
            let watched = Watched {
                disk,
                name,
                methods: (*file).pMethods as usize,
            };
            locked(&FILES).get_or_insert_default().insert(file as usize, watched);
            methods.xWrite = Some(write);
            methods.xSync = Some(sync);
            methods.xTruncate = Some(truncate);
            methods.xClose = Some(close);
            (*file).pMethods = Box::leak(Box::new(methods));
        }
        done
    }
}

fn watched(file: *mut ffi::sqlite3_file) -> (Watched, *const ffi::sqlite3_io_methods) {
    let files = locked(&FILES);
    let one = files
        .as_ref()
        .and_then(|f| f.get(&(file as usize)))
        .expect("only watched files come here");
    (one.clone(), one.methods as *const ffi::sqlite3_io_methods)
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, size: c_int, at: i64) -> c_int {
    let (of, methods) = watched(file);
    // SAFETY: SQLite hands over `size` readable bytes; the methods are those this file was opened with.
    unsafe {
        let bytes = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(size).unwrap());
        let change = Change::Write(usize::try_from(at).unwrap(), bytes.to_vec());
        match of.disk.call(Call::Write, &of.name, Some(change)) {
            Ok(()) => (*methods).xWrite.unwrap()(file, from, size, at),
            Err(code) => code,
        }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let (of, methods) = watched(file);
    match of.disk.call(Call::Sync, &of.name, None) {
        // SAFETY: the methods are those this file was opened with.
        Ok(()) => unsafe { (*methods).xSync.unwrap()(file, flags) },
        Err(code) => code,
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let (of, methods) = watched(file);
    let change = Change::Truncate(usize::try_from(size).unwrap());
    match of.disk.call(Call::Write, &of.name, Some(change)) {
        // SAFETY: the methods are those this file was opened with.
        Ok(()) => unsafe { (*methods).xTruncate.unwrap()(file, size) },
        Err(code) => code,
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let (_, methods) = watched(file);
    locked(&FILES).as_mut().map(|f| f.remove(&(file as usize)));
    // SAFETY: the methods are those this file was opened with, and the file gets them back before it is closed.
    unsafe {
        (*file).pMethods = methods;
        (*methods).xClose.unwrap()(file)
    }
}
