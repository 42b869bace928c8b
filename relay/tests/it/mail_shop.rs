//! A shop that sends mail by a server of the tests' own: setting it up, and what its tests look at. The tests are in
//! `mailing` and `mail_sending`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::op::{Body, Private};
use loyalty::{MemberCode, MemberId, ShopId, UtcMs};
use mail_parser::{Message, MessageParser};
use relay::mail::jobs::{self, Job};
use relay::mail::queue::{self, New};
use relay::mail::seal::Key;
use relay::mail::work::{Office, Worker};
use relay::store::Db;
use std::sync::Arc;

use crate::harness::{Place, Relay, until};
use crate::linking::browser;
use crate::smtp::{Mode, PASSWORD, Smtp, USER};
use crate::till::{Till, id};

/// A minute.
pub const MINUTE: i64 = 60_000;
/// The relay's key in these tests.
pub const KEY: [u8; 32] = [7; 32];

/// A shop that sends mail by a server of the tests.
pub struct Shop<'a> {
    pub place: &'a Place,
    pub id: String,
    pub smtp: Smtp,
    pub folder: tempfile::TempDir,
}

impl<'a> Shop<'a> {
    pub fn new(place: &'a Place, mode: Mode) -> Self {
        let (id, _) = place.shop();
        let shop = Self {
            place,
            id,
            smtp: Smtp::start(mode),
            folder: tempfile::tempdir().unwrap(),
        };
        shop.write("key", &URL_SAFE_NO_PAD.encode(KEY));
        shop.write("password", &format!("{PASSWORD}\n"));
        shop.write("ca.pem", &shop.smtp.certificate);
        let security = if mode == Mode::Tls { "tls" } else { "starttls" };
        let (port, password, ca) = (shop.smtp.port.to_string(), shop.file("password"), shop.file("ca.pem"));
        let mut all = vec![
            "--sender",
            "hello@corner.example",
            "--postal",
            "1 Pier Road",
            "--host",
            "localhost",
        ];
        all.extend(["--owner", "owner@corner.example", "--username", USER, "--quiet", "none"]);
        all.extend(["--port", &port, "--security", security]);
        all.extend(["--password-file", &password, "--ca-file", &ca]);
        shop.set(&all).unwrap();
        // By its calendar it could come between, on one morning of a month.
        shop.within(async |db| {
            let id = ShopId(shop.id.parse().unwrap());
            jobs::set(db, id, Job::Summary, None, UtcMs(0)).await.unwrap();
        });
        shop
    }

    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    pub fn set(&self, args: &[&str]) -> Result<String, String> {
        let key = self.file("key");
        let all = [&["--key-file", &key, "mail", "settings", &self.id], args].concat();
        self.place.run(&all)
    }

    pub fn mail(&self, args: &[&str]) -> Result<String, String> {
        let key = self.file("key");
        self.place.run(&[&["--key-file", &key, "mail"], args].concat())
    }

    pub fn serve(&self) -> Relay {
        let key = self.file("key");
        self.place.serve_with(&["--key-file", &key])
    }

    /// A till of today.
    pub fn till(&self, relay: &Relay) -> Till {
        let mut till = Till::pair(relay, &self.place.code(&self.id));
        till.began = now();
        till
    }

    /// A member who said yes at the till.
    pub fn agrees(&self, till: &mut Till, phone: &str, email: &str) -> MemberId {
        let member = MemberId(id());
        let code = MemberCode::from_random(u64::from_be_bytes(member.0.as_bytes()[..8].try_into().unwrap()));
        let code = code.as_str().to_owned();
        let private = Private {
            phone: Some(phone.to_owned()),
            name: Some("Nadia <b>Quill</b>".to_owned()),
            email: Some(email.to_owned()),
            ..Private::default()
        };
        till.does(&Body::MemberEnrolled { member, code }, &private);
        let covers = Some(Vec::new());
        till.does(&Body::ConsentGiven { member, covers }, &Private::default());
        member
    }

    /// How many mails are in a state.
    pub fn count(&self, state: &str) -> i64 {
        self.place
            .number(&format!("SELECT count(*) FROM mails WHERE state = '{state}'"))
    }

    pub fn arrives(&self, to: &str, how_many: usize) -> Vec<u8> {
        until(&format!("{how_many} mails to {to}"), || {
            self.smtp.to(to).len() >= how_many
        });
        self.smtp.to(to).pop().unwrap()
    }

    /// The confirmed state of a member, without a mail.
    pub fn has_confirmed(&self, member: MemberId, email: &str) {
        self.within(async |db| {
            let shop = ShopId(self.id.parse().unwrap());
            let key = relay::mail::settings::get(db, shop).await.unwrap().unwrap().link_key;
            let mut tx = db.begin().await.unwrap();
            let address = relay::mail::token::hidden(&key, email);
            relay::mail::consent::confirm(&mut tx, shop, member, &address, UtcMs(1))
                .await
                .unwrap();
            tx.commit().await.unwrap();
        });
    }

    /// Does something with the database in this process.
    pub fn within<T>(&self, act: impl AsyncFnOnce(&Db) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let db = Db::connect(&self.place.url, 3).await.unwrap();
            let said = act(&db).await;
            db.close().await;
            said
        })
    }

    /// Rounds of one worker at these moments.
    pub fn works(&self, moments: &[i64]) {
        self.within(async |db| {
            let mut worker = Worker::new(office(db, false));
            for now in moments {
                worker.round(UtcMs(*now)).await.unwrap();
            }
            worker.close().await;
        });
    }

    pub fn queues(&self, kind: mail::Kind, member: MemberId, event: &str, due: i64) -> bool {
        self.within(async |db| {
            let mut tx = db.begin().await.unwrap();
            let new = New::to(member, kind, event.to_owned(), UtcMs(due));
            let shop = ShopId(self.id.parse().unwrap());
            let fresh = queue::add(&mut tx, shop, &new, UtcMs(due)).await.unwrap();
            tx.commit().await.unwrap();
            fresh
        })
    }
}

/// What a worker of the tests' own works in.
pub fn office(db: &Db, allow_private: bool) -> Arc<Office> {
    Arc::new(Office {
        db: db.clone(),
        public_url: "https://relay.example.com".into(),
        key: Ok(Key::of(KEY)),
        allow_private,
        lanes: Arc::default(),
    })
}

pub fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// The link in a mail's text that holds `part`, at this relay.
pub fn link(bytes: &[u8], part: &str) -> String {
    let text = read(bytes).body_text(0).unwrap().into_owned();
    let words = text.split_whitespace().find(|word| word.contains(part));
    let link = words.unwrap_or_else(|| panic!("no {part} in {text}"));
    link[link.find("/mail/").unwrap()..].to_owned()
}

pub fn now() -> i64 {
    relay::clock::now().0
}

/// What the tills hear of consent, in order.
pub fn heard(till: &Till) -> Vec<&'static str> {
    till.got
        .iter()
        .filter_map(|(_, _, body, _)| match body {
            Body::ConsentGiven { .. } => Some("given"),
            Body::ConsentWithdrawn { .. } => Some("withdrawn"),
            _ => None,
        })
        .collect()
}

pub fn post(relay: &Relay, path: &str) -> (u16, String) {
    let request = browser().post(format!("{}{path}", relay.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body("List-Unsubscribe=One-Click").send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

/// The relay's address for others, in a message.
pub fn relay_url(raw: &str) -> String {
    let at = raw.find("List-Unsubscribe: <").unwrap() + "List-Unsubscribe: <".len();
    raw[at..at + raw[at..].find("/mail/").unwrap()].to_owned()
}

pub const RULES: &str = "Earn 1 point per $1\nReward 100 points: Free coffee\nReward 500 points: Free lunch\n";

pub fn publishes(till: &mut Till) {
    let body = Body::RulesPublished {
        version: 1,
        text: RULES.to_owned(),
        clock: loyalty::hlc::Hlc(5),
    };
    till.does(&body, &Private::default());
}

/// A shop whose members were asked, but nothing has gone: the relay is off.
pub fn waiting<'a>(place: &'a Place, emails: &[&str]) -> (Shop<'a>, Vec<MemberId>) {
    let shop = Shop::new(place, Mode::Tls);
    shop.set(&["--pause"]).unwrap();
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let agree = |(email, n): (&&str, i64)| shop.agrees(&mut till, &format!("+1619555{n:04}"), email);
    let members = emails.iter().zip(100..).map(agree).collect();
    till.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    assert_eq!(shop.count("queued"), i64::try_from(emails.len()).unwrap());
    shop.set(&["--resume"]).unwrap();
    (shop, members)
}
