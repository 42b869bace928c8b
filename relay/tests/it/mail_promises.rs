//! What every shop's mail keeps: where the shop is in its foot, a way to stop it for as long as it lies in a mailbox, its
//! own server apart from other shops', and that a queue which is stuck is seen.

use loyalty::UtcMs;

use crate::harness::{Place, Relay, until};
use crate::linking::browser;
use crate::mail_shop::{MINUTE, Shop, heard, link, now, post, read, waiting};
use crate::on_both;
use crate::smtp::{Act, Mode};

on_both! {
    a_stuck_queue_is_seen, where_the_shop_is_stands_in_both_parts, a_mail_is_stopped_after_61_days,
    a_shops_server_is_its_own, a_broken_server_holds_no_other_shop_up,
    what_was_tried_for_three_days_has_failed,
}

/// What a gauge stands at; none before it was set.
fn gauge(relay: &Relay, name: &str) -> Option<f64> {
    let text = browser().get(format!("{}/metrics", relay.url)).send().unwrap();
    let text = text.text().unwrap();
    let line = text.lines().find(|line| line.split(' ').next() == Some(name))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

const WAITING: &str = "regulars_relay_mails_waiting";
const OLDEST: &str = "regulars_relay_mail_oldest_seconds";

/// What a relay that was just started says of the queue.
fn seen_by_a_new(shop: &Shop<'_>) -> (f64, f64) {
    let relay = shop.serve();
    until("it has looked", || gauge(&relay, OLDEST).is_some());
    let seen = (gauge(&relay, WAITING).unwrap(), gauge(&relay, OLDEST).unwrap());
    assert!(relay.stop().0);
    seen
}

/// A port at which nobody answers, for as long as this is held: whoever comes is hung up on.
struct Broken(u16);

impl Broken {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        // It ends with the tests.
        std::thread::spawn(move || listener.incoming().for_each(drop));
        Self(port)
    }

    fn port(&self) -> String {
        self.0.to_string()
    }
}

fn a_stuck_queue_is_seen(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com", "bea@example.com"]);
    let right = shop.smtp.port.to_string();
    shop.set(&["--port", &Broken::new().port()]).unwrap();
    // They should have gone an hour ago; the server was away then, and at each attempt since.
    let then = now() - 60 * MINUTE;
    shop.within(async |db| {
        let sql = "UPDATE mails SET due_at = $1, created_at = $1";
        db.run(sql, &[then.into()]).await.unwrap();
    });
    shop.works(&[then, then + MINUTE, then + 6 * MINUTE, then + 21 * MINUTE]);
    assert_eq!(
        place.number("SELECT count(*) FROM mails WHERE attempts = 4 AND why = 'line'"),
        2
    );
    let later = format!("SELECT count(*) FROM mails WHERE due_at > {}", now());
    assert_eq!(place.number(&later), 2, "they wait for the next attempt");
    // One for the morning is as it should be.
    assert!(shop.queues(mail::Kind::Balance, members[0], "x", now() + 60 * MINUTE));
    let (mails, oldest) = seen_by_a_new(&shop);
    assert!((mails - 2.0).abs() < 0.5, "{mails}");
    assert!(oldest >= 3600.0, "{oldest}");
    // Once they have gone, it says so.
    shop.set(&["--port", &right]).unwrap();
    shop.works(&[then + 81 * MINUTE]);
    assert_eq!((shop.count("sent"), shop.count("queued")), (2, 1));
    let (mails, oldest) = seen_by_a_new(&shop);
    assert!(mails.abs() < 0.5 && oldest.abs() < 0.5, "{mails} {oldest}");
}

fn where_the_shop_is_stands_in_both_parts(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com"]);
    shop.set(&["--postal", "7 Quay & Main, San Diego CA 92101"]).unwrap();
    shop.has_confirmed(members[0], "nadia@example.com");
    let t = now() + 1000;
    for (n, kind) in (0_i64..).zip([mail::Kind::Welcome, mail::Kind::Balance, mail::Kind::WeMissYou]) {
        assert!(shop.queues(kind, members[0], "x", t + n));
    }
    shop.works(&[t + MINUTE]);
    let sent = shop.smtp.to("nadia@example.com");
    assert_eq!(sent.len(), 3);
    for bytes in &sent {
        let message = read(bytes);
        let (text, html) = (message.body_text(0).unwrap(), message.body_html(0).unwrap());
        assert!(
            text.trim_end()
                .lines()
                .rev()
                .take(6)
                .any(|line| line.contains("7 Quay & Main, San Diego CA 92101")),
            "{text}"
        );
        assert!(html.contains("7 Quay &amp; Main, San Diego CA 92101"), "{html}");
        assert!(!text.contains("1 Pier Road") && !html.contains("1 Pier Road"));
    }
    // The question has it too, as does whatever goes to a member.
    let empty = place.another();
    let (shop, _) = waiting(&empty, &["nadia@example.com"]);
    shop.works(&[now() + 1000]);
    let asked = shop.arrives("nadia@example.com", 1);
    let message = read(&asked);
    assert!(message.body_text(0).unwrap().contains("1 Pier Road"));
    assert!(message.body_html(0).unwrap().contains("1 Pier Road"));
}

fn a_mail_is_stopped_after_61_days(place: &Place) {
    let (shop, members) = waiting(place, &["nadia@example.com"]);
    shop.has_confirmed(members[0], "nadia@example.com");
    // Queued, sent and dated by the clock of then.
    let then = now() - 61 * UtcMs::DAY_MS;
    assert!(shop.queues(mail::Kind::Balance, members[0], "x", then));
    shop.works(&[then]);
    let sent = shop.arrives("nadia@example.com", 1);
    assert_eq!(read(&sent).date().unwrap().to_timestamp(), then / 1000);
    let stop = link(&sent, "/mail/stop?t=");
    // Today's relay, which has looked through its tables by then.
    let relay = shop.serve();
    until("it has looked", || gauge(&relay, WAITING).is_some());
    let mut till = shop.till(&relay);
    let page = browser().get(format!("{}{stop}", relay.url)).send().unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().unwrap().contains("<form method=\"post\""));
    till.syncs(&relay).unwrap();
    assert!(!heard(&till).contains(&"withdrawn"));
    // By the mail program's own POST.
    assert_eq!(post(&relay, &stop).0, 200);
    till.syncs(&relay).unwrap();
    assert_eq!(heard(&till).last(), Some(&"withdrawn"));
    assert!(shop.queues(mail::Kind::Balance, members[0], "y", now()));
    let cancelled = "SELECT count(*) FROM mails WHERE event = 'y' AND state = 'cancelled' AND why = 'no_consent'";
    until("nothing more goes there", || place.number(cancelled) == 1);
    assert_eq!(shop.smtp.to("nadia@example.com").len(), 1);
}

/// A second shop beside the first, at another server and by another name.
pub fn beside<'a>(place: &'a Place) -> (Shop<'a>, Shop<'a>) {
    let (one, other) = (Shop::new(place, Mode::Tls), Shop::new(place, Mode::Starttls));
    other
        .set(&["--sender", "ciao@pier.example", "--postal", "2 Quay Street"])
        .unwrap();
    (one, other)
}

/// How many mails of a shop are in a state.
pub fn of(shop: &Shop<'_>, state: &str) -> i64 {
    let id = loyalty::ShopId(shop.id.parse().unwrap());
    shop.within(async |db| {
        let sql = "SELECT count(*) FROM mails WHERE shop_id = $1 AND state = $2";
        let row = db.first(sql, &[(&id.0).into(), state.into()]).await.unwrap();
        row.unwrap().int(0).unwrap()
    })
}

fn sender(bytes: &[u8]) -> String {
    let message = read(bytes);
    message.from().unwrap().first().unwrap().address().unwrap().to_owned()
}

fn a_shops_server_is_its_own(place: &Place) {
    let (one, other) = beside(place);
    one.smtp.will("nadia@example.com", &[Act::Refuse("550 5.1.1 unknown")]);
    let relay = one.serve();
    let (mut here, mut there) = (one.till(&relay), other.till(&relay));
    // The same people are members of both.
    for (phone, email) in [
        ("+16195550123", "nadia@example.com"),
        ("+16195550124", "bea@example.com"),
    ] {
        one.agrees(&mut here, phone, email);
        other.agrees(&mut there, phone, email);
    }
    here.syncs(&relay).unwrap();
    there.syncs(&relay).unwrap();
    let (mine, theirs) = (one.arrives("bea@example.com", 1), other.arrives("bea@example.com", 1));
    assert_eq!(
        (sender(&mine).as_str(), sender(&theirs).as_str()),
        ("hello@corner.example", "ciao@pier.example")
    );
    // An address that one shop's server knows nothing of is as good as before at the other's.
    other.arrives("nadia@example.com", 1);
    until("one was refused", || of(&one, "failed") == 1);
    until("the other's were taken", || of(&other, "sent") == 2);
    assert_eq!((one.smtp.received().len(), other.smtp.received().len()), (1, 2));
    assert!(
        other
            .smtp
            .received()
            .iter()
            .all(|one| sender(&one.bytes) == "ciao@pier.example")
    );
    assert_eq!(place.number("SELECT count(*) FROM mail_suppressed"), 1);
    let stop = link(&theirs, "/mail/confirm?t=");
    // Nor is a yes to one a yes to the other.
    assert_eq!(post(&relay, &stop).0, 200);
    other.arrives("bea@example.com", 2);
    here.syncs(&relay).unwrap();
    there.syncs(&relay).unwrap();
    assert_eq!((heard(&here), heard(&there)), (vec![], vec!["given"]));
    assert_eq!(place.number("SELECT count(*) FROM mail_confirmed"), 1);
}

fn a_broken_server_holds_no_other_shop_up(place: &Place) {
    let (one, other) = beside(place);
    let right = one.smtp.port.to_string();
    one.set(&["--port", &Broken::new().port()]).unwrap();
    for shop in [&one, &other] {
        shop.set(&["--pause"]).unwrap();
    }
    let relay = one.serve();
    let (mut here, mut there) = (one.till(&relay), other.till(&relay));
    // More than a worker takes at once, and all of it before the other shop's.
    let mails = 25;
    for n in 0..mails {
        one.agrees(&mut here, &format!("+1619555{n:04}"), &format!("m{n}@example.com"));
    }
    here.syncs(&relay).unwrap();
    other.agrees(&mut there, "+16195550123", "bea@example.com");
    there.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    for shop in [&one, &other] {
        shop.set(&["--resume"]).unwrap();
    }
    let t = now() + 1000;
    // Asked once, and then it is the other's turn.
    one.works(&[t, t + 1]);
    assert_eq!(
        (of(&one, "queued"), of(&one, "sent"), of(&other, "sent")),
        (mails, 0, 1)
    );
    assert_eq!(other.smtp.to("bea@example.com").len(), 1);
    let put_off = "SELECT count(*) FROM mails WHERE state = 'queued' AND why = 'line' AND attempts = 1";
    assert_eq!(place.number(put_off), mails);
    let problem = |shop: &Shop<'_>| place.command(&["mail", "queue", &shop.id, "--json"])["problem"].clone();
    assert!(problem(&one).is_string() && problem(&other).is_null());
    // A little longer each time, for all of them alike; and once it is back, nothing was lost and nothing goes twice.
    one.works(&[t + MINUTE, t + MINUTE + 1]);
    let put_off = "SELECT count(*) FROM mails WHERE state = 'queued' AND attempts = 2";
    assert_eq!(place.number(put_off), mails);
    one.set(&["--port", &right]).unwrap();
    let back = t + 7 * MINUTE;
    one.works(&[back, back + 1, back + 2]);
    let mut reached: Vec<String> = one.smtp.received().into_iter().map(|mail| mail.to).collect();
    reached.sort();
    reached.dedup();
    assert_eq!(
        (of(&one, "sent"), one.smtp.received().len(), reached.len()),
        (mails, 25, 25)
    );
    assert!(problem(&one).is_null());
}

fn what_was_tried_for_three_days_has_failed(place: &Place) {
    let emails: Vec<String> = (0..12).map(|n| format!("m{n}@example.com")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    let (shop, _) = waiting(place, &emails);
    let right = shop.smtp.port.to_string();
    shop.set(&["--port", &Broken::new().port()]).unwrap();
    let t = now() + 1000;
    shop.works(&[t, t + 2 * UtcMs::DAY_MS]);
    assert_eq!((shop.count("queued"), shop.count("failed")), (12, 0));
    shop.works(&[t + 4 * UtcMs::DAY_MS]);
    assert_eq!((shop.count("queued"), shop.count("failed")), (0, 12));
    assert_eq!(
        place.number("SELECT count(*) FROM mails WHERE why = 'line' AND ended_at IS NOT NULL"),
        12
    );
    // News of then are none any more when the server is back.
    shop.set(&["--port", &right]).unwrap();
    shop.works(&[t + 5 * UtcMs::DAY_MS]);
    assert!(shop.smtp.received().is_empty());
}
