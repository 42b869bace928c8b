//! Somebody changes the file behind our back: `verify` finds it, and names the first operation that is not as it was.

use ledger::{Problem, Store};
use loyalty::op::By;
use rusqlite::Connection;

use crate::support::{TestShop, by, manager, sale, scratch, shop};

/// A shop with one of everything; operation 1 opens it, 2 are its rules.
pub fn filled() -> TestShop {
    let s = shop();
    let store = &s.store;
    let first = store.credit(store.new_op(), by(), sale(store, "1", 1, "120")).unwrap(); // 3 enrols, 4 sells
    let member = first.member.unwrap();
    store
        .edit_member(
            store.new_op(),
            by(),
            member,
            ledger::MemberEdit {
                name: "Maria".into(),
                email: "maria@example.com".into(),
                email_consent: true,
                birthday: "02-29".parse().ok(),
            },
        )
        .unwrap(); // 5, 6
    store.credit(store.new_op(), by(), sale(store, "2", 2, "40")).unwrap(); // 7, 8
    store.credit(store.new_op(), by(), sale(store, "3", 1, "30")).unwrap(); // 9
    let coffee = store
        .redeem(store.new_op(), by(), member, "Free coffee".into())
        .unwrap(); // 10
    store.reverse(store.new_op(), manager(), coffee.entry).unwrap(); // 11
    store
        .adjust(store.new_op(), manager(), member, 7, "Sorry".into())
        .unwrap(); // 12
    let pin_hash = Some("x".to_owned());
    let edit = ledger::StaffEdit {
        staff_id: None,
        name: "Ana".into(),
        role: loyalty::Role::Cashier,
        active: true,
        pin_hash,
    };
    store.edit_staff(store.new_op(), manager(), edit).unwrap(); // 13
    let refund = ledger::Refund {
        source: "pos".into(),
        sale_id: "2".into(),
        refund_id: "r".into(),
        amount: Some(loyalty::Money::new(1000, store.shop().currency)),
    };
    store.refund(store.new_op(), by(), refund).unwrap(); // 14
    s
}

/// Opens the file as anybody could, without our triggers and foreign keys.
fn tamper(dir: &std::path::Path, sql: &str) {
    let conn = Connection::open(ledger::file(dir)).unwrap();
    let mut names = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap();
    let names: Vec<String> = names.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    for name in names.iter().filter(|n| !n.starts_with("members_search")) {
        conn.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    conn.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
    assert!(conn.changes() > 0, "this changed nothing: {sql}");
}

/// What verify says of a copy of the shop that `sql` was run on.
fn found(template: &TestShop, sql: &str) -> Option<Problem> {
    let dir = scratch();
    std::fs::copy(ledger::file(template.dir.path()), ledger::file(dir.path())).unwrap();
    tamper(dir.path(), sql);
    let store: Store = crate::support::open(dir.path()).unwrap();
    let said = store.verify().unwrap();
    assert_eq!(said.ok, said.problem.is_none());
    said.problem
}

fn closed() -> TestShop {
    let mut s = filled();
    let other = shop();
    // The copy is taken of a file that nobody has open.
    drop(std::mem::replace(&mut s.store, other.store));
    s
}

#[test]
fn names_the_first_bad_operation() {
    let template = closed();
    assert_eq!(
        found(
            &template,
            "UPDATE settings SET value = 1; INSERT INTO settings VALUES ('a', 'b')"
        ),
        None
    );
    // What the relay told is nobody's word in the log.
    let told = "INSERT INTO mail_standing SELECT member_id, 1, 1 FROM members WHERE member = 1";
    assert_eq!(found(&template, told), None);
    let swap = "UPDATE ops SET body = CASE op WHEN 4 THEN (SELECT body FROM ops WHERE op = 8) ELSE (SELECT body FROM ops WHERE op = 4) END
                WHERE op IN (4, 8)";
    for (sql, seq) in [
        (
            "UPDATE ops SET body = replace(body, '\"points\":120', '\"points\":121') WHERE op = 4",
            4,
        ),
        (swap, 4),
        ("UPDATE ops SET body = 'not json' WHERE op = 5", 5),
        ("UPDATE ops SET at_ms = at_ms + 1 WHERE op = 6", 6),
        ("UPDATE ops SET by = 'job:nobody' WHERE op = 7", 7),
        ("UPDATE ops SET op_id = randomblob(16) WHERE op = 9", 9),
        ("UPDATE ops SET private = NULL WHERE op = 3", 3),
        ("UPDATE ops SET prev = zeroblob(32) WHERE op = 8", 8),
        ("UPDATE ops SET hash = randomblob(32) WHERE op = 12", 12),
        (
            "UPDATE private SET data = replace(data, '0001', '0009') WHERE op_id = (SELECT op_id FROM ops WHERE op = 3)",
            3,
        ),
        (
            "UPDATE private SET salt = randomblob(16) WHERE op_id = (SELECT op_id FROM ops WHERE op = 7)",
            7,
        ),
        (
            "DELETE FROM private WHERE op_id = (SELECT op_id FROM ops WHERE op = 5)",
            5,
        ),
        ("UPDATE ledger SET points = points + 1 WHERE line = 1", 4),
        ("UPDATE ledger SET at_ms = at_ms + 1 WHERE line = 2", 8),
        ("UPDATE ledger SET day = '2020-01-01' WHERE line = 2", 8),
        ("UPDATE ledger SET total_minor = 1 WHERE line = 2", 8),
        ("UPDATE ledger SET kind = 'adjust' WHERE line = 3", 9),
        ("UPDATE ledger SET reward = 'A yacht' WHERE kind = 'redeem'", 10),
        ("UPDATE ledger SET reasons = '[\"x\"]' WHERE kind = 'adjust'", 12),
        ("UPDATE ledger SET by = 'x' WHERE kind = 'reverse'", 11),
        (
            "UPDATE ledger SET member_id = (SELECT member_id FROM members WHERE member = 2) WHERE line = 3",
            9,
        ),
        (
            "DELETE FROM ledger WHERE line = 3; UPDATE sales SET entry_id = NULL WHERE sale_id = '3'",
            9,
        ),
        ("DELETE FROM sales WHERE sale_id = '2'", 8),
        ("UPDATE sales SET total_minor = 1 WHERE sale_id = '1'", 4),
        ("UPDATE sales SET points = 1 WHERE sale_id = '3'", 9),
        (
            "UPDATE sales SET member_id = (SELECT member_id FROM members WHERE member = 2) WHERE sale_id = '3'",
            9,
        ),
        ("UPDATE sales SET occurred_at = 1 WHERE sale_id = '2'", 8),
        ("UPDATE sales SET sale_id = '22' WHERE sale_id = '2'", 8),
        ("UPDATE refunds SET amount_minor = 1", 14),
        ("UPDATE refunds SET refund_id = 'q'", 14),
        ("UPDATE rules SET text = 'Earn 9 points per $1'", 2),
        (
            "DELETE FROM ops WHERE op = 5; DELETE FROM private WHERE op_id NOT IN (SELECT op_id FROM ops)",
            6,
        ),
    ] {
        let problem = found(&template, sql).unwrap_or_else(|| panic!("not found: {sql}"));
        assert_eq!(problem.origin_seq, Some(seq), "{sql}: {problem:?}");
        assert!(problem.op_id.is_some() && !problem.what.is_empty());
    }
}

#[test]
fn finds_what_no_operation_made() {
    let template = closed();
    let last = "SELECT max(op) FROM ops";
    let delete_last = format!(
        "UPDATE staff SET staff_id = staff_id; DELETE FROM private WHERE op_id = (SELECT op_id FROM ops WHERE op = ({last})); DELETE FROM ops WHERE op = ({last})"
    );
    let truncate = "DELETE FROM staff; DELETE FROM ledger WHERE kind = 'adjust'; DELETE FROM private WHERE op_id IN (SELECT op_id FROM ops WHERE op >= 12);
        DELETE FROM refunds; UPDATE sales SET refunded_minor = 0; DELETE FROM ledger WHERE kind = 'refund';
        UPDATE rights SET points = points + 10 WHERE member_id = (SELECT member_id FROM members WHERE member = 2); UPDATE rights SET points = points - 7 WHERE member_id = (SELECT member_id FROM members WHERE member = 1); DELETE FROM ops WHERE op >= 12";
    let cases = [
        delete_last.as_str(),
        truncate,
        "UPDATE rights SET points = points + 1 WHERE member_id = (SELECT member_id FROM members WHERE member = 1)",
        "UPDATE rights SET holder = randomblob(16)",
        "DELETE FROM rights",
        "INSERT INTO rights SELECT member_id, randomblob(16), 1 FROM members",
        "INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, reasons)
         SELECT randomblob(16), op_id, member_id, 'adjust', 500, at_ms, day, by, '[]' FROM ledger WHERE line = 1",
        "UPDATE sales SET reversed = 1 WHERE sale_id = '2'",
        "UPDATE sales SET refunded_minor = 0 WHERE sale_id = '2'",
        "UPDATE sales SET refunded_minor = 1 WHERE sale_id = '1'",
        "UPDATE members SET visits = visits + 1 WHERE member = 2",
        "UPDATE members SET spent_minor = spent_minor + 1 WHERE member = 2",
        "UPDATE members SET last_visit_at = 1 WHERE member = 2",
        "UPDATE members SET phone = '+16195559999' WHERE member = 2",
        "UPDATE members SET name = 'Mallory' WHERE member = 1",
        "UPDATE members SET email = 'mallory@example.com' WHERE member = 1",
        "UPDATE members SET email_consent = 0 WHERE member = 1",
        "UPDATE members SET code = '000000000' WHERE member = 1",
        "INSERT INTO members (member_id, code, enrolled_at) VALUES (randomblob(16), 'x', 1)",
        "UPDATE staff SET role = 'owner'",
        "UPDATE staff SET pin_hash = 'y'",
        "UPDATE staff SET active = 0",
        "INSERT INTO rules SELECT 2, 1, (SELECT op_id FROM ops WHERE op = 1), text, at_ms, by FROM rules",
        "UPDATE rewards SET points = 1",
        "DELETE FROM rewards",
        "UPDATE origins SET seq = seq + 1",
        "UPDATE origins SET head = zeroblob(32)",
        "UPDATE shop SET shop_id = randomblob(16)",
        "DELETE FROM member_words WHERE rowid = 1",
        "DELETE FROM member_digits WHERE rowid = 2",
    ];
    for sql in cases {
        assert!(found(&template, sql).is_some(), "not found: {sql}");
    }
}

#[test]
fn a_bad_byte_anywhere_is_no_panic() {
    let template = closed();
    let whole = std::fs::read(ledger::file(template.dir.path())).unwrap();
    let mut dice = crate::support::Dice(3);
    for _ in 0..60 {
        let dir = scratch();
        let mut bytes = whole.clone();
        for _ in 0..4 {
            let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
            bytes[at] ^= 1 << dice.below(8);
        }
        std::fs::write(ledger::file(dir.path()), bytes).unwrap();
        // It may be found at once, by verify, or have hit an unused byte; all but a panic will do.
        if let Ok(store) = crate::support::open(dir.path()) {
            let _ = store.verify();
            let _ = store.search("maria", 8);
            let _ = store.credit(store.new_op(), By::Job("test".into()), sale(&store, "9", 1, "5"));
        }
    }
}
