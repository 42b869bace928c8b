//! SQLite's locks on a simulated file, and the index that its connections share beside a log. All of it is gone when the
//! power fails.
#![expect(
    unsafe_code,
    reason = "a VFS is a table of C functions; only the simulation has one of its own"
)]

use rusqlite::ffi;
use std::ffi::{c_int, c_void};
use std::sync::atomic::Ordering;

use super::locked;
use super::vfs::{Open, ours};

/// SQLite's pages of the shared index.
type Region = Box<[u8]>;

/// Who has what of a file.
#[derive(Debug, Default)]
pub(super) struct Locks {
    shared: u32,
    reserved: bool,
    pending: bool,
    exclusive: bool,
    regions: Vec<Region>,
    /// Of each of the index's locks: how many share it, or -1 for one who has it alone.
    index: [i32; 8],
}

/// Takes or gives back locks until the file has this one; false where another has what is in the way.
pub(super) fn set_level(open: &mut Open, level: c_int) -> bool {
    let mut guard = locked(&open.node.locks);
    let locks = &mut *guard;
    let others = locks.shared - u32::from(open.level >= ffi::SQLITE_LOCK_SHARED);
    let (mine_reserved, mine_pending) = (
        open.level >= ffi::SQLITE_LOCK_RESERVED,
        open.level >= ffi::SQLITE_LOCK_PENDING,
    );
    let in_the_way = match level {
        ffi::SQLITE_LOCK_SHARED if open.level < level => locks.pending || locks.exclusive,
        ffi::SQLITE_LOCK_RESERVED if !mine_reserved => locks.reserved,
        ffi::SQLITE_LOCK_EXCLUSIVE => (locks.reserved && !mine_reserved) || (locks.pending && !mine_pending),
        _ => false,
    };
    if in_the_way {
        return false;
    }
    if level == ffi::SQLITE_LOCK_EXCLUSIVE && others > 0 {
        // It waits at the door, so that no new reader comes in.
        (locks.reserved, locks.pending) = (true, true);
        open.level = ffi::SQLITE_LOCK_PENDING;
        return false;
    }
    locks.shared = others + u32::from(level >= ffi::SQLITE_LOCK_SHARED);
    for (held, from) in [
        (&mut locks.reserved, ffi::SQLITE_LOCK_RESERVED),
        (&mut locks.pending, ffi::SQLITE_LOCK_PENDING),
        (&mut locks.exclusive, ffi::SQLITE_LOCK_EXCLUSIVE),
    ] {
        if open.level >= from || level >= from {
            *held = level >= from;
        }
    }
    open.level = level;
    true
}

pub(super) unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    if open.level >= level || set_level(open, level) {
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_BUSY
    }
}

pub(super) unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    if open.level > level {
        set_level(open, level);
    }
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn check_reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: a file of ours, and room for the answer.
    unsafe { *out = c_int::from(locked(&ours(file).node.locks).reserved) };
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: a file of ours; a region never moves while the file is open, because its bytes are boxed.
    unsafe {
        let mut locks = locked(&ours(file).node.locks);
        let (region, size) = (usize::try_from(region).unwrap_or(0), usize::try_from(size).unwrap_or(0));
        *out = std::ptr::null_mut();
        if locks.regions.len() <= region && extend == 0 {
            return ffi::SQLITE_OK;
        }
        while locks.regions.len() <= region {
            locks.regions.push(vec![0; size].into_boxed_slice());
        }
        *out = locks.regions[region].as_mut_ptr().cast();
    }
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, first: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    let mut locks = locked(&open.node.locks);
    let range = usize::try_from(first).unwrap_or(0)..usize::try_from(first + n).unwrap_or(0);
    let shared = flags & ffi::SQLITE_SHM_SHARED != 0;
    if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        for slot in range {
            let bit = 1_u8 << slot;
            if open.alone & bit != 0 {
                locks.index[slot] = 0;
            } else if open.shares & bit != 0 {
                locks.index[slot] -= 1;
            }
            open.alone &= !bit;
            open.shares &= !bit;
        }
        return ffi::SQLITE_OK;
    }
    for slot in range.clone() {
        let mine = open.shares & (1 << slot) != 0;
        let busy = if shared {
            locks.index[slot] < 0 && open.alone & (1 << slot) == 0
        } else {
            locks.index[slot] != i32::from(mine)
        };
        if busy {
            return ffi::SQLITE_BUSY;
        }
    }
    for slot in range {
        let bit = 1_u8 << slot;
        if shared && open.shares & bit == 0 {
            locks.index[slot] += 1;
            open.shares |= bit;
        } else if !shared {
            locks.index[slot] = -1;
            open.alone |= bit;
            open.shares &= !bit;
        }
    }
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    std::sync::atomic::fence(Ordering::SeqCst);
}

/// Gives back all of the index's locks.
pub(super) fn release_index(open: &mut Open) {
    let mut locks = locked(&open.node.locks);
    for slot in 0..8 {
        let bit = 1_u8 << slot;
        if open.alone & bit != 0 {
            locks.index[slot] = 0;
        } else if open.shares & bit != 0 {
            locks.index[slot] -= 1;
        }
    }
    (open.alone, open.shares) = (0, 0);
}

pub(super) unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    // SAFETY: a file of ours.
    let open = unsafe { ours(file) };
    release_index(open);
    if delete != 0 {
        // Nobody else has the file open then.
        locked(&open.node.locks).regions.clear();
    }
    ffi::SQLITE_OK
}
