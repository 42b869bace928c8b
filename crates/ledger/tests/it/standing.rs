//! How it stands with a member's mail: what the relay told of an address is shown for this very address, until something
//! happens to it; and it is no part of what the log says.

use ledger::{Asked, MemberEdit, NewMember, PairedWith, Standings, Store};
use loyalty::{MemberId, Origin};
use rusqlite::Connection;
use uuid::Uuid;

use crate::support::{TestShop, by, manager, phone, shop};

const HOUR_MS: i64 = 60 * 60_000;
const MOST: usize = 10;

fn agrees(store: &Store, n: u32, email: &str) -> MemberId {
    let new = NewMember {
        email: email.into(),
        email_consent: true,
        ..NewMember::with_phone(phone(n))
    };
    store.enrol(store.new_op(), by(), new).unwrap().0
}

fn edit(store: &Store, member: MemberId, email: &str, email_consent: bool) {
    let edit = MemberEdit {
        email: email.into(),
        email_consent,
        ..MemberEdit::default()
    };
    store.edit_member(store.new_op(), by(), member, edit).unwrap();
}

fn told(store: &Store, sends: bool, confirmed: &[(MemberId, &str, Option<bool>)]) -> bool {
    let asked = |&(member, email, confirmed): &(MemberId, &str, Option<bool>)| {
        let email = email.to_owned();
        (Asked { member, email }, confirmed)
    };
    let told = Standings {
        sends,
        confirmed: confirmed.iter().map(asked).collect(),
    };
    let now = store.now();
    store.write(move |tx| tx.keep_standings(&told, now)).unwrap()
}

fn asks(store: &Store) -> Option<Vec<MemberId>> {
    let asked = store.standings_to_ask(MOST).unwrap();
    asked.map(|all| all.into_iter().map(|one| one.member).collect())
}

fn rows(s: &TestShop) -> i64 {
    let conn = Connection::open(ledger::file(s.dir.path())).unwrap();
    conn.query_row("SELECT count(*) FROM mail_standing", [], |r| r.get(0))
        .unwrap()
}

const ANA: &str = "ana@example.com";

#[test]
fn is_what_the_relay_told_of_the_address_that_there_is() {
    let s = shop();
    let store = &s.store;
    let is = |member| store.mail_standing(member).unwrap();
    let ana = agrees(store, 1, ANA);
    let never = store
        .enrol(store.new_op(), by(), NewMember::with_phone(phone(2)))
        .unwrap()
        .0;
    edit(store, never, "bea@example.com", false);
    assert_eq!(
        (is(ana).as_str(), is(never).as_str()),
        ("yes", "no"),
        "nothing is known yet"
    );
    assert_eq!(asks(store), Some(vec![ana]));
    assert!(told(store, true, &[(ana, ANA, Some(false))]), "that is news");
    assert_eq!((is(ana).as_str(), asks(store)), ("unconfirmed", Some(vec![])));
    assert!(!told(store, true, &[(ana, ANA, Some(false))]), "that is none");
    // It may change without a word in the log; once confirmed, it stays.
    s.clock.pass(HOUR_MS);
    assert_eq!(asks(store), Some(vec![ana]));
    assert!(told(store, true, &[(ana, ANA, Some(true))]));
    s.clock.pass(HOUR_MS);
    assert_eq!((is(ana).as_str(), asks(store)), ("confirmed", Some(vec![])));
    // Another address is another question, and an answer about the old one comes too late.
    edit(store, ana, "other@example.com", true);
    assert_eq!((is(ana).as_str(), asks(store)), ("yes", Some(vec![ana])));
    assert!(!told(store, true, &[(ana, ANA, Some(true))]));
    assert_eq!(is(ana), "yes");
    edit(store, ana, ANA, true);
    assert_eq!(
        (is(ana).as_str(), asks(store)),
        ("yes", Some(vec![ana])),
        "and back: the relay says"
    );
    told(store, true, &[(ana, ANA, None)]);
    assert_eq!(
        (is(ana).as_str(), asks(store)),
        ("yes", Some(vec![])),
        "it has another address, too"
    );
    // A no, and a yes again.
    told(store, true, &[(ana, ANA, Some(true))]);
    edit(store, ana, ANA, false);
    assert_eq!((is(ana).as_str(), asks(store)), ("stopped", Some(vec![])));
    edit(store, ana, ANA, true);
    assert_eq!((is(ana).as_str(), asks(store)), ("confirmed", Some(vec![ana])));
    // Where no mail is sent a yes is a yes, and nothing is asked for a while.
    assert!(told(store, false, &[]));
    assert_eq!((is(ana).as_str(), asks(store)), ("yes", None));
    s.clock.pass(HOUR_MS);
    assert_eq!(asks(store), Some(vec![ana]));
    edit(store, ana, "", false);
    assert_eq!(is(ana), "none");
}

#[test]
fn is_gone_with_the_member_and_asked_for_again_after_a_merge_and_a_restored_relay() {
    let s = shop();
    let store = &s.store;
    let (ana, twin, bea) = (
        agrees(store, 1, ANA),
        agrees(store, 2, "a2@example.com"),
        agrees(store, 3, "bea@example.com"),
    );
    let all = [
        (ana, ANA, Some(true)),
        (twin, "a2@example.com", Some(true)),
        (bea, "bea@example.com", Some(true)),
    ];
    let before = store.state_hash().unwrap();
    told(store, true, &all);
    assert_eq!(
        store.state_hash().unwrap(),
        before,
        "it is no part of the log's meaning"
    );
    assert!(store.verify().unwrap().ok);
    assert_eq!(rows(&s), 3);
    store.merge_members(store.new_op(), manager(), ana, twin).unwrap();
    assert_eq!(rows(&s), 1, "of the two on one card, all is asked again");
    assert_eq!(asks(store), Some(vec![ana.min(twin)]));
    store.unmerge_member(store.new_op(), manager(), ana.max(twin)).unwrap();
    told(store, true, &all);
    store.erase_member(store.new_op(), manager(), bea).unwrap();
    assert_eq!((rows(&s), store.mail_standing(bea).unwrap().as_str()), (2, "none"));
    // Another relay, and one that was restored, may know less.
    let paired = PairedWith {
        url: "https://relay.example".into(),
        relay: Origin(Uuid::from_u128(7)),
        incarnation: 1,
        shop_seq: 0,
    };
    store.write(move |tx| tx.paired(&paired)).unwrap();
    assert_eq!(rows(&s), 0);
    told(store, true, &all);
    assert_eq!(asks(store), Some(vec![]));
    store.write(|tx| tx.is_known_to(2)).unwrap();
    assert_eq!(asks(store).map(|all| all.len()), Some(2));
    let member = ana.max(twin);
    assert_eq!(
        store.mail_standing(member).unwrap(),
        "yes",
        "whether mail is sent is asked again, too"
    );
}
