//! A real disk of three megabytes that is full. Needs the right to mount, as root in a namespace of its own.

use std::process::Command;

use crate::child::{command, in_view};

const MOUNT: &str = "mount -t tmpfs -o size=3m tmpfs \"$0\"";

#[test]
fn a_full_disk_says_so_and_works_again() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    if !in_view(MOUNT, place, &Command::new("true"))
        .output()
        .is_ok_and(|o| o.status.success())
    {
        eprintln!("skipped: this user may not mount a small disk (needs root and `unshare`)");
        return;
    }
    let done = in_view(MOUNT, place, &command(&["fill", place])).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && said.contains("> filled"),
        "{said}\n{complained}"
    );
}
