//! What is written stays: the file itself refuses to change or delete an operation or a ledger line, and refuses lines
//! that the programme never writes, whoever asks.

use rusqlite::Connection;

use crate::support::{by, manager, sale, shop};

fn raw(shop: &crate::support::TestShop) -> Connection {
    let conn = Connection::open(ledger::file(shop.dir.path())).unwrap();
    // As every connection of the store's has it.
    conn.pragma_update(None, "foreign_keys", true).unwrap();
    conn.pragma_update(None, "recursive_triggers", true).unwrap();
    conn
}

fn filled() -> crate::support::TestShop {
    let s = shop();
    let store = &s.store;
    let first = store.credit(store.new_op(), by(), sale(store, "1", 1, "120")).unwrap();
    store
        .redeem(store.new_op(), by(), first.member.unwrap(), "Free coffee".into())
        .unwrap();
    store.reverse(store.new_op(), manager(), first.entry.unwrap()).unwrap();
    s
}

#[test]
fn operations_and_lines_can_not_be_changed_or_deleted() {
    let s = filled();
    let conn = raw(&s);
    for sql in [
        "UPDATE ops SET body = body",
        "UPDATE ops SET at_ms = at_ms + 1 WHERE op = 1",
        "DELETE FROM ops WHERE op = (SELECT max(op) FROM ops)",
        "UPDATE ledger SET points = points + 1",
        "DELETE FROM ledger WHERE line = 1",
        "UPDATE private SET data = '{}'",
        // REPLACE deletes past the triggers unless they are recursive.
        "INSERT OR REPLACE INTO ledger (line, entry_id, op_id, member_id, kind, points, at_ms, day, by, reasons, sale_id)
         SELECT line, entry_id, op_id, member_id, kind, 999, at_ms, day, by, reasons, sale_id FROM ledger WHERE line = 1",
        "INSERT OR REPLACE INTO ops SELECT op, op_id, origin, origin_seq, at_ms, by, '{}', private, prev, hash FROM ops WHERE op = 3",
    ] {
        let done = conn.execute(sql, []);
        let said = done.expect_err(sql).to_string();
        assert!(said.contains("append_only") || said.contains("FOREIGN KEY"), "{sql}: {said}");
    }
    drop(conn);
    assert!(s.store.verify().unwrap().ok);
}

#[test]
fn the_file_refuses_lines_that_can_not_be() {
    let s = filled();
    let conn = raw(&s);
    let line = |kind: &str, points: &str, reverses: &str, sale: &str, reward: &str| {
        let sql = format!(
            "INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, reasons, reverses, sale_id, reward)
             SELECT randomblob(16), op_id, member_id, '{kind}', {points}, 1, '2026-11-20', 'x', '[]', {reverses}, {sale}, {reward}
             FROM ledger WHERE line = 1"
        );
        conn.execute(&sql, []).map_err(|e| e.to_string())
    };
    let first = "(SELECT entry_id FROM ledger WHERE line = 1)";
    let second = "(SELECT entry_id FROM ledger WHERE line = 2)";
    let third = "(SELECT entry_id FROM ledger WHERE line = 3)";
    let refusals = [
        (line("reverse", "-120", first, "NULL", "NULL"), "already_reversed"),
        (line("reverse", "100 - 1", second, "NULL", "NULL"), "not_reversible"),
        (line("reverse", "120", third, "NULL", "NULL"), "not_reversible"),
        (line("reverse", "5", "NULL", "NULL", "NULL"), "CHECK"),
        (line("redeem", "100", "NULL", "NULL", "'x'"), "CHECK"),
        (line("redeem", "-100", "NULL", "NULL", "NULL"), "CHECK"),
        (line("earn", "-1", "NULL", "'s'", "NULL"), "CHECK"),
        (line("earn", "1", "NULL", "NULL", "NULL"), "CHECK"),
        (line("gift", "1", "NULL", "NULL", "NULL"), "CHECK"),
        (
            line("adjust", "'many'", "NULL", "NULL", "NULL"),
            "TEXT value in INTEGER column",
        ),
    ];
    for (n, (done, expected)) in refusals.into_iter().enumerate() {
        let said = done.expect_err(&format!("case {n}"));
        assert!(said.contains(expected), "case {n}: {said}");
    }
    let sale = "INSERT INTO sales (source, sale_id, op_id, total_minor, items, occurred_at, day, move, points)
        SELECT source, sale_id, (SELECT op_id FROM ops WHERE op = 1), 1, items, occurred_at, day, move, points FROM sales";
    assert!(
        conn.execute(sale, [])
            .unwrap_err()
            .to_string()
            .contains("sales.source, sales.sale_id")
    );
    let member =
        "INSERT INTO members (member_id, code, phone, enrolled_at) SELECT randomblob(16), 'x', phone, 1 FROM members";
    assert!(
        conn.execute(member, [])
            .unwrap_err()
            .to_string()
            .contains("members.phone")
    );
}
