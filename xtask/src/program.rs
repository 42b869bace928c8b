//! Starting other programs: with one environment for all of them, and with their output streaming through.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::{linker, repo};

/// How long a program's output may stay open after it has ended: a daemon it left behind may hold on to it for ever.
const DRAIN_MAX: Duration = Duration::from_secs(2);

/// A program started from the repository's root.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(repo::root());
    // What `cargo run` set for xtask itself would make build scripts of other crates run again.
    for (name, _) in std::env::vars_os() {
        let own = name.to_string_lossy();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") || own == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(&name);
        }
    }
    if let Some((name, flags)) = linker::flags() {
        command.env(name, flags);
    }
    // A build on a CI machine is never built upon again.
    if std::env::var_os("CI").is_some() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// The cargo that started xtask.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// npm, in the windows' folder.
pub fn npm() -> Command {
    let mut npm = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(repo::ui());
    npm
}

/// Runs to the end, its output streaming. The error names the command.
pub fn finish(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status}).", shown(command)))
    }
}

/// Runs to the end as [`finish`] does, but in xtask's own place where the system can: what ends xtask ends the program.
pub fn become_program(command: &mut Command) -> Result<(), String> {
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(command);
        Err(cannot_start(command, &error))
    }
    #[cfg(not(unix))]
    finish(command)
}

/// As [`finish`], and hands every line of the standard output to `watch`, without its colours.
pub fn finish_watched(command: &mut Command, watch: impl FnMut(&str) + Send + 'static) -> Result<(), String> {
    stream(command, std::io::stdout(), watch)
}

fn stream(
    command: &mut Command,
    to: impl Write + Send + 'static,
    watch: impl FnMut(&str) + Send + 'static,
) -> Result<(), String> {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    let (ended, wait_for_end) = channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            pass_on(BufReader::new(output), to, watch);
            // The other side may have stopped waiting; then nobody needs to know.
            let _ = ended.send(());
        });
    }
    let status = child
        .wait()
        .map_err(|error| format!("`{}` was lost: {error}.", shown(command)))?;
    // An error here means that the time is over or that the thread has ended: both are an end.
    let _ = wait_for_end.recv_timeout(DRAIN_MAX);
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{}` failed ({status}).", shown(command)))
    }
}

/// Copies lines to `to` and to `watch`, until there are no more. Each is ended, also a last one that was not.
fn pass_on(mut from: impl BufRead, mut to: impl Write, mut watch: impl FnMut(&str)) {
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        // Nobody is left to read it when this fails; the counting goes on.
        let _ = to.write_all(&line).and_then(|()| to.flush());
        watch(plain(&String::from_utf8_lossy(&line)).trim_end());
        line.clear();
    }
}

/// The text without terminal sequences (`ESC [ … letter`).
fn plain(text: &str) -> String {
    let mut rest = text.chars();
    let mut out = String::with_capacity(text.len());
    while let Some(next) = rest.next() {
        if next != '\u{1b}' {
            out.push(next);
        } else if rest.next() == Some('[') {
            rest.by_ref().find(|end| end.is_ascii_alphabetic());
        }
    }
    out
}

/// The standard output of a short question to a program, or None when it is missing or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let said = command.stderr(Stdio::null()).output().ok()?;
    said.status
        .success()
        .then(|| String::from_utf8_lossy(&said.stdout).into_owned())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let name = std::path::Path::new(command.get_program())
        .file_stem()
        .unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!(
        "`{}` can't be started: {error}. Is it installed? `cargo xtask setup` says.",
        shown(command)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn lines_are_watched_without_their_colours() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let watcher = Arc::clone(&seen);
        let mut command = program("printf");
        command.arg("a\\033[32mok\\033[0m b\\nlast");
        stream(&mut command, std::io::sink(), move |line| {
            watcher.lock().unwrap().push(line.to_string())
        })
        .unwrap();
        assert_eq!(*seen.lock().unwrap(), ["aok b", "last"]);
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = stream(program("false").arg("--much"), std::io::sink(), |_| ()).unwrap_err();
        assert!(error.contains("`false --much`"), "{error}");
        assert!(finish(&mut program("false")).is_err());
        assert!(finish(&mut program("no-such-program")).unwrap_err().contains("setup"));
    }

    #[test]
    fn a_daemon_that_keeps_the_output_open_holds_nothing_up() {
        let began = std::time::Instant::now();
        let mut command = program("sh");
        command.args(["-c", "sleep 60 & echo said"]);
        stream(&mut command, std::io::sink(), |_| ()).unwrap();
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
