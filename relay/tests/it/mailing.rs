//! Mail to members, from what causes it: asked before it is sent, told once, stopped by one tap, by the till or by a
//! mail program. How it is sent is in `mail_sending`.

use loyalty::UtcMs;
use loyalty::op::{Body, Private};
use loyalty::rules::Move;
use std::path::PathBuf;

use crate::harness::{Place, until};
use crate::linking::browser;
use crate::mail_shop::{Shop, heard, link, now, post, publishes, read, relay_url, waiting};
use crate::on_both;
use crate::smtp::Mode;

on_both! {
    a_member_is_asked_welcomed_and_stops, scanners_that_open_every_link_change_nothing, a_reward_is_told_once,
    old_news_is_none, an_address_is_asked_once, consent_of_before_is_known, erased_is_not_written_to,
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
            400,
            "{wrong}"
        );
        assert_eq!(post(&relay, wrong).0, 400, "{wrong}");
    }
    assert_eq!(place.number("SELECT count(*) FROM ops"), before);
    assert_eq!(place.number("SELECT count(*) FROM mail_confirmed"), 0);
    // And nothing but the question goes out to whoever did not answer it.
    assert!(shop.queues(mail::Kind::Balance, member, "x", now()));
    until("it is cancelled", || shop.count("cancelled") == 1);
    assert_eq!(shop.smtp.received().len(), 1);
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
