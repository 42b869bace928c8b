//! The file on its own, and a real Secret Service where this machine can start one.

use super::*;
use std::process::Command;
use std::thread;

const SERVICE: &str = "org.regulars.test";

fn in_file(dir: &Path) -> Secrets {
    Secrets::open_as(SERVICE, dir, true).unwrap()
}

#[test]
fn the_file_keeps_any_bytes_and_forgets() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("not there yet");
    let secrets = in_file(&folder);
    assert!(!secrets.in_keyring());
    assert_eq!(secrets.get("pepper").unwrap(), None);
    secrets.delete("pepper").unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    secrets.set("pepper", b"first").unwrap();
    secrets.set("pepper", &bytes).unwrap();
    secrets.set("other", b"").unwrap();
    let again = in_file(&folder);
    assert_eq!(again.get("pepper").unwrap(), Some(bytes));
    assert_eq!(again.get("other").unwrap(), Some(vec![]));
    again.delete("pepper").unwrap();
    assert_eq!(secrets.get("pepper").unwrap(), None);
    assert_eq!(secrets.get("other").unwrap(), Some(vec![]));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    in_file(dir.path()).set("pepper", b"x").unwrap();
    let mode = std::fs::metadata(dir.path().join("secrets.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "only the file and its lock are left: {left:?}");
}

#[test]
fn a_damaged_file_is_an_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secrets.json");
    for text in [
        "",
        "{",
        "[]",
        r#"{"where":"moon"}"#,
        r#"{"where":"file","file":{"a":1}}"#,
    ] {
        std::fs::write(&path, text).unwrap();
        let opened = Secrets::open_as(SERVICE, dir.path(), true);
        assert!(matches!(opened, Err(SecretsError::Damaged { .. })), "{text}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    std::fs::write(&path, r#"{"where":"file","file":{"a":"not base64!"}}"#).unwrap();
    assert!(matches!(
        in_file(dir.path()).get("a"),
        Err(SecretsError::Damaged { .. })
    ));
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for writer in 0..4 {
            let dir = dir.path();
            scope.spawn(move || {
                for n in 0..10 {
                    in_file(dir).set(&format!("{writer}-{n}"), &[n]).unwrap();
                }
            });
        }
    });
    for writer in 0..4 {
        for n in 0..10_u8 {
            assert_eq!(
                in_file(dir.path()).get(&format!("{writer}-{n}")).unwrap(),
                Some(vec![n])
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_keyring_that_is_away_is_an_error_never_an_empty_one() {
    let dir = tempfile::tempdir().unwrap();
    let note = r#"{"where":"keyring","id":"00000000000000000000000000000000"}"#;
    std::fs::write(dir.path().join("secrets.json"), note).unwrap();
    let status = this_test("child_opens_and_says_where")
        .env("REGULARS_TEST_DIR", dir.path())
        .env("REGULARS_TEST_EXPECT", "away")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_to_string(dir.path().join("secrets.json")).unwrap(), note);
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_that_hangs_is_given_up_on() {
    // A socket that accepts and never says a word stands for a session bus that hangs.
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("bus");
    let _bus = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let started = std::time::Instant::now();
    let status = this_test("child_opens_and_says_where")
        .env("REGULARS_TEST_DIR", dir.path())
        .env("REGULARS_TEST_EXPECT", "file")
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket.display()))
        .status()
        .unwrap();
    assert!(status.success());
    assert!(started.elapsed() < PROBE * 3, "took {:?}", started.elapsed());
}

#[cfg(target_os = "linux")]
#[test]
fn a_real_secret_service_keeps_them() {
    let started = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !started("dbus-run-session") || !started("gnome-keyring-daemon") {
        eprintln!("skipped: dbus-run-session and gnome-keyring-daemon are not here; only the file was tested");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let script = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && \
                  exec \"$0\" --exact tests::child_opens_and_says_where --nocapture";
    let out = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", script])
        .arg(exe)
        .env("HOME", dir.path())
        .env("XDG_RUNTIME_DIR", dir.path())
        .env_remove("XDG_DATA_HOME")
        .env_remove(SWITCH)
        .env("REGULARS_TEST_DIR", dir.path().join("data"))
        .env("REGULARS_TEST_EXPECT", "keyring")
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let kept = std::fs::read_to_string(dir.path().join("data/secrets.json")).unwrap();
    assert!(kept.contains("keyring") && !kept.contains("c2VjcmV0"), "{kept}");
}

/// The same test binary, asked for one test.
#[cfg(target_os = "linux")]
fn this_test(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", &format!("tests::{name}"), "--nocapture"])
        .env_remove(SWITCH);
    command
}

/// Runs inside another session bus, as a child of the tests above; does nothing on its own.
#[test]
fn child_opens_and_says_where() {
    let (Some(dir), Ok(expect)) = (
        std::env::var_os("REGULARS_TEST_DIR"),
        std::env::var("REGULARS_TEST_EXPECT"),
    ) else {
        return;
    };
    let secrets = Secrets::open(SERVICE, Path::new(&dir)).unwrap();
    assert_eq!(secrets.in_keyring(), expect != "file");
    if expect == "away" {
        assert!(matches!(secrets.get("pepper"), Err(SecretsError::Keyring(_))));
        assert!(matches!(secrets.set("pepper", b"x"), Err(SecretsError::Keyring(_))));
        return;
    }
    assert_eq!(secrets.get("pepper").unwrap(), None);
    secrets.set("pepper", b"secret \xff\x00 bytes").unwrap();
    let again = Secrets::open(SERVICE, Path::new(&dir)).unwrap();
    assert_eq!(
        again.get("pepper").unwrap().as_deref(),
        Some(b"secret \xff\x00 bytes".as_slice())
    );
    // Another folder has its own.
    let other = Secrets::open(SERVICE, &Path::new(&dir).join("other")).unwrap();
    assert_eq!(other.get("pepper").unwrap(), None);
    again.delete("pepper").unwrap();
    again.delete("pepper").unwrap();
    assert_eq!(secrets.get("pepper").unwrap(), None);
    secrets.set("pepper", b"secret").unwrap();
}
