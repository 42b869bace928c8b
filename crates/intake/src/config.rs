//! What the server is told when it starts. Where it is kept is the caller's business.

use loyalty::UtcMs;
use pos::payload::generic::Pointers;
use pos::signature::standard::Secret;
use serde::{Deserialize, Serialize};
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
    /// Who may send to `/pos/…` and as a mapped till. Several while one is rotated; without any nobody gets in.
    pub secrets: Vec<OwnSecret>,
    /// Whether a sale with an unknown phone number enrols it. If not, such a sale to `/pos/sale` and from a mapped till
    /// is refused, and a provider's counts as a walk-in: it would send a refused one again and again.
    pub enrol_unknown: bool,
    /// Others' webhooks.
    pub hooks: Hooks,
}

impl Config {
    /// On this machine only, enrolling unknown numbers, for senders that have one of these secrets of our own.
    #[must_use]
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, PORT).into(),
            allow_network: false,
            secrets: secrets.into_iter().map(OwnSecret::from).collect(),
            enrol_unknown: true,
            hooks: Hooks::default(),
        }
    }

    /// The secrets of our own that are in force at `now`.
    pub(crate) fn secrets_at(&self, now: UtcMs) -> Vec<Secret> {
        let in_force = |own: &&OwnSecret| own.until.is_none_or(|until| now < until);
        self.secrets
            .iter()
            .filter(in_force)
            .map(|own| own.secret.clone())
            .collect()
    }
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

/// Others' webhooks, by their page `/hooks/NAME`. There is no page for what is not here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hooks {
    /// Square's.
    pub square: Option<Square>,
    /// Shopify's secrets.
    pub shopify: Option<Keys>,
    /// Stripe's secrets, `whsec_` included.
    pub stripe: Option<Keys>,
    /// Other tills' messages by name, told where things are. They are signed as our own.
    pub mapped: BTreeMap<String, Pointers>,
}

impl Hooks {
    /// Whether there is a page with this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match name {
            "square" => self.square.is_some(),
            "shopify" => self.shopify.is_some(),
            "stripe" => self.stripe.is_some(),
            name => self.mapped.contains_key(name),
        }
    }
}

/// A provider's secrets as its settings show them; several while one is rotated.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keys(
    /// Newest first.
    pub Vec<String>,
);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

/// Square's keys, and the address it was told, which is part of what it signs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Square {
    /// The signature keys.
    pub keys: Keys,
    /// The notification URL, exactly as Square's settings have it.
    pub url: String,
}
