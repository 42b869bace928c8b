//! Shops beside each other: one whose server says nothing holds no other shop's mail up, and a server that an owner named
//! is not followed into the relay's own network, wherever its name leads by the time it is connected to.

use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::harness::{Place, until};
use crate::mail_promises::{beside, of};
use crate::mail_shop::{MINUTE, Shop, now, office, waiting};
use crate::on_both;
use loyalty::UtcMs;
use relay::mail::work::Worker;

on_both! {
    a_server_that_says_nothing_holds_no_other_shop_up, a_server_that_falls_silent_holds_no_other_shop_up,
    a_name_that_leads_inside_is_not_followed,
}

/// A server that takes every line and says nothing, for as long as this is held.
struct Silent {
    port: u16,
    lines: Arc<Mutex<Vec<TcpStream>>>,
}

impl Silent {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let silent = Self {
            port: listener.local_addr().unwrap().port(),
            lines: Arc::default(),
        };
        let lines = silent.lines.clone();
        // It ends with the tests.
        std::thread::spawn(move || {
            for line in listener.incoming().map_while(Result::ok) {
                lines.lock().unwrap().push(line);
            }
        });
        silent
    }

    /// How often somebody came.
    fn came(&self) -> usize {
        self.lines.lock().unwrap().len()
    }
}

/// Two shops: the first has so many mails to be sent, all of them before the other's one. The other is paused, and no relay
/// runs.
fn with_mails(place: &Place, mails: i64) -> (Shop<'_>, Shop<'_>) {
    let (one, other) = beside(place);
    for shop in [&one, &other] {
        shop.set(&["--pause"]).unwrap();
    }
    let relay = one.serve();
    let (mut here, mut there) = (one.till(&relay), other.till(&relay));
    for n in 0..mails {
        one.agrees(&mut here, &format!("+1619555{n:04}"), &format!("m{n}@example.com"));
    }
    here.syncs(&relay).unwrap();
    other.agrees(&mut there, "+16195550123", "bea@example.com");
    there.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    assert_eq!((of(&one, "queued"), of(&other, "queued")), (mails, 1));
    (one, other)
}

fn a_server_that_says_nothing_holds_no_other_shop_up(place: &Place) {
    // Enough that every worker of a relay could take some.
    let (one, other) = with_mails(place, 90);
    let silent = Silent::start();
    one.set(&["--port", &silent.port.to_string(), "--resume"]).unwrap();
    let relay = one.serve();
    until("somebody came", || silent.came() > 0);
    other.set(&["--resume"]).unwrap();
    other.arrives("bea@example.com", 1);
    // One worker found out, and all the others were free.
    assert_eq!(silent.came(), 1);
    silent.lines.lock().unwrap().clear();
    until("the mails wait for the next attempt", || {
        place.number("SELECT count(*) FROM mails WHERE why = 'line' AND attempts = 1") == 90
    });
    assert!(relay.stop().0);
}

fn a_server_that_falls_silent_holds_no_other_shop_up(place: &Place) {
    let (one, other) = with_mails(place, 90);
    one.smtp.falls_silent_after(8);
    one.set(&["--resume"]).unwrap();
    let relay = one.serve();
    // It was prompt, so it has several workers: as many as one shop may have.
    until("it has several messages in hand", || of(&one, "sending") == 4);
    other.set(&["--resume"]).unwrap();
    other.arrives("bea@example.com", 1);
    assert_eq!(
        (of(&one, "sending"), of(&one, "unknown")),
        (4, 0),
        "it still holds them"
    );
    one.smtp.let_go();
    until("the rest goes, too", || of(&one, "sent") == 90);
    assert_eq!(one.smtp.received().len(), 90);
    assert!(relay.stop().0);
}

fn a_name_that_leads_inside_is_not_followed(place: &Place) {
    let (shop, _) = waiting(place, &["nadia@example.com"]);
    let t = now() + 1000;
    let works = |allow: bool, at: i64| {
        shop.within(async |db| {
            let mut worker = Worker::new(office(db, allow));
            worker.round(UtcMs(at)).await.unwrap();
            worker.close().await;
        });
    };
    // As an owner would have named it: outside then, and pointed inside since.
    shop.within(async |db| db.run("UPDATE mail_shops SET inside = 0", &[]).await.unwrap());
    works(false, t);
    assert_eq!((shop.count("queued"), shop.count("sent")), (1, 0));
    assert!(shop.smtp.received().is_empty() && shop.smtp.lines() == 0, "nobody came");
    let listed = place.command(&["mail", "queue", &shop.id, "--json"]);
    let said = listed["problem"].as_str().unwrap();
    assert!(said.contains("inside the relay's own network"), "{said}");
    // Where that is allowed it goes, to the address, and the server must still be who the name says.
    works(true, t + MINUTE);
    assert_eq!((shop.count("sent"), shop.smtp.lines()), (1, 1));
}
