//! Opening addresses outside, for what a provider's message names. Handed in, so that tests open none.

use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer, in bytes: a certificate has two thousand.
const ANSWER_MAX: usize = 64 * 1024;

/// It could not be opened. The word is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOpen(pub &'static str);

/// What is opened, some time.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, NotOpen>> + Send + 'a>>;

/// Opens addresses.
pub trait Open: Send + Sync {
    /// What is there: the answer's body, where it answers 200.
    fn get<'a>(&'a self, url: &'a Url) -> Opening<'a>;
}

/// Over HTTPS, nowhere else, and without going where an answer points to.
#[derive(Default)]
pub struct Https {
    client: OnceLock<Option<reqwest::Client>>,
}

fn client() -> Option<reqwest::Client> {
    // The same as everywhere else in the relay; refused where it is set already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().https_only(true).timeout(PATIENCE);
    let client = client.redirect(reqwest::redirect::Policy::none()).no_proxy();
    client.build().ok()
}

impl Open for Https {
    fn get<'a>(&'a self, url: &'a Url) -> Opening<'a> {
        Box::pin(async move {
            let client = self.client.get_or_init(client).as_ref().ok_or(NotOpen("no TLS here"))?;
            let answer = client.get(url.clone()).send().await;
            let mut answer = answer.map_err(|_| NotOpen("no answer"))?;
            if answer.status() != reqwest::StatusCode::OK {
                return Err(NotOpen("not 200"));
            }
            let mut whole = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(|_| NotOpen("it broke off"))? {
                whole.extend_from_slice(&part);
                if whole.len() > ANSWER_MAX {
                    return Err(NotOpen("too long"));
                }
            }
            Ok(whole)
        })
    }
}
