//! A till's past must not come back: how far its log has come is kept beside the file, in the keyring. A file that lacks
//! it (a restored backup, a copied folder, one that went on apart from it) goes on under a new origin, which holds no
//! rights until the relay has handed over what the old one held.

use ledger::{Renews, Store};
use loyalty::Origin;
use secrets::Secrets;
use serde::{Deserialize, Serialize};
use sync::bytes::{Fixed, Hash};

use crate::Result;

/// The secret that holds it.
pub(crate) const MARK: &str = "till-mark";

/// How far a till's log had come.
#[derive(Serialize, Deserialize)]
struct Mark {
    origin: Origin,
    seq: i64,
    /// The hash of that operation: another past of the same length has another.
    #[serde(default)]
    head: Option<Hash>,
}

/// Notes how far the log has come, after what takes points from this till, and after what the relay has heard. Only for a
/// till of several: one alone has nobody to spend them a second time.
///
/// # Errors
/// Those of the file and of the secrets.
pub fn keep_mark(store: &Store, secrets: &Secrets) -> Result<()> {
    if store.relay()?.is_none() {
        return Ok(());
    }
    let (seq, head) = store.own_head()?;
    let mark = Mark {
        origin: store.shop().till_id,
        seq,
        head: Some(Fixed(head)),
    };
    Ok(secrets.set(MARK, &serde_json::to_vec(&mark).unwrap_or_default())?)
}

/// Before anything is done with a file that was just opened. True: it lacked what was noted, goes on under a new origin,
/// and must be opened anew.
///
/// # Errors
/// Those of the file and of the secrets.
pub fn guard(store: &Store, secrets: &Secrets) -> Result<bool> {
    // One that downloads its shop has nothing yet that could be spent.
    if store.relay()?.is_none() || store.joining()? {
        return Ok(false);
    }
    let mark = secrets
        .get(MARK)?
        .and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok());
    let behind = match mark {
        Some(mark) => !store.has_come_to(mark.origin, mark.seq, mark.head.map(|head| head.0))?,
        None => false,
    };
    if behind {
        let now = store.write(|tx| tx.begin_renewal(Renews::Restored))?;
        let mark = Mark {
            origin: now,
            seq: 0,
            head: None,
        };
        secrets.set(MARK, &serde_json::to_vec(&mark).unwrap_or_default())?;
    }
    Ok(behind)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use ledger::{Actor, Key, NewMember, NewShop, Options, PairedWith};
    use loyalty::op::By;
    use loyalty::{MemberId, Phone, Points, Role};
    use std::path::Path;

    fn open(dir: &Path) -> Store {
        Store::open(dir, Options::default()).unwrap()
    }

    fn by() -> By {
        By::Job("test".into())
    }

    fn gives(store: &Store, member: MemberId, points: Points) {
        let manager = Actor {
            by: by(),
            role: Role::Manager,
        };
        let reason = "Sorry".into();
        store.adjust(store.new_op(), manager, member, points, reason).unwrap();
    }

    /// A till of a shop with a relay, a member with 100 points there, and what keeps its mark.
    pub(crate) fn till(dir: &Path) -> (Store, MemberId, Secrets) {
        let new = NewShop {
            name: "Harbour Coffee".into(),
            currency: "USD".into(),
            region: "US".into(),
            timezone: "America/Los_Angeles".into(),
            till_name: "Till 1".into(),
            rules: "Earn 1 point per $1\nReward 100 points: Free coffee\n".into(),
            owner: None,
        };
        let store = Store::init(dir, &new, Options::default()).unwrap();
        let with = PairedWith {
            url: "https://relay.example".into(),
            relay: Origin(uuid::Uuid::nil()),
            incarnation: 1,
            shop_seq: 0,
        };
        store.write(move |tx| tx.paired(&with)).unwrap();
        let phone = Phone::parse("+16195550123", "US".parse().unwrap()).unwrap();
        let new = NewMember::with_phone(phone);
        let (member, _) = store.enrol(store.new_op(), by(), new).unwrap();
        gives(&store, member, 100);
        (store, member, Secrets::open_file(crate::SERVICE, dir).unwrap())
    }

    fn spendable(store: &Store, member: MemberId) -> Points {
        store.member(Key::Id(member)).unwrap().unwrap().spendable
    }

    /// Puts the shop's file aside; the last one who closes it has emptied its log into it.
    fn copy(dir: &Path, to: &Path) {
        std::fs::copy(ledger::file(dir), to).unwrap();
    }

    fn put_back(from: &Path, dir: &Path) {
        copy_over(from, &ledger::file(dir));
    }

    fn copy_over(from: &Path, to: &Path) {
        std::fs::copy(from, to).unwrap();
        for tail in ["-wal", "-shm"] {
            drop(std::fs::remove_file(format!("{}{tail}", to.display())));
        }
    }

    #[test]
    fn a_copy_of_before_a_redemption_holds_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (dir, aside) = (place.path().join("till"), place.path().join("aside.db"));
        std::fs::create_dir(&dir).unwrap();
        let (store, member, secrets) = till(&dir);
        keep_mark(&store, &secrets).unwrap();
        let was = store.shop().till_id;
        drop(store);
        copy(&dir, &aside);
        let store = open(&dir);
        assert!(!guard(&store, &secrets).unwrap(), "it is what it was");
        store
            .redeem(store.new_op(), by(), member, "Free coffee".into())
            .unwrap();
        assert!(!guard(&store, &secrets).unwrap(), "it has come further");
        keep_mark(&store, &secrets).unwrap();
        drop(store);
        put_back(&aside, &dir);
        let store = open(&dir);
        assert_eq!(spendable(&store, member), 100, "as if nothing had been given");
        assert!(guard(&store, &secrets).unwrap());
        drop(store);
        let store = open(&dir);
        assert_ne!(store.shop().till_id, was);
        assert_eq!(spendable(&store, member), 0, "until the relay says what is left");
        assert!(!guard(&store, &secrets).unwrap(), "once");
        assert!(store.renews_over().unwrap());
        drop(store);
        // The same copy once more: of before the till went on.
        put_back(&aside, &dir);
        assert!(guard(&open(&dir), &secrets).unwrap());
    }

    #[test]
    fn another_past_of_the_same_length_is_another_past() {
        let place = tempfile::tempdir().unwrap();
        let (dir, aside) = (place.path().join("till"), place.path().join("aside.db"));
        std::fs::create_dir(&dir).unwrap();
        let (store, member, secrets) = till(&dir);
        drop(store);
        copy(&dir, &aside);
        let store = open(&dir);
        store
            .redeem(store.new_op(), by(), member, "Free coffee".into())
            .unwrap();
        keep_mark(&store, &secrets).unwrap();
        let length = store.own_seq().unwrap();
        drop(store);
        put_back(&aside, &dir);
        let store = open(&dir);
        gives(&store, member, 5);
        assert_eq!(store.own_seq().unwrap(), length);
        assert!(guard(&store, &secrets).unwrap());
    }
}
