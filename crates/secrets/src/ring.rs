//! The OS keyring, with a bound on every call: it may be absent, hang, or wait for a person to type a password.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring::{Entry, Error};

use crate::SecretsError;

/// Whether a secret written now can be read back by somebody who looks for it afresh. Leaves nothing behind.
pub fn works(service: &str, id: &str, limit: Duration) -> bool {
    let probed = call(service, id, "probe", limit, |entry| entry.set_secret(b"probe"))
        .and_then(|()| call(service, id, "probe", limit, |entry| entry.get_secret()))
        .is_ok_and(|value| value == b"probe");
    probed && delete(service, id, "probe", limit).is_ok()
}

/// Reads the secret `name` of the folder `id`.
pub fn get(service: &str, id: &str, name: &str, limit: Duration) -> Result<Option<Vec<u8>>, SecretsError> {
    call(service, id, name, limit, |entry| match entry.get_secret() {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Writes it.
pub fn set(service: &str, id: &str, name: &str, value: &[u8], limit: Duration) -> Result<(), SecretsError> {
    let value = value.to_vec();
    call(service, id, name, limit, move |entry| entry.set_secret(&value))
}

/// Deletes it, if it is there.
pub fn delete(service: &str, id: &str, name: &str, limit: Duration) -> Result<(), SecretsError> {
    call(service, id, name, limit, |entry| match entry.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(error),
    })
}

/// Runs `work` on a thread of its own and gives up on it after `limit`. A thread given up on ends with its call or
/// with the process; it holds nothing that anybody waits for.
fn call<T: Send + 'static>(
    service: &str,
    id: &str,
    name: &str,
    limit: Duration,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<T, SecretsError> {
    let (service, user) = (service.to_owned(), format!("{name}@{id}"));
    let (done, answer) = mpsc::channel();
    let started = thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        let result = Entry::new(&service, &user).and_then(|entry| work(&entry));
        // The receiver is gone where the caller gave up: nobody is left to tell.
        let _ = done.send(result);
    });
    started.map_err(|e| SecretsError::Keyring(e.to_string()))?;
    match answer.recv_timeout(limit) {
        Ok(result) => result.map_err(|e| SecretsError::Keyring(e.to_string())),
        Err(_) => Err(SecretsError::Keyring(format!("no answer in {} s", limit.as_secs()))),
    }
}
