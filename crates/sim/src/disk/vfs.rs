//! SQLite's file calls on a [`Disk`]: its own VFS, the process's default, which keeps the files of mounted folders in
//! memory and hands every other file to the system's.
#![expect(
    unsafe_code,
    reason = "a VFS is a table of C functions; only the simulation has one of its own"
)]

use rusqlite::ffi;
use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, RwLock};

use super::locks::{
    Locks, check_reserved, lock, release_index, set_level, shm_barrier, shm_lock, shm_map, shm_unmap, unlock,
};
use super::{Change, Content, Disk, Fault, State, locked};

/// A file that may be open several times.
#[derive(Debug)]
pub(super) struct Node {
    content: Mutex<Content>,
    pub(super) locks: Mutex<Locks>,
    dead: AtomicBool,
}

impl Node {
    pub(super) fn new(content: Content) -> Self {
        Self {
            content: Mutex::new(content),
            locks: Mutex::default(),
            dead: AtomicBool::new(false),
        }
    }

    pub(super) fn content(&self) -> MutexGuard<'_, Content> {
        locked(&self.content)
    }

    /// Whoever has it open can do nothing more with it.
    pub(super) fn kill(&self) {
        self.dead.store(true, Ordering::SeqCst);
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }
}

/// An open file: what SQLite knows of it, and what is ours.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    open: *mut Open,
}

/// What is ours of an open file.
pub(super) struct Open {
    disk: Arc<Disk>,
    pub(super) node: Arc<Node>,
    /// The lock it has on the file.
    pub(super) level: c_int,
    /// Which of the index's locks it shares, and which it has alone.
    pub(super) shares: u8,
    pub(super) alone: u8,
}

thread_local! {
    /// Whether the file that this thread closed last was of before the power failed, or of before another disk came.
    static CLOSED_DEAD: Cell<bool> = const { Cell::new(false) };
}

static DISKS: RwLock<Option<HashMap<PathBuf, Arc<Disk>>>> = RwLock::new(None);
static SYSTEM: AtomicPtr<ffi::sqlite3_vfs> = AtomicPtr::new(std::ptr::null_mut());

/// Before SQLite opens anything: it counts no memory, for which all threads would queue at each allocation.
pub fn count_no_memory() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: nothing of SQLite is in use yet; where it is, the call answers so and changes nothing.
        let _ = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0) };
    });
}

pub(super) fn mount(disk: Arc<Disk>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(register);
    let mut disks = DISKS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    disks.get_or_insert_default().insert(disk.dir.clone(), disk);
}

pub(super) fn unmount(dir: &Path) {
    let mut disks = DISKS.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    disks.get_or_insert_default().remove(dir);
}

/// The disk that a path is on, and the file's name there.
fn place(name: *const c_char) -> Option<(Arc<Disk>, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite hands over names that end with a zero.
    let path = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let path = Path::new(path);
    let disks = DISKS.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let disk = disks.as_ref()?.get(path.parent()?)?;
    Some((disk.clone(), path.file_name()?.to_str()?.to_owned()))
}

fn register() {
    // SAFETY: the system's VFS lives as long as the process; the copy of it is leaked, so it does too.
    unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        SYSTEM.store(system, Ordering::SeqCst);
        let mut ours = std::ptr::read(system);
        ours.pNext = std::ptr::null_mut();
        ours.zName = c"regulars-simulated-disk".as_ptr();
        let size = c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX);
        ours.szOsFile = ours.szOsFile.max(size);
        ours.xOpen = Some(open);
        ours.xDelete = Some(delete);
        ours.xAccess = Some(access);
        ours.xFullPathname = Some(full_path);
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1), ffi::SQLITE_OK);
    }
}

fn system() -> *mut ffi::sqlite3_vfs {
    SYSTEM.load(Ordering::SeqCst)
}

/// A call that changes what is on the disk: it is done, or this is the code it fails with.
fn change(disk: &Disk, node: &Node, change: Option<Change>) -> c_int {
    if node.is_dead() {
        return ffi::SQLITE_IOERR;
    }
    let mut state = locked(&disk.state);
    state.calls += 1;
    if let Some(code) = fault(disk, &mut state, change.is_none()) {
        if node.is_dead() && code == ffi::SQLITE_FULL {
            return ffi::SQLITE_IOERR;
        }
        return code;
    }
    let mut content = node.content();
    match change {
        Some(change) => content.change(change),
        None => content.sync(),
    }
    ffi::SQLITE_OK
}

/// Whether this call fails, and how.
fn fault(disk: &Disk, state: &mut State, sync: bool) -> Option<c_int> {
    match state.fault? {
        Fault::Crash(0) => {
            disk.cut_locked(state);
            return Some(ffi::SQLITE_IOERR);
        }
        Fault::Crash(n) => state.fault = Some(Fault::Crash(n - 1)),
        Fault::Full(0) if !sync => return Some(ffi::SQLITE_FULL),
        Fault::Full(n) if !sync => state.fault = Some(Fault::Full(n - 1)),
        Fault::SyncFails(0) if sync => {
            state.fault = None;
            return Some(ffi::SQLITE_IOERR_FSYNC);
        }
        Fault::SyncFails(n) if sync => state.fault = Some(Fault::SyncFails(n - 1)),
        Fault::Full(_) | Fault::SyncFails(_) => {}
    }
    None
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let Some((disk, name)) = place(name as *const c_char) else {
        // SAFETY: the system's own file is no larger than what SQLite made room for.
        return unsafe {
            (*system())
                .xOpen
                .map_or(ffi::SQLITE_CANTOPEN, |f| f(system(), name, file, flags, out))
        };
    };
    let file = file.cast::<File>();
    // SAFETY: SQLite hands over room for a file of the size that the VFS states.
    unsafe { (*file).base.pMethods = std::ptr::null() };
    let node = {
        let mut state = locked(&disk.state);
        if state.dead {
            return ffi::SQLITE_CANTOPEN;
        }
        match state.files.get(&name) {
            Some(node) => node.clone(),
            None if flags & ffi::SQLITE_OPEN_CREATE != 0 => {
                let node = Arc::new(Node::new(Content::default()));
                state.files.insert(name, node.clone());
                node
            }
            None => return ffi::SQLITE_CANTOPEN,
        }
    };
    disk.open.fetch_add(1, Ordering::SeqCst);
    let open = Open {
        disk,
        node,
        level: ffi::SQLITE_LOCK_NONE,
        shares: 0,
        alone: 0,
    };
    // SAFETY: as above; what is boxed here is freed by `close`, once.
    unsafe {
        (*file).open = Box::into_raw(Box::new(open));
        (*file).base.pMethods = &raw const METHODS;
        if !out.is_null() {
            *out = flags;
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let Some((disk, name)) = place(name) else {
        // SAFETY: handed on as it came.
        return unsafe {
            (*system())
                .xDelete
                .map_or(ffi::SQLITE_IOERR, |f| f(system(), name, sync))
        };
    };
    // SQLite deletes a log right after it closed it. A program that ran when the power failed deletes nothing any more,
    // also where one of its connections is let go of only after the machine has started again.
    if CLOSED_DEAD.get() && name.ends_with("-wal") {
        return ffi::SQLITE_IOERR_DELETE;
    }
    let mut state = locked(&disk.state);
    if state.dead {
        return ffi::SQLITE_IOERR_DELETE;
    }
    match state.files.remove(&name) {
        Some(_) => ffi::SQLITE_OK,
        None => ffi::SQLITE_IOERR_DELETE_NOENT,
    }
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    let Some((disk, name)) = place(name) else {
        // SAFETY: handed on as it came.
        return unsafe {
            (*system())
                .xAccess
                .map_or(ffi::SQLITE_IOERR, |f| f(system(), name, flags, out))
        };
    };
    let there = locked(&disk.state)
        .files
        .get(&name)
        .is_some_and(|node| !node.content().now.is_empty());
    // SAFETY: SQLite hands over room for the answer.
    unsafe { *out = c_int::from(there) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_path(_: *mut ffi::sqlite3_vfs, name: *const c_char, size: c_int, out: *mut c_char) -> c_int {
    if place(name).is_none() {
        // SAFETY: handed on as it came.
        return unsafe {
            (*system())
                .xFullPathname
                .map_or(ffi::SQLITE_IOERR, |f| f(system(), name, size, out))
        };
    }
    // SAFETY: the name ends with a zero, and what is copied fits the room that SQLite states.
    unsafe {
        let bytes = CStr::from_ptr(name).to_bytes_with_nul();
        if bytes.len() > usize::try_from(size).unwrap_or(0) {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
    }
    ffi::SQLITE_OK
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Ours of an open file.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
pub(super) unsafe fn ours<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Open {
    // SAFETY: a file of ours, which one thread at a time uses.
    unsafe { &mut *(*file.cast::<File>()).open }
}

fn at(offset: i64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; its methods are ours, so it was opened by us.
    unsafe {
        let mut open = Box::from_raw((*file.cast::<File>()).open);
        set_level(&mut open, ffi::SQLITE_LOCK_NONE);
        release_index(&mut open);
        CLOSED_DEAD.set(open.node.is_dead());
        open.disk.open.fetch_sub(1, Ordering::SeqCst);
        (*file).pMethods = std::ptr::null();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, size: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite hands over room for `size` bytes.
    let (open, to) = unsafe {
        (
            ours(file),
            std::slice::from_raw_parts_mut(to.cast::<u8>(), usize::try_from(size).unwrap_or(0)),
        )
    };
    if open.node.is_dead() {
        return ffi::SQLITE_IOERR_READ;
    }
    let content = open.node.content();
    let from = content.now.get(at(offset)..).unwrap_or_default();
    let there = from.len().min(to.len());
    to[..there].copy_from_slice(&from[..there]);
    to[there..].fill(0);
    if there == to.len() {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_IOERR_SHORT_READ
    }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, size: c_int, offset: i64) -> c_int {
    // SAFETY: SQLite hands over `size` readable bytes.
    let (open, from) = unsafe {
        (
            ours(file),
            std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(size).unwrap_or(0)),
        )
    };
    change(&open.disk, &open.node, Some(Change::Write(at(offset), from.to_vec())))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    change(&open.disk, &open.node, Some(Change::Truncate(at(size))))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    change(&open.disk, &open.node, None)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: a file of ours, and room for the answer.
    unsafe { *out = i64::try_from(ours(file).node.content().now.len()).unwrap_or(i64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    c_int::try_from(super::SECTOR).unwrap_or(512)
}

/// Bytes beside what is written stay as they are, also when the power fails.
unsafe extern "C" fn device(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
