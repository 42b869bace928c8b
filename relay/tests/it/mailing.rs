//! Mail, from what causes it to a real server: asked before it is sent, sent once, stopped by one tap, and what is done
//! when the server doesn't take it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::op::{Body, Private};
use loyalty::rules::Move;
use loyalty::{MemberCode, MemberId, ShopId, UtcMs};
use mail_parser::{Message, MessageParser};
use relay::mail::queue::{self, New};
use relay::mail::seal::Key;
use relay::mail::work::Worker;
use relay::store::Db;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::harness::{LOOK_EVERY, PATIENCE, Place, Relay, until};
use crate::linking::browser;
use crate::on_both;
use crate::smtp::{Act, Mode, PASSWORD, Smtp, USER};
use crate::till::{Till, id};

on_both! {
    a_member_is_asked_welcomed_and_stops, scanners_that_open_every_link_change_nothing, a_reward_is_told_once,
    what_the_server_says_decides, a_message_that_may_have_arrived_is_not_sent_again, settings_are_checked_and_sealed,
    quiet_hours_and_the_week_are_kept, an_hour_has_room_for_so_many, old_news_is_none, an_address_is_asked_once,
    consent_of_before_is_known, erased_is_not_written_to,
}

/// A minute.
const MINUTE: i64 = 60_000;
/// The relay's key in these tests.
const KEY: [u8; 32] = [7; 32];

/// A shop that sends mail by a server of the tests.
struct Shop<'a> {
    place: &'a Place,
    id: String,
    smtp: Smtp,
    folder: tempfile::TempDir,
}

impl<'a> Shop<'a> {
    fn new(place: &'a Place, mode: Mode) -> Self {
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
        shop
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn set(&self, args: &[&str]) -> Result<String, String> {
        let key = self.file("key");
        let all = [&["--key-file", &key, "mail", "settings", &self.id], args].concat();
        self.place.run(&all)
    }

    fn mail(&self, args: &[&str]) -> Result<String, String> {
        let key = self.file("key");
        self.place.run(&[&["--key-file", &key, "mail"], args].concat())
    }

    fn serve(&self) -> Relay {
        let key = self.file("key");
        self.place.serve_with(&["--key-file", &key])
    }

    /// A till of today.
    fn till(&self, relay: &Relay) -> Till {
        let mut till = Till::pair(relay, &self.place.code(&self.id));
        till.began = now();
        till
    }

    /// A member who said yes at the till.
    fn agrees(&self, till: &mut Till, phone: &str, email: &str) -> MemberId {
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
    fn count(&self, state: &str) -> i64 {
        self.place
            .number(&format!("SELECT count(*) FROM mails WHERE state = '{state}'"))
    }

    fn arrives(&self, to: &str, how_many: usize) -> Vec<u8> {
        until(&format!("{how_many} mails to {to}"), || {
            self.smtp.to(to).len() >= how_many
        });
        self.smtp.to(to).pop().unwrap()
    }

    /// The confirmed state of a member, without a mail.
    fn has_confirmed(&self, member: MemberId, email: &str) {
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
    fn within<T>(&self, act: impl AsyncFnOnce(&Db) -> T) -> T {
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
    fn works(&self, moments: &[i64]) {
        self.within(async |db| {
            let mut worker = Worker::new(
                db.clone(),
                "https://relay.example.com".into(),
                Arc::new(Ok(Key::of(KEY))),
            );
            for now in moments {
                worker.round(UtcMs(*now)).await.unwrap();
            }
            worker.close().await;
        });
    }

    fn queues(&self, kind: mail::Kind, member: MemberId, event: &str, due: i64) -> bool {
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

fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}

/// The link in a mail's text that holds `part`, at this relay.
fn link(bytes: &[u8], part: &str) -> String {
    let text = read(bytes).body_text(0).unwrap().into_owned();
    let words = text.split_whitespace().find(|word| word.contains(part));
    let link = words.unwrap_or_else(|| panic!("no {part} in {text}"));
    link[link.find("/mail/").unwrap()..].to_owned()
}

fn now() -> i64 {
    relay::clock::now().0
}

/// What the tills hear of consent, in order.
fn heard(till: &Till) -> Vec<&'static str> {
    till.got
        .iter()
        .filter_map(|(_, _, body, _)| match body {
            Body::ConsentGiven { .. } => Some("given"),
            Body::ConsentWithdrawn { .. } => Some("withdrawn"),
            _ => None,
        })
        .collect()
}

fn post(relay: &Relay, path: &str) -> (u16, String) {
    let request = browser().post(format!("{}{path}", relay.url));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body("List-Unsubscribe=One-Click").send().unwrap();
    (answer.status().as_u16(), answer.text().unwrap())
}

fn a_member_is_asked_welcomed_and_stops(place: &Place) {
    let shop = Shop::new(place, Mode::Starttls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.syncs(&relay).unwrap();
    let asked = shop.arrives("nadia@example.com", 1);
    let message = read(&asked);
    assert_eq!(message.subject(), Some("May we write to you?"));
    assert_eq!(
        message.from().unwrap().first().unwrap().address(),
        Some("hello@corner.example")
    );
    assert!(message.header("List-Unsubscribe").is_none());
    assert!(!message.body_html(0).unwrap().contains("<b>Quill"));
    let confirm = link(&asked, "/mail/confirm?t=");
    // Looking changes nothing; the button does, and twice is once.
    let page = browser()
        .get(format!("{}{confirm}", relay.url))
        .send()
        .unwrap()
        .text()
        .unwrap();
    assert!(
        page.contains("<form method=\"post\"") && !page.contains("<script"),
        "{page}"
    );
    till.syncs(&relay).unwrap();
    assert!(heard(&till).is_empty());
    assert!(post(&relay, &confirm).1.contains("You get mail from us from now on"));
    assert_eq!(post(&relay, &confirm).0, 200);
    let welcome = shop.arrives("nadia@example.com", 2);
    assert_eq!(read(&welcome).subject(), Some("Welcome to Corner"));
    let raw = String::from_utf8(welcome.clone()).unwrap();
    assert!(
        raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
        "{raw}"
    );
    let stop = link(&welcome, "/mail/stop?t=");
    assert!(
        raw.contains(&format!("List-Unsubscribe: <{}{stop}>\r\n", relay_url(&raw))),
        "{raw}"
    );
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["given"]);
    // A mail program's own POST; and again, which changes nothing more.
    assert_eq!(post(&relay, &stop).0, 200);
    assert!(post(&relay, &stop).1.contains("no more mail"));
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["given", "withdrawn"]);
    // The old link to say yes does not undo it.
    assert!(post(&relay, &confirm).1.contains("You stopped the mail since"));
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till), ["given", "withdrawn"]);
    assert_eq!(shop.smtp.to("nadia@example.com").len(), 2);
    until("it is counted", || {
        relay.counted("regulars_relay_mails_total{what=\"sent\"}") >= 2.0
    });
}

/// The relay's address for others, in a message.
fn relay_url(raw: &str) -> String {
    let at = raw.find("List-Unsubscribe: <").unwrap() + "List-Unsubscribe: <".len();
    raw[at..at + raw[at..].find("/mail/").unwrap()].to_owned()
}

fn scanners_that_open_every_link_change_nothing(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.syncs(&relay).unwrap();
    let asked = shop.arrives("nadia@example.com", 1);
    let before = place.number("SELECT count(*) FROM ops");
    let path = link(&asked, "/mail/confirm?t=");
    let http = browser();
    for _ in 0..3 {
        assert_eq!(http.get(format!("{}{path}", relay.url)).send().unwrap().status(), 200);
        assert!(
            http.head(format!("{}{path}", relay.url))
                .send()
                .unwrap()
                .status()
                .is_success()
        );
    }
    // Links that were made up, cut off, or are for something else.
    let stop = path.replace("/confirm", "/stop");
    for wrong in [
        &stop,
        &path[..path.len() - 1],
        "/mail/stop",
        "/mail/stop?t=",
        "/mail/confirm?t=AAAA",
    ] {
        assert_eq!(
            http.get(format!("{}{wrong}", relay.url)).send().unwrap().status(),
            404,
            "{wrong}"
        );
        assert_eq!(post(&relay, wrong).0, 404, "{wrong}");
    }
    assert_eq!(place.number("SELECT count(*) FROM ops"), before);
    assert_eq!(place.number("SELECT count(*) FROM mail_confirmed"), 0);
    // And nothing but the question goes out to whoever did not answer it.
    assert!(shop.queues(mail::Kind::Balance, member, "x", now()));
    until("it is cancelled", || shop.count("cancelled") == 1);
    assert_eq!(shop.smtp.received().len(), 1);
}

const RULES: &str = "Earn 1 point per $1\nReward 100 points: Free coffee\nReward 500 points: Free lunch\n";

fn publishes(till: &mut Till) {
    let body = Body::RulesPublished {
        version: 1,
        text: RULES.to_owned(),
        clock: loyalty::hlc::Hlc(5),
    };
    till.does(&body, &Private::default());
}

fn a_reward_is_told_once(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    publishes(&mut till);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.syncs(&relay).unwrap();
    shop.has_confirmed(member, "nadia@example.com");
    till.sells("a", Some(member), 60, Move::Add);
    till.syncs(&relay).unwrap();
    assert_eq!(
        place.number("SELECT count(*) FROM mails WHERE kind = 'reward_earned'"),
        0
    );
    till.sells("b", Some(member), 60, Move::Add);
    let again = till.request();
    till.syncs(&relay).unwrap();
    let told = || place.number("SELECT count(*) FROM mails WHERE kind = 'reward_earned' AND state = 'sent'");
    until("it is told", || told() == 1);
    let all = shop.smtp.to("nadia@example.com");
    let told_of: Vec<_> = all
        .iter()
        .filter(|bytes| read(bytes).subject() == Some("You have earned: Free coffee"))
        .collect();
    assert_eq!(told_of.len(), 1);
    assert!(read(told_of[0]).body_text(0).unwrap().contains("You have 120 points"));
    // The same page again, and more points below the next reward: nothing new to tell.
    till.send(&relay, &again).unwrap();
    till.sells("c", Some(member), 10, Move::Add);
    till.syncs(&relay).unwrap();
    assert_eq!(
        place.number("SELECT count(*) FROM mails WHERE kind = 'reward_earned'"),
        1
    );
}

/// A shop whose members were asked, but nothing has gone: the relay is off.
fn waiting<'a>(place: &'a Place, emails: &[&str]) -> (Shop<'a>, Vec<MemberId>) {
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

fn what_the_server_says_decides(place: &Place) {
    let emails = [
        "fine@example.com",
        "later@example.com",
        "nobody@example.com",
        "full@example.com",
        "gone@example.com",
    ];
    let (shop, _) = waiting(place, &emails);
    shop.smtp.will(
        "later@example.com",
        &[
            Act::Refuse("451 4.3.0 try later"),
            Act::RefuseMessage("452 4.2.2 still not"),
        ],
    );
    shop.smtp.will(
        "nobody@example.com",
        &[Act::Refuse("550 5.1.1 <nobody@example.com>: unknown")],
    );
    shop.smtp
        .will("full@example.com", &[Act::RefuseMessage("554 5.7.1 we don't like it")]);
    shop.smtp.will("gone@example.com", &[Act::HangUpBefore]);
    let t = now() + 1000;
    shop.works(&[t]);
    assert_eq!(
        (shop.count("sent"), shop.count("failed"), shop.count("queued")),
        (1, 2, 2)
    );
    let why = place.texts("SELECT why FROM mails WHERE state = 'failed' ORDER BY why");
    // The server's digits, never its words: those can hold the address.
    assert_eq!(why, ["550 5.1.1", "554 5.7.1"]);
    assert_eq!(place.texts("SELECT why FROM mail_suppressed"), ["bounced"]);
    // Not before its time, then again, each time a little later.
    shop.works(&[t + MINUTE / 2]);
    assert_eq!(shop.count("sent"), 1);
    shop.works(&[t + MINUTE + 1000]);
    assert_eq!((shop.count("sent"), shop.count("queued")), (2, 1));
    shop.works(&[t + 2 * MINUTE, t + 7 * MINUTE]);
    assert_eq!((shop.count("sent"), shop.count("failed")), (3, 2));
    for email in ["fine@example.com", "later@example.com", "gone@example.com"] {
        assert_eq!(shop.smtp.to(email).len(), 1, "{email}");
    }
    let listed = shop.place.command(&["mail", "queue", &shop.id, "--json"]);
    assert_eq!(listed["counts"], serde_json::json!({"failed": 2, "sent": 3}));
}

fn a_message_that_may_have_arrived_is_not_sent_again(place: &Place) {
    let (shop, _) = waiting(place, &["half@example.com", "held@example.com"]);
    shop.smtp.will("half@example.com", &[Act::HangUpAfter]);
    shop.smtp.will("held@example.com", &[Act::Hold]);
    // A relay that is killed while the server has the message and has not answered.
    let mut relay = shop.serve();
    shop.arrives("half@example.com", 1);
    shop.arrives("held@example.com", 1);
    relay.kill();
    shop.smtp.let_go();
    until("one is told unknown", || shop.count("unknown") == 1);
    assert_eq!(shop.count("sending"), 1);
    // Whoever comes after it leaves both alone, for as long as it takes.
    let other = shop.serve();
    let t = now();
    shop.works(&[t + MINUTE, t + 60 * MINUTE, t + 5 * UtcMs::DAY_MS]);
    let given_up = shop.within(async |db| queue::give_up_lost(db, UtcMs(t + 60 * MINUTE)).await.unwrap());
    assert_eq!((given_up, shop.count("unknown")), (1, 2));
    shop.works(&[t + 6 * UtcMs::DAY_MS]);
    drop(other);
    assert_eq!(shop.smtp.received().len(), 2);
    let listed = shop.mail(&["queue", &shop.id]).unwrap();
    assert!(listed.contains("2 unknown"), "{listed}");
}

fn settings_are_checked_and_sealed(place: &Place) {
    let shop = Shop::new(place, Mode::Starttls);
    // The password is nowhere in what is stored or shown.
    let shown = shop.set(&["--json"]).unwrap();
    assert!(
        !shown.contains(PASSWORD) && shown.contains("\"username\":\"shop\""),
        "{shown}"
    );
    let tested = shop.mail(&["test", &shop.id]).unwrap();
    assert!(tested.contains("owner@corner.example"), "{tested}");
    let bytes = shop.arrives("owner@corner.example", 1);
    assert_eq!(read(&bytes).subject(), Some("A test from Corner"));
    // Another name or server must not get this password.
    let said = shop.set(&["--username", "other"]).unwrap_err();
    assert!(said.contains("belong together"), "{said}");
    assert!(
        shop.set(&["--sender", "nonsense"])
            .unwrap_err()
            .contains("not an email address")
    );
    assert!(shop.set(&["--quiet", "later"]).unwrap_err().contains("21:00-09:00"));
    shop.write("wrong", "not it");
    shop.set(&["--password-file", &shop.file("wrong")]).unwrap();
    let said = shop.mail(&["test", &shop.id]).unwrap_err();
    assert!(
        said.contains("refused the name or the password (535)") && shop.smtp.refused_names() == 1,
        "{said}"
    );
    // Without TLS nothing goes to another machine, nor to one that is not who it says.
    shop.set(&["--security", "none", "--host", "mail.example.com", "--username", ""])
        .unwrap();
    assert!(shop.mail(&["test", &shop.id]).unwrap_err().contains("Without TLS"));
    let port = shop.smtp.port.to_string();
    shop.set(&["--security", "starttls", "--host", "127.0.0.1", "--port", &port])
        .unwrap();
    assert!(shop.mail(&["test", &shop.id]).unwrap_err().contains("can't be reached"));
    // The voice.
    shop.write("voice", "[balance]\nSubject: Hi\n\nYou have {{ balanse }}.\n");
    let said = shop
        .mail(&["voice", "publish", &shop.id, &shop.file("voice")])
        .unwrap_err();
    assert!(
        said.contains("Line 4, column 10") && said.contains("Did you mean `balance`?"),
        "{said}"
    );
    shop.write("voice", "[balance]\nSubject: Hi\n\nYou have {{ balance }}.\n");
    let publish = ["voice", "publish", &shop.id, &shop.file("voice"), "--json"];
    assert_eq!(shop.mail(&publish).unwrap().trim(), "{\"version\":1}");
    assert_eq!(shop.mail(&publish).unwrap().trim(), "{\"version\":1}");
    let preview = shop.mail(&["preview", &shop.id, "balance"]).unwrap();
    assert!(preview.starts_with("Subject: Hi\n\nYou have 120."), "{preview}");
    shop.write("voice", "[balance]\nSubject: Hey\n\nx\n");
    assert_eq!(shop.mail(&publish).unwrap().trim(), "{\"version\":2}");
    assert!(
        shop.mail(&["voice", "rollback", &shop.id, "1"])
            .unwrap()
            .contains("Version 3")
    );
    assert!(
        shop.mail(&["voice", "show", &shop.id])
            .unwrap()
            .contains("Subject: Hi\n")
    );
}

fn quiet_hours_and_the_week_are_kept(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com", "bea@example.com"]);
    shop.within(async |db| {
        queue::stop(db, ShopId(shop.id.parse().unwrap()), None, UtcMs(1))
            .await
            .unwrap()
    });
    for (member, email) in members.iter().zip(["nadia@example.com", "bea@example.com"]) {
        shop.has_confirmed(*member, email);
    }
    shop.set(&["--quiet", "21:00-09:00", "--per-week", "2"]).unwrap();
    // 2 November 2030, 20:59 in Los Angeles; the night after it, clocks go back.
    let evening = chrono::DateTime::parse_from_rfc3339("2030-11-02T20:59:00-07:00")
        .unwrap()
        .timestamp_millis();
    let day = |n: i64| evening + n * UtcMs::DAY_MS;
    for (n, event) in ["1", "2", "3"].iter().enumerate() {
        let n = i64::try_from(n).unwrap();
        assert!(shop.queues(mail::Kind::Balance, members[0], event, day(n)));
        assert!(!shop.queues(mail::Kind::Balance, members[0], event, day(n)));
    }
    assert!(shop.queues(mail::Kind::WeMissYou, members[1], "1", evening + MINUTE));
    shop.works(&[evening, evening + MINUTE]);
    assert_eq!((shop.count("sent"), shop.count("queued")), (1, 3));
    let due = "SELECT max(due_at) FROM mails WHERE why = 'quiet'";
    let morning = chrono::DateTime::parse_from_rfc3339("2030-11-03T09:00:00-08:00")
        .unwrap()
        .timestamp_millis();
    assert_eq!(place.number(due), morning);
    // It waits for the morning; if it is not wanted by then, it is not sent.
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    till.does(&Body::ConsentWithdrawn { member: members[1] }, &Private::default());
    till.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    shop.works(&[morning - 1]);
    assert_eq!(shop.count("queued"), 3);
    shop.works(&[morning]);
    assert_eq!((shop.count("sent"), shop.smtp.to("bea@example.com").len()), (1, 0));
    assert!(
        place
            .texts("SELECT why FROM mails WHERE state = 'cancelled'")
            .contains(&"no_consent".to_owned())
    );
    // Two a week to one person are enough; after a week there is room again.
    shop.works(&[day(1) - 60 * MINUTE, day(1), day(1) + 60 * MINUTE, day(2) + 60 * MINUTE]);
    shop.works(&[day(3)]);
    assert_eq!(shop.smtp.to("nadia@example.com").len(), 2);
    assert!(
        place
            .texts("SELECT why FROM mails WHERE state = 'cancelled'")
            .contains(&"enough_this_week".to_owned())
    );
    assert!(shop.queues(mail::Kind::Balance, members[0], "later", day(9)));
    shop.works(&[day(9)]);
    assert_eq!(shop.smtp.to("nadia@example.com").len(), 3);
}

fn an_hour_has_room_for_so_many(place: &Place) {
    let emails: Vec<String> = (0..5).map(|n| format!("m{n}@example.com")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    let (shop, _) = waiting(place, &emails);
    shop.set(&["--per-hour", "2"]).unwrap();
    let hour = (now() / (60 * MINUTE) + 2) * 60 * MINUTE;
    shop.works(&[hour, hour + 1, hour + 59 * MINUTE]);
    assert_eq!(shop.smtp.received().len(), 2);
    shop.works(&[hour + 60 * MINUTE, hour + 61 * MINUTE]);
    assert_eq!(shop.smtp.received().len(), 4);
    shop.works(&[hour + 120 * MINUTE]);
    assert_eq!((shop.smtp.received().len(), shop.count("sent")), (5, 5));
}

fn old_news_is_none(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    // As if the till had been away for two days with all of it.
    let mut till = shop.till(&relay);
    till.began = now() - 2 * UtcMs::DAY_MS;
    publishes(&mut till);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.sells("a", Some(member), 150, Move::Add);
    till.syncs(&relay).unwrap();
    assert_eq!(place.number("SELECT count(*) FROM mails"), 0);
    assert_eq!(place.number("SELECT count(*) FROM consents"), 1);
}

fn an_address_is_asked_once(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    // Somebody types a stranger's address with one number after the other.
    for n in 0..4 {
        shop.agrees(
            &mut till,
            &format!("+1619555010{n}"),
            if n % 2 == 0 {
                "victim@example.com"
            } else {
                "VICTIM@example.com"
            },
        );
        till.syncs(&relay).unwrap();
    }
    shop.arrives("victim@example.com", 1);
    assert_eq!(place.number("SELECT count(*) FROM mails"), 1);
}

fn consent_of_before_is_known(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.does(&Body::ConsentWithdrawn { member }, &Private::default());
    till.does(&Body::ConsentGiven { member, covers: None }, &Private::default());
    till.syncs(&relay).unwrap();
    let all = "SELECT CAST(given AS TEXT) || ' ' || CAST(origin_seq AS TEXT) || ' ' || coalesce(covers, '-') FROM consents ORDER BY origin_seq";
    let noted = place.texts(all);
    assert_eq!(noted.len(), 3);
    // What the migration makes of a log that was there before it is what is noted as operations come.
    let migration =
        std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations/relay/0007_mail.sql"));
    let migration = migration.unwrap();
    let dialect = if place.url.starts_with("sqlite") {
        "-- only sqlite"
    } else {
        "-- only postgres"
    };
    let part = migration
        .split(dialect)
        .nth(1)
        .unwrap()
        .split("-- end")
        .next()
        .unwrap()
        .to_owned();
    shop.within(async |db| {
        db.run("DELETE FROM consents", &[]).await.unwrap();
        db.run(&part, &[]).await.unwrap();
    });
    assert_eq!(place.texts(all), noted);
    let members =
        "SELECT count(*) FROM consents c JOIN members m ON m.shop_id = c.shop_id AND m.member_id = c.member_id";
    assert_eq!(place.number(members), 3);
}

fn erased_is_not_written_to(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com"]);
    shop.set(&["--pause"]).unwrap();
    let relay = shop.serve();
    let mut till = shop.till(&relay);
    till.does(&Body::MemberErased { member: members[0] }, &Private::default());
    till.syncs(&relay).unwrap();
    shop.set(&["--resume"]).unwrap();
    until("it is cancelled", || shop.count("cancelled") == 1);
    assert_eq!(place.texts("SELECT why FROM mails"), ["erased"]);
    assert!(shop.smtp.received().is_empty());
    // Nothing in the tables of mail holds an address or a name.
    assert_eq!(
        place.number(
            "SELECT count(*) FROM mails WHERE said LIKE '%nadia%' OR recipient LIKE '%nadia%' OR event LIKE '%nadia%'"
        ),
        0
    );
}

/// Three relays on one PostgreSQL, killed again and again while they send: no mail arrives twice, and each that arrived
/// or may have is known as such.
#[test]
fn relays_that_are_killed_send_each_mail_once() {
    let Some(place) = Place::postgres() else {
        return;
    };
    let emails: Vec<String> = (0..120).map(|n| format!("m{n}@example.com")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    let (shop, _) = waiting(&place, &emails);
    let mut relays: Vec<Relay> = (0..3).map(|_| shop.serve()).collect();
    let mut killed = 0;
    while shop.count("queued") > 0 {
        let (before, began) = (shop.smtp.received().len(), Instant::now());
        // What a killed relay had claimed waits until the claim runs out.
        while shop.smtp.received().len() < before + 7 && shop.count("queued") > 0 {
            assert!(began.elapsed() < 6 * PATIENCE, "nothing more goes out");
            std::thread::sleep(LOOK_EVERY);
        }
        if killed < 9 {
            relays[killed % 3].kill();
            relays[killed % 3] = shop.serve();
            killed += 1;
        }
    }
    assert!(killed >= 3, "only {killed} were killed");
    for relay in relays {
        assert!(relay.stop().0);
    }
    let (sent, in_doubt) = (shop.count("sent"), shop.count("sending") + shop.count("unknown"));
    let arrived = shop.smtp.received();
    let mut ids: Vec<String> = arrived
        .iter()
        .map(|one| read(&one.bytes).message_id().unwrap().to_owned())
        .collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all, "a mail arrived twice");
    assert_eq!(sent + in_doubt, i64::try_from(emails.len()).unwrap());
    let arrived = i64::try_from(all).unwrap();
    assert!(
        (sent..=sent + in_doubt).contains(&arrived),
        "{sent} sent, {in_doubt} in doubt, {arrived} arrived"
    );
    eprintln!("{killed} relays killed: {sent} sent, {in_doubt} in doubt, {arrived} arrived, none twice");
}
