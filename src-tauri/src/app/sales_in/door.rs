//! Opening and closing: the server on its port and the watcher on its folder, made to be as the owner set them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;

use imports::Watcher;
use intake::{Config, Hooks, Intake, Kept, StartError};
use ledger::{Ids, Store};
use pos::signature::standard::Secret;

use super::{Chosen, Running, Shown};
use crate::app::{Answer, App, lock};
use crate::views::{Failure, SalesIn, SalesInCode, SalesInTrouble};

/// The name under which others' keys and mappings are kept.
const HOOKS: &str = "webhook-senders";

impl App {
    /// Makes what runs be as it is set. A server that goes on listening where it did loses no connection.
    pub(super) fn apply(&self, running: &mut Running, store: &Arc<Store>) -> Answer<()> {
        let chosen = self.told(Chosen::of(store))?;
        let shown = match self.serve(running, store, &chosen) {
            Ok(listening) => Shown {
                listening,
                trouble: None,
            },
            Err(trouble) => {
                running.server = None;
                Shown {
                    listening: None,
                    trouble: Some(trouble),
                }
            }
        };
        *lock(&self.coming.shown) = shown;
        self.watch(running, store, &chosen);
        Ok(())
    }

    fn serve(
        &self,
        running: &mut Running,
        store: &Arc<Store>,
        chosen: &Chosen,
    ) -> Result<Option<String>, SalesInTrouble> {
        if !chosen.on {
            running.server = None;
            return Ok(None);
        }
        let config = self.config(chosen)?;
        if let Some(server) = &running.server
            && server.addr() == config.listen
        {
            server.set(config);
            return Ok(Some(server.addr().to_string()));
        }
        // The old one first: the new address may be within the old one's.
        running.server = None;
        let recent = Arc::clone(&self.coming.recent);
        let heard = Arc::new(move |arrival| recent.came(arrival));
        let server = Intake::start_heard(Arc::clone(store), config, heard).map_err(not_started)?;
        let listening = server.addr().to_string();
        running.server = Some(server);
        Ok(Some(listening))
    }

    fn config(&self, chosen: &Chosen) -> Result<Config, SalesInTrouble> {
        let unread = |failure| trouble(SalesInCode::Secrets, &words(&failure));
        let kept = self.kept().map_err(unread)?;
        let hooks = self.hooks().map_err(unread)?;
        let kept = kept.ok_or_else(|| trouble(SalesInCode::NoSecret, ""))?;
        let ip = if chosen.network {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        Ok(Config {
            listen: SocketAddr::new(IpAddr::V4(ip), chosen.port),
            allow_network: chosen.network,
            secrets: kept.secrets(),
            enrol_unknown: chosen.enrol_unknown,
            hooks,
        })
    }

    fn watch(&self, running: &mut Running, store: &Arc<Store>, chosen: &Chosen) {
        let Some(watch) = &chosen.watch else {
            running.watcher = None;
            self.coming.recent.folder_is(None);
            return;
        };
        if running.watcher.as_ref().is_some_and(|(now, _)| now == watch) {
            return;
        }
        // The old one ends before the new one looks: both may be on the same folder.
        running.watcher = None;
        let recent = Arc::clone(&self.coming.recent);
        let say = move |noticed| recent.noticed(noticed);
        match Watcher::start(Arc::clone(store), Path::new(&watch.folder), &watch.source, say) {
            Ok(watcher) => {
                self.coming.recent.folder_is(None);
                running.watcher = Some((watch.clone(), watcher));
            }
            Err(e) => self.coming.recent.folder_is(Some(e.to_string())),
        }
    }

    /// The secrets of our own that senders sign with.
    pub(super) fn kept(&self) -> Answer<Option<Kept>> {
        let Some(bytes) = self.vault.kept(intake::KEPT_AS)? else {
            return Ok(None);
        };
        let kept = std::str::from_utf8(&bytes).ok().and_then(Kept::read);
        kept.map(Some).ok_or_else(|| self.vault.damaged(intake::KEPT_AS))
    }

    /// Others' keys and mappings.
    pub(super) fn hooks(&self) -> Answer<Hooks> {
        match self.vault.kept(HOOKS)? {
            None => Ok(Hooks::default()),
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| self.vault.damaged(HOOKS)),
        }
    }

    pub(super) fn keep_hooks(&self, store: &Arc<Store>, hooks: &Hooks) -> Answer<SalesIn> {
        let bytes = serde_json::to_vec(hooks).map_err(|e| Failure::io("", &e.to_string()))?;
        self.vault.keep(HOOKS, &bytes)?;
        self.apply(&mut lock(&self.coming.running), store)?;
        self.view(store, self.kept().ok().flatten().as_ref())
    }
}

/// A secret nobody knows yet.
pub fn new_secret(ids: &dyn Ids) -> Secret {
    let (a, b) = (ids.random(), ids.random());
    Secret::from_random(std::array::from_fn(|i| if i < 16 { a[i] } else { b[i - 16] }))
}

/// Where senders find this till: on this machine, and, where that is allowed, in the shop's network.
pub fn addresses(chosen: &Chosen) -> Vec<String> {
    let mut all = vec![format!("http://127.0.0.1:{}/pos/sale", chosen.port)];
    if let Some(ip) = own_address().filter(|_| chosen.network) {
        all.push(format!("http://{ip}:{}/pos/sale", chosen.port));
    }
    all
}

/// This machine's address on its way out. Nothing is sent: asking for a way only chooses one. The other end is an
/// address that documentation may use.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket
        .local_addr()
        .ok()
        .map(|addr| addr.ip())
        .filter(|ip| !ip.is_loopback())
}

fn not_started(e: StartError) -> SalesInTrouble {
    let code = match &e {
        StartError::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => SalesInCode::PortTaken,
        _ => SalesInCode::Machine,
    };
    trouble(code, &e.to_string())
}

fn trouble(code: SalesInCode, detail: &str) -> SalesInTrouble {
    SalesInTrouble {
        code,
        detail: detail.to_owned(),
    }
}

fn words(failure: &Failure) -> String {
    match failure {
        Failure::Storage { problem } => problem.detail.clone(),
        Failure::Refused { code, .. } => code.clone(),
    }
}
