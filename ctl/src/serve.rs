//! `serve`: takes sales over HTTP, and from a watched folder, until told to stop. What is taken, and how, is `intake`'s
//! and `imports`'; here is where the secrets come from, and what is said.

use imports::{Handled, Noticed, Watcher};
use intake::{Config, Handle, Hooks, Intake, KEPT_AS, Kept, OwnSecret, StartError};
use ledger::{StorageCode, StorageError, Store};
use pos::signature::standard::Secret;
use secrets::Secrets;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

use crate::args::Serve;
use crate::failure::{Failure, Result};
use crate::out::Out;
use crate::place::{self, Place};

/// The name under which the till's secrets are kept: the window's, so that both know the same.
const SERVICE: &str = "org.regulars.till";

/// `serve`.
pub fn run(place: &Place, args: &Serve, out: Out) -> Result<()> {
    let hooks = args.hooks.as_deref().map(read_hooks).transpose()?.unwrap_or_default();
    let store = place.open_patiently()?;
    let (secrets, shown) = match &args.secret_file {
        Some(file) => (from_file(file)?, None),
        None => kept(place, &store, args.new_secret)?,
    };
    let config = Config {
        listen: args.listen,
        allow_network: args.allow_network,
        secrets,
        enrol_unknown: !args.no_enrol,
        hooks,
    };
    let store = Arc::new(store);
    let mut server = Intake::start(Arc::clone(&store), config).map_err(not_started)?;
    // Before anybody is told that it listens, so that it can be stopped well from the first moment.
    let signals = server.signals().map_err(|e| machine(&e))?;
    // It looks a while before it says anything, so that what follows is the first line.
    let watcher = args
        .watch
        .as_deref()
        .map(|folder| Watcher::start(store, folder, &args.source, move |noticed| said(&noticed, out)))
        .transpose()?;
    say(&server, shown.as_ref(), out);
    signals.wait().map_err(|e| machine(&e))?;
    drop(watcher);
    server.stop();
    Ok(())
}

/// What the watched folder says: a line for each file, and for trouble.
fn said(noticed: &Noticed, out: Out) {
    match noticed {
        Noticed::File(file) => out.say(&of_file(file), || {
            format!("{}: moved to {}\n{}", file.file, file.moved_to.display(), file.words)
        }),
        Noticed::Trouble(e) => out.say(&json!({"trouble": e.to_string()}), || {
            format!("The watched folder can't be used now: {e}. It is tried again.")
        }),
        Noticed::Well => out.say(&json!({"trouble": null}), || {
            "The watched folder works again.".to_owned()
        }),
    }
}

fn of_file(file: &Handled) -> serde_json::Value {
    let mut json = json!({"file": file.file, "moved_to": file.moved_to, "imported": file.report.is_some()});
    if let Some(report) = &file.report {
        let t = &report.tally;
        json["rows"] = t.rows.into();
        json["recorded"] = t.recorded.into();
        json["duplicates"] = t.duplicates.into();
        json["rejected_rows"] = report.rejected_rows.into();
    }
    json
}

fn say(server: &Handle, shown: Option<&Secret>, out: Out) {
    let addr = server.addr();
    let mut json = json!({"listening": addr});
    if let Some(secret) = shown {
        json["secret"] = secret.reveal().into();
    }
    out.say(&json, || {
        let listening = format!("Taking sales at http://{addr}/pos/sale. Stop with Ctrl-C.");
        match shown {
            Some(secret) => format!(
                "The senders' secret, shown this once:\n{}\nGive it to the till that sends. With --new-secret there is another.\n\n{listening}",
                secret.reveal()
            ),
            None => listening,
        }
    });
}

fn from_file(path: &Path) -> Result<Vec<OwnSecret>> {
    let text = std::fs::read_to_string(path).map_err(place::io(path))?;
    let wrong = |line| {
        let path = path.display();
        Failure::usage(format!(
            "{path}, line {line}: write a secret here, whsec_ and base64 of 16 to 64 bytes."
        ))
    };
    let secrets = intake::read_secrets(&text).map_err(wrong)?;
    Ok(secrets.into_iter().map(OwnSecret::from).collect())
}

/// The secrets this till made; a new one is made the first time and when asked for, and is to be shown then.
fn kept(place: &Place, store: &Store, new: bool) -> Result<(Vec<OwnSecret>, Option<Secret>)> {
    let secrets = Secrets::open(SERVICE, place.dir()?)?;
    let before = secrets.get(KEPT_AS)?.map(|bytes| read_kept(&bytes)).transpose()?;
    if let (Some(kept), false) = (&before, new) {
        return Ok((kept.secrets(), None));
    }
    let secret = fresh(store);
    let kept = match before {
        Some(before) => before.rotated(secret.clone(), store.now()),
        None => Kept::first(secret.clone()),
    };
    secrets.set(KEPT_AS, kept.to_text().as_bytes())?;
    Ok((kept.secrets(), Some(secret)))
}

fn read_kept(bytes: &[u8]) -> Result<Kept> {
    let damaged = || {
        let detail = "the kept webhook secret can't be read; use --secret-file";
        Failure::from(StorageError::new(StorageCode::Damaged, Path::new(""), detail))
    };
    std::str::from_utf8(bytes).ok().and_then(Kept::read).ok_or_else(damaged)
}

fn fresh(store: &Store) -> Secret {
    let (a, b) = (store.salt(), store.salt());
    Secret::from_random(std::array::from_fn(|i| if i < 16 { a[i] } else { b[i - 16] }))
}

fn read_hooks(path: &Path) -> Result<Hooks> {
    let text = std::fs::read_to_string(path).map_err(place::io(path))?;
    serde_json::from_str(&text).map_err(|e| Failure::usage(format!("{}: {e}.", path.display())))
}

fn not_started(e: StartError) -> Failure {
    match e {
        StartError::Threads(e) => machine(&e),
        e => Failure::usage(e.to_string()),
    }
}

fn machine(e: &std::io::Error) -> Failure {
    StorageError::of_io(e, Path::new("")).into()
}
