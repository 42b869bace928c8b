//! Finding members as the cashier types: what is found, in which order, and that no text whatever is too strange.

use ledger::{MemberEdit, NewMember, Store};
use loyalty::{Phone, UtcMs};
use proptest::prelude::*;
use std::sync::OnceLock;

use crate::support::{TestShop, by, sale, shop};

/// Name, email, number, and days since the last visit (none: never came). The ten at the end are neighbours in a town.
const PEOPLE: [(&str, &str, &str, Option<i64>); 16] = [
    ("Maria Lopez", "maria.lopez@example.com", "+16195550123", Some(9)),
    ("Mario Rossi", "", "+16195550124", Some(3)),
    ("Ana Maria Silva", "ana@example.org", "+16195550125", Some(1)),
    ("José Muñoz", "", "+16195550126", None),
    ("Søren Kierkegård", "", "+4532123456", Some(20)),
    ("Siobhán O'Brien-Smith", "sio@example.net", "+353851234567", Some(2)),
    ("Zoë", "", "+447911123456", Some(40)),
    ("Łukasz Żółć", "", "+48512345678", Some(4)),
    ("हिंदी नाम", "", "+919876543210", Some(5)),
    ("李小龍", "", "+85291234567", Some(6)),
    ("Максим Иванов", "", "+79161234567", Some(7)),
    ("Ελένη Παππά", "", "+306912345678", None),
    ("", "", "+16195550199", Some(8)),
    ("Maria Zander", "", "+16195559901", Some(400)),
    ("Björn 2", "", "+16195559902", Some(401)),
    ("İbrahim Çelik", "", "+905321234567", Some(30)),
];

fn people() -> &'static TestShop {
    static SHOP: OnceLock<TestShop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let s = shop();
        let store = &s.store;
        for (n, (name, email, phone, days)) in PEOPLE.iter().enumerate() {
            let phone = Phone::parse(phone, store.shop().region).unwrap();
            let new = NewMember {
                name: (*name).into(),
                email: (*email).into(),
                ..NewMember::with_phone(phone.clone())
            };
            store.enrol(store.new_op(), by(), new).unwrap();
            if let Some(days) = days {
                let mut visit = sale(store, &n.to_string(), 0, "5");
                visit.who = loyalty::Who::Phone(phone);
                visit.occurred_at = UtcMs(store.now().0 - days * UtcMs::DAY_MS);
                store.credit(store.new_op(), by(), visit).unwrap();
            }
        }
        s
    })
}

/// Whom `text` finds, by their place in [`PEOPLE`], best first.
fn found(text: &str) -> Vec<usize> {
    let found = people().store.search(text, 8).unwrap();
    let place = |phone: &str| PEOPLE.iter().position(|p| p.2 == phone).unwrap();
    found
        .members
        .iter()
        .map(|m| place(m.phone.as_ref().unwrap().e164()))
        .collect()
}

#[test]
fn what_is_typed_finds_whom_it_should() {
    let cases: &[(&str, &[usize])] = &[
        // Any part of a number, the end of one first, the newest visitor first among equals.
        ("0123", &[0]),
        ("55501", &[2, 1, 12, 0, 3]),
        ("619-555-012", &[2, 1, 0, 3]),
        ("(619) 555-99", &[13, 14]),
        ("7911 123", &[6]),
        ("07911 123", &[6]),
        ("+44 7911", &[6]),
        ("9902", &[14]),
        ("23", &[0, 5, 7, 9, 10, 4, 15, 6]),
        // Words of a name by their beginnings, in any order, without case and accents.
        ("maria", &[0, 13, 2]),
        ("MARIA", &[0, 13, 2]),
        ("m", &[1, 0, 13, 2, 3]),
        ("ma", &[1, 0, 13, 2]),
        ("lopez maria", &[0]),
        ("mar lo", &[0]),
        ("maria x", &[]),
        ("jose", &[3]),
        ("José", &[3]),
        ("munoz", &[3]),
        ("MUÑ", &[3]),
        ("soren", &[4]),
        ("siobhan", &[5]),
        ("o'brien", &[5]),
        ("brien-smith", &[5]),
        ("zoe", &[6]),
        ("ZOË", &[6]),
        ("zolc", &[7]),
        ("lukasz", &[7]),
        ("हिं", &[8]),
        ("हिंदी", &[8]),
        ("李小", &[9]),
        ("иван", &[10]),
        ("ΕΛΈΝΗ", &[11]),
        ("bjorn", &[14]),
        ("björn 2", &[14]),
        ("ibrahim", &[15]),
        ("celik", &[15]),
        // An email by the beginnings of its parts.
        ("ana@example.org", &[2]),
        ("maria.lopez@", &[0]),
        ("sio@exa", &[5]),
        // Nobody.
        ("nobody", &[]),
        ("999999", &[]),
    ];
    for (text, expected) in cases {
        let mut expected = expected.to_vec();
        expected.truncate(8);
        assert_eq!(found(text), expected, "{text:?}");
    }
}

#[test]
fn nothing_typed_shows_who_was_here_last() {
    assert_eq!(found(""), [2, 5, 1, 7, 8, 9, 10, 12]);
    assert_eq!(found("  "), found(""));
}

#[test]
fn a_number_or_a_code_names_one() {
    let store = &people().store;
    let maria = store.search("maria lopez", 8).unwrap().members.remove(0);
    let code = &maria.code;
    let shown = format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..]);
    for text in [
        code.as_str(),
        &code.to_lowercase(),
        &shown,
        &format!(" {shown} "),
        "(619) 555-0123",
        "+16195550123",
        "16195550123",
    ] {
        let found = store.search(text, 8).unwrap();
        assert_eq!(found.exact.as_ref(), Some(&maria), "{text}");
        assert_eq!((found.members.len(), found.enrol), (1, None), "{text}");
    }
}

#[test]
fn only_a_number_that_nobody_has_can_be_enrolled() {
    let store = &people().store;
    let offer = |text: &str| store.search(text, 8).unwrap().enrol.map(|p| p.e164().to_owned());
    assert_eq!(offer("619 555 0777").as_deref(), Some("+16195550777"));
    assert_eq!(offer("+44 7911 123 999").as_deref(), Some("+447911123999"));
    for text in [
        "619 555 0123",
        "555-0777",
        "619555077",
        "maria",
        "",
        "12.50",
        "6195550777 x",
    ] {
        assert_eq!(offer(text), None, "{text}");
    }
}

#[test]
fn a_changed_name_is_found_and_the_old_one_is_not() {
    let s = shop();
    let store = &s.store;
    let id = store
        .credit(store.new_op(), by(), sale(store, "1", 1, "5"))
        .unwrap()
        .member
        .unwrap();
    let edit = |name: &str| {
        store
            .edit_member(
                store.new_op(),
                by(),
                id,
                MemberEdit {
                    name: name.into(),
                    ..MemberEdit::default()
                },
            )
            .unwrap()
    };
    let finds = |text: &str| store.search(text, 8).unwrap().members.len();
    edit("Maria Lopez");
    assert_eq!((finds("lopez"), finds("garcia")), (1, 0));
    edit("Maria Garcia");
    assert_eq!((finds("lopez"), finds("garcia")), (0, 1));
}

#[test]
fn somebody_who_was_not_here_for_long_is_found_too() {
    let s = shop();
    let store = &s.store;
    // More newer visitors than are looked through first.
    store
        .write(|tx| {
            for n in 0..700 {
                let phone = Phone::parse(&format!("619555{n:04}"), tx.shop().region)?;
                let name = format!("{} Number{n}", if n == 3 { "Old Friend" } else { "Newer" });
                let (member, _) = tx.enrol(
                    tx.new_op(),
                    &by(),
                    &NewMember {
                        name,
                        ..NewMember::with_phone(phone)
                    },
                )?;
                let visit = loyalty::Sale {
                    source: "pos".into(),
                    sale_id: n.to_string(),
                    who: loyalty::Who::Member(member),
                    total: loyalty::Money::new(500, tx.shop().currency),
                    tax_minor: 0,
                    tip_minor: 0,
                    items: Vec::new(),
                    occurred_at: UtcMs(n * 1000),
                };
                tx.credit(tx.new_op(), &by(), &visit)?;
            }
            Ok(())
        })
        .unwrap();
    let first = |text: &str| store.search(text, 8).unwrap().members.first().map(|m| m.name.clone());
    for text in ["old", "old fri", "number3 friend", "5550003", "number3 old"] {
        assert_eq!(first(text).as_deref(), Some("Old Friend Number3"), "{text}");
    }
    assert_eq!(store.search("newer", 8).unwrap().members.len(), 8);
}

/// Texts made of what is special to somebody: SQL, the search index, Unicode, phone numbers.
fn strange() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "\\PC{0,6}",
        2 => prop::sample::select(vec![
            "\"", "'", "*", "^", "(", ")", ":", "-", "+", "NEAR(", " AND ", " OR ", "NOT ", "{", "}", "\0", "%", "_", "\\", ";--", "@", ".",
            "😀", "👩‍👩‍👧", "e\u{301}", "İ", "ß", "ﬁ", "½", "²", "ª", "ा", "हिं", "ไทย", "한국", "\u{200d}", "\u{202e}", "\u{feff}", "x\u{308}\u{323}",
        ]).prop_map(str::to_owned),
        1 => "[0-9 ()+./-]{0,12}",
        1 => "[a-zA-ZàéüñøłŻ]{1,4}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(text in strange()) {
        let found = people().store.search(&text, 8);
        prop_assert!(found.is_ok(), "{:?}: {:?}", text, found.unwrap_err());
        prop_assert!(found.unwrap().members.len() <= 8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever somebody is called, typing it finds them, with the index alone as with the newest visitors.
    #[test]
    fn a_name_finds_its_owner(names in prop::collection::vec(strange(), 30)) {
        let s = shop();
        let store: &Store = &s.store;
        for (n, name) in (0..).zip(&names) {
            let new = NewMember { name: name.clone(), ..NewMember::with_phone(crate::support::phone(n)) };
            let Ok((id, _)) = store.enrol(store.new_op(), by(), new) else { continue };
            let kept = store.member(ledger::Key::Id(id)).unwrap().unwrap().name;
            let digits_only = kept.chars().all(|c| !c.is_alphabetic());
            if digits_only {
                continue;
            }
            // Nobody here has come yet, so only the index can find them.
            let found = store.search(&kept, 500).unwrap().members;
            prop_assert!(found.iter().any(|m| m.member_id == id), "{:?} does not find itself", kept);
        }
    }
}
