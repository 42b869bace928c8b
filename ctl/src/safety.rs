//! Backing up and restoring.

use ledger::{Store, Verified};
use loyalty::Role;
use secrets::Secrets;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::out::{Out, counted, grouped, points};
use crate::place::{self, Place, not_the_shop};
use crate::sealed;

/// `backup`: online, checked, and under its name only then.
pub fn backup(place: &Place, file: &Path, encrypt: Option<&Path>, out: Out) -> Result<()> {
    let store = place.open()?;
    not_the_shop(place, file)?;
    if file.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a folder. Name the file to make.",
            file.display()
        )));
    }
    let bar = progress("Copying", 100);
    let copied = |to: &Path| store.backup(to, |percent| bar.set_position(percent.into()));
    let verified = match encrypt {
        None => copied(file)?,
        Some(passphrase) => {
            let passphrase = sealed::passphrase(passphrase)?;
            // The plain copy lies where the shop itself does, and goes.
            let work = tempfile::tempdir_in(place.dir()?).map_err(crate::place::io(file))?;
            let copy = work.path().join("copy.db");
            let verified = copied(&copy)?;
            sealed::seal(&copy, &passphrase, file)?;
            verified
        }
    };
    bar.finish_and_clear();
    let bytes = std::fs::metadata(file).map_err(place::io(file))?.len();
    let json = with(&verified, &[("file", json!(file)), ("bytes", json!(bytes))]);
    out.say(&json, || {
        let size = grouped(i64::try_from(bytes).unwrap_or(i64::MAX));
        format!(
            "Backed up to {} ({size} bytes) and checked: {}.",
            file.display(),
            held(&verified)
        )
    });
    Ok(())
}

/// Where a backup is.
#[derive(Clone, Copy)]
pub struct From<'a> {
    /// A file, or an address in storage.
    pub file: &'a Path,
    /// The settings of the storage.
    pub s3: Option<&'a Path>,
}

/// `restore`: what was there is kept beside it.
pub fn restore(place: &Place, from: From<'_>, decrypt: Option<&Path>, yes: bool, out: Out) -> Result<()> {
    let dir = place.dir()?;
    let work = tempfile::tempdir().map_err(place::io(from.file))?;
    let fetched = sealed::fetched(from.file, from.s3, work.path())?;
    let file = fetched.as_deref().unwrap_or(from.file);
    if !file.is_file() {
        return Err(Failure::usage(format!("There is no file {}.", file.display())));
    }
    not_the_shop(place, file)?;
    if !yes && Store::exists(dir) && !agreed(dir, file)? {
        return Err(Failure::usage("Nothing was changed."));
    }
    let copy = work.path().join("copy.db");
    let plain = match decrypt {
        Some(passphrase) => {
            sealed::open(file, &sealed::passphrase(passphrase)?, &copy)?;
            copy.as_path()
        }
        None if sealed::is_sealed(file) => {
            return Err(Failure::usage(format!(
                "{} is sealed. Name the file with its passphrase: --decrypt FILE.",
                file.display()
            )));
        }
        None => file,
    };
    let (verified, kept) = ledger::restore(dir, plain, place::now())?;
    let pins_anew = pins_anew(place)?;
    let more = [("replaced", json!(kept)), ("pins_anew", json!(pins_anew))];
    out.say(&with(&verified, &more), || {
        let kept = kept
            .as_ref()
            .map_or_else(String::new, |k| format!("\nWhat was there is kept as {}.", k.display()));
        let pins = if pins_anew {
            "\nThe PINs of before don't work on this computer: the app asks an owner to choose one anew."
        } else {
            ""
        };
        format!("Restored: {}.{kept}{pins}", held(&verified))
    });
    Ok(())
}

/// Without the secret that the shop's PINs are mixed with, which no backup holds, nobody could ever sign in again: on
/// another computer an owner chooses a PIN anew. Answers whether that is so.
fn pins_anew(place: &Place) -> Result<bool> {
    let store = place.open()?;
    let owned = store.staff()?.iter().any(|s| s.active && s.role == Role::Owner);
    if !owned || Secrets::open(link::SERVICE, store.dir())?.get(link::PEPPER)?.is_some() {
        return Ok(false);
    }
    store.write(|tx| tx.pins_are_lost())?;
    Ok(true)
}

/// Asks at the terminal; without one, `--yes` must say it.
fn agreed(dir: &Path, file: &Path) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "There is a shop in {}. Add --yes to put the backup in its place.",
            dir.display()
        )));
    }
    let mut line = String::new();
    let asked = write!(
        std::io::stderr(),
        "Put {} in the place of the shop in {}? What is there is kept. [y/N] ",
        file.display(),
        dir.display()
    );
    asked
        .and_then(|()| std::io::stdin().lock().read_line(&mut line))
        .map_err(place::io(file))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn held(verified: &Verified) -> String {
    format!(
        "{}, {}, {} outstanding",
        counted(verified.operations, "operation"),
        counted(i64::try_from(verified.members).unwrap_or(i64::MAX), "member"),
        points(verified.points)
    )
}

/// What verify found, with more beside it.
fn with(verified: &Verified, more: &[(&str, Value)]) -> Value {
    let mut json = json!(verified);
    if let Some(map) = json.as_object_mut() {
        map.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    }
    json
}

/// A bar on a terminal, nothing elsewhere.
fn progress(what: &'static str, length: u64) -> indicatif::ProgressBar {
    let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {percent}%");
    let bar = indicatif::ProgressBar::new(length).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
