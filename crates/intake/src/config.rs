//! What the server is told when it starts. Where it is kept is the caller's business.

use loyalty::UtcMs;
use pos::payload::generic::Pointers;
use pos::signature::standard::Secret;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

/// The port tills send to where nobody chose another.
pub const PORT: u16 = 4180;

/// How to listen, and to whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where; port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// Whether an address beyond this machine may be listened on.
    pub allow_network: bool,
    /// Who may send.
    pub secrets: Secrets,
    /// Whether a sale with an unknown phone number enrols it. If not, such a sale to `/pos/sale` and from a mapped till
    /// is refused, and a provider's counts as a walk-in: it would send a refused one again and again.
    pub enrol_unknown: bool,
    /// Other tills' messages by the name they have in `/hooks/NAME`, told where things are. They are signed as our own.
    pub mapped: BTreeMap<String, Pointers>,
}

impl Config {
    /// On this machine only, enrolling unknown numbers, for senders that have one of these secrets of our own.
    #[must_use]
    pub fn new(own: impl IntoIterator<Item = Secret>) -> Self {
        let secrets = Secrets {
            own: own.into_iter().map(OwnSecret::from).collect(),
            ..Secrets::default()
        };
        Self {
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            allow_network: false,
            secrets,
            enrol_unknown: true,
            mapped: BTreeMap::new(),
        }
    }
}

/// What senders sign with. Each list may hold several while one is rotated; an empty one lets nobody in.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// Ours, for `/pos/…` and mapped tills.
    pub own: Vec<OwnSecret>,
    /// Square's; none where the shop has no Square, and there is no `/hooks/square` then.
    pub square: Option<Square>,
    /// Shopify's.
    pub shopify: Option<Provider>,
    /// Stripe's, `whsec_` included.
    pub stripe: Option<Provider>,
}

/// A secret of our own.
#[derive(Clone, Debug)]
pub struct OwnSecret {
    /// The secret.
    pub secret: Secret,
    /// Not from this moment on; none is for ever.
    pub until: Option<UtcMs>,
}

impl From<Secret> for OwnSecret {
    fn from(secret: Secret) -> Self {
        Self { secret, until: None }
    }
}

/// A provider's secrets, as its settings show them.
#[derive(Clone, Default)]
pub struct Provider(
    /// Newest first.
    pub Vec<String>,
);

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Provider({} secrets)", self.0.len())
    }
}

/// Square's keys, and the address it was told, which is part of what it signs.
#[derive(Clone, Debug, Default)]
pub struct Square {
    /// The signature keys.
    pub keys: Provider,
    /// The notification URL, exactly as Square's settings have it.
    pub url: String,
}

impl Secrets {
    /// Ours that are in force at `now`.
    pub(crate) fn own_at(&self, now: UtcMs) -> Vec<Secret> {
        let in_force = |own: &&OwnSecret| own.until.is_none_or(|until| now < until);
        self.own.iter().filter(in_force).map(|own| own.secret.clone()).collect()
    }
}
