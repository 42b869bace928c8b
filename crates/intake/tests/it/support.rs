//! A shop with a clock that is handed in, a server in front of it, and a till that sends.

use intake::{Config, Handle, Intake};
use ledger::{Clock, NewShop, Options, Store, SystemIds};
use loyalty::UtcMs;
use pos::signature::standard::{self, Secret};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::http::{Client, Reply};

/// 2026-11-20 14:05:05 in San Diego.
pub const NOW_MS: i64 = 1_795_212_305_000;

pub const RULES: &str =
    "Earn 1 point per $1\nSkip sales under $2\nHold sales over $500\nReward 100 points: Free coffee, costs $1.20\n";

pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

pub struct Till {
    pub store: Arc<Store>,
    pub clock: Arc<HandClock>,
    pub server: Handle,
    _dir: tempfile::TempDir,
}

/// A secret that only the tests know.
pub fn secret(byte: u8) -> Secret {
    Secret::from_random([byte; 32])
}

/// A shop whose server listens on a free port.
pub fn till() -> Till {
    till_with(|config| config)
}

/// The same, told otherwise.
pub fn till_with(change: impl FnOnce(Config) -> Config) -> Till {
    till_in(tempfile::tempdir().unwrap(), change)
}

/// The same, in a folder that something was done to before.
pub fn till_in(dir: tempfile::TempDir, change: impl FnOnce(Config) -> Config) -> Till {
    let clock = Arc::new(HandClock(AtomicI64::new(NOW_MS)));
    let options = Options {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        busy: Duration::from_millis(200),
    };
    let shop = NewShop {
        name: "Harbour Coffee".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
        till_name: "Till 1".into(),
        rules: RULES.into(),
        owner: None,
    };
    let store = Arc::new(Store::init(dir.path(), &shop, options).unwrap());
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        ..Config::new([secret(1)])
    };
    let server = Intake::start(store.clone(), change(config)).unwrap();
    Till {
        store,
        clock,
        server,
        _dir: dir,
    }
}

impl Till {
    pub fn client(&self) -> Client {
        Client::connect(self.server.addr()).unwrap()
    }

    /// Sends a message with these headers beside its content type.
    pub fn send(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let json = [("content-type", "application/json")];
        let headers = [&json, headers].concat();
        self.client().send("POST", path, &headers, body).unwrap()
    }

    /// Sends a message of our own, rightly signed.
    pub fn signed(&self, path: &str, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        let signed = standard::sign(&[secret(1)], "msg_1", self.store.now(), &body);
        self.send(path, &headers(&signed), &body)
    }

    /// The same, and it must be taken.
    pub fn ok(&self, path: &str, body: &Value) -> Value {
        let reply = self.signed(path, body);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json
    }

    /// The same, and it must be refused with this status and code; answers the error.
    pub fn refused(&self, path: &str, body: &Value, status: u16, code: &str) -> Value {
        let reply = self.signed(path, body);
        assert_eq!(
            (reply.status, &reply.json["error"]["code"]),
            (status, &json!(code)),
            "{reply:?}"
        );
        assert!(reply.json["error"]["message"].as_str().is_some_and(|m| !m.is_empty()));
        reply.json["error"].clone()
    }

    /// Stops the server and waits for it.
    pub fn stop(mut self) {
        self.server.stop();
    }

    /// How many lines the ledger has.
    pub fn lines(&self) -> usize {
        let mut count = 0;
        self.store
            .each_line(|_| {
                count += 1;
                Ok(())
            })
            .unwrap();
        count
    }
}

impl Drop for Till {
    /// Whatever a test did, the log must add up.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let verified = self.store.verify().unwrap();
            assert!(verified.problem.is_none(), "{verified:?}");
        }
    }
}

pub fn headers(signed: &standard::Headers) -> [(&str, &str); 3] {
    [
        (standard::ID_HEADER, &signed.id),
        (standard::TIMESTAMP_HEADER, &signed.timestamp),
        (standard::SIGNATURE_HEADER, &signed.signature),
    ]
}

/// A sale to a member with this number.
pub fn sale(sale_id: &str, phone: &str, total: &str) -> Value {
    json!({"sale_id": sale_id, "phone": phone, "total": total, "occurred_at": "2026-11-20T14:05:00-08:00"})
}

/// `/pointer code` of every field that is wrong.
pub fn fields(error: &Value) -> Vec<String> {
    let fields = error["fields"].as_array().unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    fields
        .iter()
        .map(|f| format!("{} {}", text(&f["pointer"]), text(&f["code"])))
        .collect()
}
