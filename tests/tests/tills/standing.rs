//! Whether members confirmed their address, at three tills over a real relay and a mail server that keeps what it is given:
//! the question, the tap, another address at another till, and a relay that was restored.

use ledger::{Actor, Options, Store};
use loyalty::op::By;
use loyalty::{MemberId, Role};

use crate::referrals::{IPHONE, Phone};
use crate::shop::{Relay, Till, agree, text, until};
use crate::smtp::{Mode, PASSWORD, Smtp, USER};

const MARIA: &str = "+16195550101";
const FIRST: &str = "maria@example.com";
const SECOND: &str = "maria@elsewhere.example";

fn sends(relay: &mut Relay, smtp: &Smtp) {
    let (password, ca) = (
        relay.file("password", PASSWORD),
        relay.file("ca.pem", &smtp.certificate),
    );
    let (shop, port) = (relay.shop_id(), smtp.port.to_string());
    let from = ["--sender", "hello@harbour.example", "--postal", "1 Pier Road"];
    let server = [
        "--host",
        "localhost",
        "--port",
        &port,
        "--security",
        "tls",
        "--username",
        USER,
    ];
    let rest = ["--password-file", &password, "--ca-file", &ca, "--quiet", "none"];
    relay.operator(&[&["mail", "settings", &shop][..], &from, &server, &rest].concat());
    // Its key is made with the password, and read when it starts.
    relay.kill();
    relay.serve();
}

fn member(till: &Till) -> MemberId {
    let id = text(&till.member(MARIA)["member_id"]);
    MemberId(id.parse().unwrap())
}

fn standing(till: &Till) -> String {
    let store = Store::open(&till.dir, Options::default()).unwrap();
    store.mail_standing(member(till)).unwrap()
}

fn all_say(tills: &[&Till], standing_: &str) {
    agree(tills);
    for till in tills {
        assert_eq!(standing(till), standing_, "{:?}", till.dir);
    }
}

/// Taps the link in the newest mail to somebody.
fn taps(relay: &Relay, smtp: &Smtp, to: &str, nth: usize) {
    until("the question did not arrive", || smtp.to(to).len() >= nth);
    let raw = String::from_utf8_lossy(&smtp.to(to).pop().unwrap())
        .replace("=\r\n", "")
        .replace("=3D", "=");
    let at = raw.find("/mail/confirm?t=").unwrap_or_else(|| panic!("no link: {raw}"));
    let link: String = raw[at..]
        .chars()
        .take_while(|c| !c.is_whitespace() && *c != '"')
        .collect();
    let mut phone = Phone {
        port: relay.port(),
        cookies: String::new(),
        agent: IPHONE,
    };
    let (head, _) = phone.asks(&format!("POST {link}"), "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}

#[test]
fn three_tills_know_who_confirmed_which_address() {
    let smtp = Smtp::start(Mode::Tls);
    let mut relay = Relay::start();
    sends(&mut relay, &smtp);
    let (a, b, c) = (relay.till("Till 1"), relay.till("Till 2"), relay.till("Till 3"));
    let tills = [&a, &b, &c];
    a.ctl(&["member", "add", "--phone", MARIA, "--email", FIRST, "--consent"]);
    assert_eq!(standing(&a), "yes", "nobody was asked yet");
    all_say(&tills, "unconfirmed");
    let edit = |till: &Till, what: &[&str]| till.ctl(&[&["member", "edit", "--phone", MARIA][..], what].concat());
    taps(&relay, &smtp, FIRST, 1);
    all_say(&tills, "confirmed");
    relay.kill();
    let backup = relay.backup();
    relay.serve();
    // Another address at another till; the other tills hear of it, and nothing of the first counts for it.
    edit(&b, &["--email", SECOND]);
    assert_eq!(standing(&b), "yes");
    all_say(&tills, "unconfirmed");
    taps(&relay, &smtp, SECOND, 1);
    all_say(&tills, "confirmed");
    // Back to the first: it was confirmed before, though no operation says so.
    edit(&c, &["--email", FIRST]);
    all_say(&tills, "confirmed");
    edit(&a, &["--consent", "false"]);
    all_say(&tills, "stopped");
    edit(&b, &["--consent", "true"]);
    all_say(&tills, "confirmed");
    // The relay forgets the second tap; the tills show it what it forgot, and ask it anew.
    edit(&c, &["--email", SECOND]);
    all_say(&tills, "confirmed");
    relay.restore(backup);
    all_say(&tills, "unconfirmed");
    // Away, what was told last is shown.
    relay.kill();
    assert_eq!(standing(&b), "unconfirmed");
    edit(&b, &["--email", FIRST]);
    assert_eq!(standing(&b), "yes", "of this address nothing is known here");
    relay.serve();
    all_say(&tills, "confirmed");
    // Erased at one till, nothing of them is left at any.
    let id = member(&a);
    let store = Store::open(&a.dir, Options::default()).unwrap();
    let manager = Actor {
        by: By::Job("test".into()),
        role: Role::Manager,
    };
    store.erase_member(store.new_op(), manager, id).unwrap();
    drop(store);
    agree(&tills);
    for till in tills {
        let store = Store::open(&till.dir, Options::default()).unwrap();
        assert_eq!(store.mail_standing(id).unwrap(), "none");
        assert!(store.verify().unwrap().ok);
    }
}
