//! The network between the tills and the relay: requests are lost before they arrive, their answers after, they come
//! twice, and they come late, after others. A till that is cut off reaches nobody.

use link::{Client, LinkError, Wire};
use std::cell::RefCell;
use std::collections::BTreeMap;
use sync::wire::SyncAnswer;

use crate::dice::Dice;
use crate::relay_host::RelayHost;
use crate::trace::Trace;

/// What a till asked.
#[derive(Clone)]
struct Asked {
    till: usize,
    path: String,
    credential: Option<String>,
    body: Vec<u8>,
}

/// The network, with the relay at its end.
pub struct Net {
    /// The relay.
    pub relay: RelayHost,
    /// Which tills reach nobody.
    pub cut_off: Vec<bool>,
    /// Of a hundred requests, how many something happens to.
    pub rough: u64,
    /// What happens to them.
    pub dice: Dice,
    /// How many operations a page has at the most.
    page: usize,
    /// Requests that are still on their way.
    late: Vec<Asked>,
    /// Up to which of an origin's operations the relay has said it has them.
    pub promised: BTreeMap<[u8; 16], i64>,
    /// What the relay could not answer though its disk is well.
    pub broke: Option<String>,
    /// What is told of it.
    pub trace: Trace,
}

thread_local! {
    static NET: RefCell<Option<Net>> = const { RefCell::new(None) };
}

/// Puts a network under this thread's tills; answers the one that was there.
pub fn install(net: Option<Net>) -> Option<Net> {
    NET.replace(net)
}

/// Does something with this thread's network.
///
/// # Panics
/// Where there is none.
pub fn with<T>(f: impl FnOnce(&mut Net) -> T) -> T {
    NET.with_borrow_mut(|net| {
        f(net
            .as_mut()
            .expect("a run installs its network before anything uses it"))
    })
}

/// A till's line into it.
#[must_use]
pub fn client(till: usize, credential: String) -> Client {
    Client::over(Box::new(Line(till)), Some(credential)).paging(with(|net| net.page))
}

struct Line(usize);

impl Wire for Line {
    fn post(&self, path: &str, credential: Option<&str>, body: Vec<u8>) -> link::Result<(u16, Vec<u8>)> {
        let asked = Asked {
            till: self.0,
            path: path.to_owned(),
            credential: credential.map(str::to_owned),
            body,
        };
        with(|net| net.carry(asked)).map_err(|why| LinkError::Offline(why.to_owned()))
    }
}

impl Net {
    /// A network where nothing goes wrong yet.
    #[must_use]
    pub fn new(relay: RelayHost, tills: usize, page: usize, trace: Trace) -> Self {
        Self {
            relay,
            cut_off: vec![false; tills],
            rough: 0,
            dice: Dice::new(0),
            page,
            broke: None,
            late: Vec::new(),
            promised: BTreeMap::new(),
            trace,
        }
    }

    fn carry(&mut self, asked: Asked) -> Result<(u16, Vec<u8>), &'static str> {
        if self.cut_off[asked.till] {
            self.trace.note(|| format!("    {}: cut off", asked.path));
            return Err("cut off");
        }
        if !self.dice.chance(self.rough, 100) {
            return self.deliver(&asked).ok_or("the relay is away");
        }
        match self.dice.below(4) {
            0 => {
                self.trace.note(|| format!("    {}: lost on its way", asked.path));
                Err("lost on its way")
            }
            1 => {
                self.deliver(&asked);
                self.trace.note(|| format!("    {}: its answer was lost", asked.path));
                Err("its answer was lost")
            }
            2 => {
                self.trace.note(|| format!("    {}: comes twice", asked.path));
                self.deliver(&asked);
                self.deliver(&asked).ok_or("the relay is away")
            }
            _ => {
                self.trace.note(|| format!("    {}: is late", asked.path));
                self.late.push(asked);
                Err("late")
            }
        }
    }

    /// What was late arrives, not in the order that it was sent; nobody waits for the answers any more.
    pub fn deliver_late(&mut self, dice: &mut Dice) {
        while !self.late.is_empty() && dice.chance(2, 3) {
            let at = usize::try_from(dice.below(self.late.len() as u64)).unwrap_or(0);
            let asked = self.late.swap_remove(at);
            self.trace
                .note(|| format!("    {} of till {} arrives late", asked.path, asked.till + 1));
            self.deliver(&asked);
        }
    }

    /// What is late never arrives.
    pub fn forget_late(&mut self) {
        self.late.clear();
    }

    fn deliver(&mut self, asked: &Asked) -> Option<(u16, Vec<u8>)> {
        let answer = self.relay.ask(&asked.path, asked.credential.as_deref(), &asked.body);
        match &answer {
            None => self.trace.note(|| format!("    {}: the relay is away", asked.path)),
            Some((200, body)) => {
                self.promise(asked, body);
                self.trace.note(|| format!("    {}: 200", asked.path));
            }
            Some((status, body)) => {
                if *status >= 500 && !self.relay.disk.is_faulty() && self.broke.is_none() {
                    self.broke = Some(format!("{}: {status} {}", asked.path, String::from_utf8_lossy(body)));
                }
                self.trace
                    .note(|| format!("    {}: {status} {}", asked.path, String::from_utf8_lossy(body)));
            }
        }
        answer
    }

    /// Remembers what the relay says that it has.
    fn promise(&mut self, asked: &Asked, body: &[u8]) {
        if asked.path != "/v1/sync" {
            return;
        }
        let origin = serde_json::from_slice::<sync::wire::SyncRequest>(&asked.body).map(|r| *r.origin.0.as_bytes());
        let answer = serde_json::from_slice::<SyncAnswer>(body);
        if let (Ok(origin), Ok(answer)) = (origin, answer) {
            let most = self.promised.entry(origin).or_default();
            *most = (*most).max(answer.accepted);
        }
    }
}
