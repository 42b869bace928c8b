//! When the disk fails, fills up or loses power.

mod faults;
mod power;
#[cfg(target_os = "linux")]
mod tmpfs;
mod vfs;
