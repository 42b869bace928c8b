//! S3-compatible storage as a place for backups: where it is, and the few requests that it takes. They are signed by
//! `rusty-s3` and sent by the HTTP client that the tills use; what a service says no with is in `said`.
//!
//! A backup is one PUT, of 5 GiB at the most: the service shows it only when all of it is there. It is read back and
//! compared before it counts; what came back changed is taken away again.

mod said;
mod settings;

use reqwest::blocking::{Body, Client, Response};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method};
use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{Read, Write as _};
use std::path::Path;
use std::time::Duration;

use crate::file;
use crate::keep::Name;
use crate::shelf::{Progress, ShelfCode, ShelfError};
pub use settings::{Account, Place};

/// For the connection; and for each part of an answer, and an answer that nobody waits long for.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(60);
/// A line slower than so many bytes a second is taken for a broken one.
const SLOWEST: u64 = 32 * 1024;
/// What one PUT may have, by what S3 itself allows.
pub const BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// How long a signature holds: for a request to begin.
const SIGNED: Duration = Duration::from_secs(900);
/// Of an answer that is no backup.
const SAID_MAX: u64 = 4 * 1024 * 1024;
/// Pages of a list, of a thousand names each.
const PAGES_MAX: usize = 1000;
const PIECE: usize = 1 << 16;

/// A place in S3-compatible storage, with the key to it.
#[derive(Clone)]
pub struct S3 {
    account: Account,
    bucket: Bucket,
    key: Credentials,
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S3({self})")
    }
}

impl fmt::Display for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.account.place.bucket, self.account.place.folder())
    }
}

/// A file that is sent, and how far it is.
struct Sending {
    file: File,
    progress: Progress,
    done: u64,
    all: u64,
}

impl Read for Sending {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(to)?;
        self.done += read as u64;
        self.progress.between(60, 80, self.done, self.all);
        Ok(read)
    }
}

impl S3 {
    /// This place. Nobody is asked yet.
    ///
    /// # Errors
    /// `BadAddress` where the settings can't be right.
    pub fn new(account: Account) -> Result<Self, ShelfError> {
        let place = &account.place;
        let endpoint = place.check()?;
        let style = if place.path_style {
            UrlStyle::Path
        } else {
            UrlStyle::VirtualHost
        };
        let bucket = Bucket::new(endpoint, style, place.bucket.clone(), place.region.clone())
            .map_err(|error| ShelfError::new(ShelfCode::BadAddress, &place.endpoint, error))?;
        let key = Credentials::new(place.key_id.clone(), account.secret.clone());
        Ok(Self { account, bucket, key })
    }

    fn error(&self, code: ShelfCode, detail: impl fmt::Display) -> ShelfError {
        ShelfError::new(code, self, detail)
    }

    fn key_of(&self, file: &str) -> String {
        format!("{}{file}", self.account.place.folder())
    }

    /// The client, for requests that bring or take so many bytes. It is made anew each time: it must not outlive the
    /// thread that may block.
    fn client(&self, bytes: u64) -> Result<Client, ShelfError> {
        // Refused where another part of the process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER + Duration::from_secs(bytes / SLOWEST))
            .redirect(Policy::none())
            .user_agent(concat!("regulars/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &self.account.place.ca_file {
            let of_file = |detail: String| ShelfError::new(ShelfCode::Certificate, path.display(), detail);
            let pem = std::fs::read(path).map_err(|error| of_file(error.to_string()))?;
            let all = Certificate::from_pem_bundle(&pem).map_err(|error| of_file(error.to_string()))?;
            if all.is_empty() {
                return Err(of_file("no certificate in it".to_owned()));
            }
            client = client.tls_certs_merge(all);
        }
        client
            .build()
            .map_err(|error| self.error(ShelfCode::Unreachable, error))
    }

    /// Sends a signed request; what the service refuses is an error.
    fn ask<'a, A: S3Action<'a>>(
        &self,
        client: &Client,
        method: Method,
        action: &A,
        body: Option<Body>,
    ) -> Result<Response, ShelfError> {
        let mut request = client.request(method, action.sign(SIGNED));
        if let Some(body) = body {
            request = request.body(body);
        }
        let answer = request.send().map_err(|error| said::unsent(self, error))?;
        if answer.status().is_success() {
            Ok(answer)
        } else {
            Err(said::refused(self, answer))
        }
    }

    /// The backups of `what`, the oldest first.
    ///
    /// # Errors
    /// Where the storage can't be used.
    pub fn list(&self, what: &str) -> Result<Vec<(Name, u64)>, ShelfError> {
        let client = self.client(0)?;
        let mut all = Vec::new();
        let (mut next, folder) = (None::<String>, self.account.place.folder());
        for _ in 0..PAGES_MAX {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.key));
            action.with_prefix(format!("{folder}{what}-"));
            if let Some(token) = &next {
                action.with_continuation_token(token.clone());
            }
            let text = said::text(self, self.ask(&client, Method::GET, &action, None)?)?;
            let page = ListObjectsV2::parse_response(&text)
                .map_err(|error| self.error(ShelfCode::Busy, format!("its list can't be read: {error}")))?;
            for object in page.contents {
                let file = object.key.strip_prefix(&folder);
                if let Some(name) = file.and_then(|file| Name::read(what, file)) {
                    all.push((name, object.size.unwrap_or_default()));
                }
            }
            next = page.next_continuation_token;
            if next.is_none() {
                break;
            }
        }
        all.sort();
        Ok(all)
    }

    /// Puts a sealed file there, and reads it back.
    ///
    /// # Errors
    /// `TooBig`; `Changed` where something else came back, which was taken away again; where the storage can't be used.
    pub fn put(&self, what: &str, name: &Name, sealed: &Path, progress: &Progress) -> Result<(), ShelfError> {
        let of_work = |error| ShelfError::of_io(&error, sealed);
        let all = std::fs::metadata(sealed).map_err(of_work)?.len();
        if all > BYTES_MAX {
            return Err(self.error(ShelfCode::TooBig, format!("{all} bytes")));
        }
        let client = self.client(all)?;
        let key = self.key_of(&name.write(what));
        let sending = Sending {
            file: File::open(sealed).map_err(of_work)?,
            progress: progress.clone(),
            done: 0,
            all,
        };
        let action = self.bucket.put_object(Some(&self.key), &key);
        self.ask(&client, Method::PUT, &action, Some(Body::sized(sending, all)))?;
        let back = self.compare(&client, &key, sealed, progress);
        if let Err(error) = &back
            && error.code == ShelfCode::Changed
        {
            // Where that fails too, the seal still tells that it is not whole.
            let _ = self.remove_key(&client, &key);
        }
        back
    }

    fn compare(&self, client: &Client, key: &str, sealed: &Path, progress: &Progress) -> Result<(), ShelfError> {
        let of_work = |error| ShelfError::of_io(&error, sealed);
        let mut from = File::open(sealed).map_err(of_work)?;
        let all = from.metadata().map_err(of_work)?.len();
        let mut digest = Sha256::new();
        std::io::copy(&mut from, &mut digest).map_err(of_work)?;
        let mut back = Sha256::new();
        let count = self.read(client, key, |piece, done| {
            back.update(piece);
            progress.between(80, 95, done, all);
            Ok(())
        })?;
        if count == all && back.finalize() == digest.finalize() {
            Ok(())
        } else {
            Err(self.error(ShelfCode::Changed, format!("{count} of {all} bytes came back")))
        }
    }

    /// Reads an object piece by piece; answers its bytes.
    fn read(
        &self,
        client: &Client,
        key: &str,
        mut each: impl FnMut(&[u8], u64) -> Result<(), ShelfError>,
    ) -> Result<u64, ShelfError> {
        let action = self.bucket.get_object(Some(&self.key), key);
        let mut answer = self.ask(client, Method::GET, &action, None)?;
        let (mut piece, mut done) = (vec![0; PIECE], 0_u64);
        loop {
            let filled = answer
                .read(&mut piece)
                .map_err(|error| self.error(ShelfCode::Unreachable, error))?;
            if filled == 0 {
                return Ok(done);
            }
            done += filled as u64;
            each(&piece[..filled], done)?;
        }
    }

    /// The file's name in an address without its `s3://`: `BUCKET/PREFIX/NAME`, of this very place.
    ///
    /// # Errors
    /// `BadAddress` where it is another place's, or names no file.
    pub fn name_of(&self, address: &str) -> Result<String, ShelfError> {
        let own = format!("{}/{}", self.account.place.bucket, self.account.place.folder());
        match address.strip_prefix(&own) {
            Some(name) if !name.is_empty() && !name.contains('/') => Ok(name.to_owned()),
            _ => Err(self.error(ShelfCode::BadAddress, format!("s3://{address} is not in it"))),
        }
    }

    /// Brings a backup into a new file.
    ///
    /// # Errors
    /// `Gone`; where the storage or the file can't be used. What is at `to` is worth nothing then.
    pub fn get(&self, file: &str, to: &Path) -> Result<(), ShelfError> {
        let of_file = |error| ShelfError::of_io(&error, to);
        let mut written = file::create(to).map_err(of_file)?;
        // Nobody knows yet how large it is.
        let client = self.client(BYTES_MAX)?;
        self.read(&client, &self.key_of(file), |piece, _| {
            written.write_all(piece).map_err(of_file)
        })?;
        written.sync_all().map_err(of_file)
    }

    /// Takes a file of ours away.
    ///
    /// # Errors
    /// Where the storage can't be used.
    pub fn remove(&self, file: &str) -> Result<(), ShelfError> {
        self.remove_key(&self.client(0)?, &self.key_of(file))
    }

    fn remove_key(&self, client: &Client, key: &str) -> Result<(), ShelfError> {
        let action = self.bucket.delete_object(Some(&self.key), key);
        self.ask(client, Method::DELETE, &action, None).map(drop)
    }
}
