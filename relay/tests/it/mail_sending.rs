//! Sending mail: what is done when the server doesn't take it, or the relay dies; quiet hours, rates, settings.

use loyalty::op::{Body, Private};
use loyalty::{ShopId, UtcMs};
use relay::mail::queue::{self};
use std::time::Instant;

use crate::harness::{LOOK_EVERY, PATIENCE, Place, Relay, until};
use crate::mail_shop::{MINUTE, Shop, now, read, waiting};
use crate::on_both;
use crate::smtp::{Act, Mode, PASSWORD};

on_both! {
    what_the_server_says_decides, a_message_that_may_have_arrived_is_not_sent_again, settings_are_checked_and_sealed,
    a_server_that_is_away_is_asked_once_for_all, quiet_hours_and_the_week_are_kept, an_hour_has_room_for_so_many,
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
    let (shop, members) = waiting(place, &["half@example.com", "held@example.com"]);
    // One after the other: whoever waits for an answer sends nothing else.
    shop.within(async |db| {
        let later = "UPDATE mails SET due_at = due_at + 1 WHERE member_id = $1";
        db.run(later, &[(&members[1].0).into()]).await.unwrap();
    });
    shop.smtp.will("half@example.com", &[Act::HangUpAfter]);
    shop.smtp.will("held@example.com", &[Act::Hold]);
    // A relay that is killed while the server has the message and has not answered.
    let mut relay = shop.serve();
    shop.arrives("half@example.com", 1);
    shop.arrives("held@example.com", 1);
    until("one is told unknown", || shop.count("unknown") == 1);
    relay.kill();
    shop.smtp.let_go();
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

fn a_server_that_is_away_is_asked_once_for_all(place: &Place) {
    let (shop, _) = waiting(place, &["a@example.com", "b@example.com", "c@example.com"]);
    // Nobody listens there.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (here, away) = (
        shop.smtp.port.to_string(),
        free.local_addr().unwrap().port().to_string(),
    );
    drop(free);
    shop.set(&["--port", &away]).unwrap();
    let t = now() + 1000;
    shop.works(&[t, t + 1000]);
    assert_eq!(place.texts("SELECT why FROM mails"), ["line", "line", "line"]);
    assert_eq!(place.number("SELECT count(*) FROM mails WHERE attempts = 1"), 3);
    let listed = shop.place.command(&["mail", "queue", &shop.id, "--json"]);
    assert!(
        listed["problem"].as_str().unwrap().contains("can't be reached"),
        "{listed}"
    );
    shop.set(&["--port", &here]).unwrap();
    shop.works(&[t + 2 * MINUTE]);
    assert_eq!((shop.count("sent"), shop.smtp.received().len()), (3, 3));
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
