//! The baselines: a plain SQLite transaction that leaves the rows that a credit leaves, and one synced write.

use rusqlite::{Connection, TransactionBehavior, params};
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Result;

/// The tables a credit writes, with their keys and nothing else.
const BARE: &str = "
CREATE TABLE origins (origin BLOB PRIMARY KEY, seq INTEGER, head BLOB) WITHOUT ROWID;
CREATE TABLE ops (op INTEGER PRIMARY KEY, op_id BLOB UNIQUE, origin BLOB, origin_seq INTEGER, at_ms INTEGER, by TEXT, body TEXT, private BLOB, prev BLOB, hash BLOB);
CREATE TABLE members (member INTEGER PRIMARY KEY, member_id BLOB UNIQUE, visits INTEGER, last_visit_at INTEGER);
CREATE TABLE rights (member_id BLOB, holder BLOB, points INTEGER, PRIMARY KEY (member_id, holder)) WITHOUT ROWID;
CREATE TABLE ledger (line INTEGER PRIMARY KEY, entry_id BLOB UNIQUE, op_id BLOB, member_id BLOB, kind TEXT, points INTEGER, at_ms INTEGER, day TEXT, by TEXT,
    rules_version INTEGER, reasons TEXT, reverses BLOB, source TEXT, sale_id TEXT, total_minor INTEGER, reward TEXT);
CREATE TABLE sales (source TEXT, sale_id TEXT, op_id BLOB, member_id BLOB, entry_id BLOB, total_minor INTEGER, items TEXT, occurred_at INTEGER, day TEXT, move TEXT,
    points INTEGER, reversed INTEGER DEFAULT 0, PRIMARY KEY (source, sale_id)) WITHOUT ROWID;
";

/// As long as the body of a credit.
const BODY: &str = r#"{"body":"sale_recorded","source":"pos","sale_id":"r0-1000","member":"0193c5a0-0000-7000-8000-000000000000","entry":"0193c5a0-0000-7000-8000-000000000000","total_minor":1250,"occurred_at":1795197600000,"move":"add","points":12,"rules_version":1,"reasons":["12 = 1 per $1"]}"#;

/// A file of bare tables, or with the schema of a shop, and the pragmas of one.
pub struct Raw {
    conn: Connection,
    seq: i64,
    members: usize,
}

impl Raw {
    /// Opens one with `members` members; `schema` are the migrations of a shop, or nothing for bare tables.
    pub fn new(path: &Path, members: usize, schema: &[&str]) -> Result<Self> {
        let conn = Connection::open(path)?;
        conn.set_prepared_statement_cache_capacity(128);
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000",
        )?;
        conn.execute_batch("BEGIN")?;
        for sql in if schema.is_empty() { &[BARE] } else { schema } {
            conn.execute_batch(sql)?;
        }
        conn.execute("INSERT INTO origins VALUES (zeroblob(16), 0, zeroblob(32))", [])?;
        for n in 0..members {
            let columns = if schema.is_empty() {
                "member_id, visits"
            } else {
                "member_id, visits, code, enrolled_at"
            };
            let values = if schema.is_empty() {
                "?1, 0"
            } else {
                "?1, 0, hex(?1), 0"
            };
            conn.execute(
                &format!("INSERT INTO members ({columns}) VALUES ({values})"),
                params![crate::shop::member_id(n)],
            )?;
        }
        conn.execute_batch("COMMIT")?;
        Ok(Self { conn, seq: 0, members })
    }

    /// Leaves the rows of `many` credits in one durable transaction.
    pub fn credit(&mut self, many: usize) -> Result<Duration> {
        let start = Instant::now();
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for _ in 0..many {
            self.seq += 1;
            rows(&tx, self.seq, self.members)?;
        }
        tx.commit()?;
        Ok(start.elapsed())
    }
}

fn rows(conn: &Connection, seq: i64, members: usize) -> rusqlite::Result<()> {
    let member = crate::shop::member_id(usize::try_from(seq).unwrap_or(0) % members);
    // In the order of time, as ids of version 7 are.
    let id = |kind: u8| {
        let mut id = [kind; 16];
        id[..8].copy_from_slice(&seq.to_be_bytes());
        id
    };
    let (origin, op, entry, hash, at) = ([0_u8; 16], id(1), id(2), [7_u8; 32], 1_795_197_600_000_i64 + seq);
    let sale = format!("r-{seq}");
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| conn.prepare_cached(sql)?.execute(values);
    run(
        "UPDATE origins SET seq = ?2, head = ?3 WHERE origin = ?1",
        params![origin, seq, hash],
    )?;
    run(
        "INSERT INTO ops (op_id, origin, origin_seq, at_ms, by, body, prev, hash) VALUES (?1, ?2, ?3, ?4, 'job:bench', ?5, ?6, ?6)",
        params![op, origin, seq, at, BODY, hash],
    )?;
    run(
        "INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, rules_version, reasons, source, sale_id, total_minor)
         VALUES (?1, ?2, ?3, 'earn', 12, ?4, '2026-11-20', 'job:bench', 1, '[\"12 = 1 per $1\"]', 'pos', ?5, 1250)",
        params![entry, op, member, at, sale],
    )?;
    run(
        "UPDATE members SET visits = visits + 1, last_visit_at = ?2 WHERE member_id = ?1",
        params![member, at],
    )?;
    run(
        "INSERT INTO rights VALUES (?1, ?2, 12) ON CONFLICT DO UPDATE SET points = points + 12",
        params![member, origin],
    )?;
    run(
        "INSERT INTO sales (source, sale_id, op_id, member_id, entry_id, total_minor, items, occurred_at, day, move, points)
         VALUES ('pos', ?1, ?2, ?3, ?4, 1250, '[]', ?5, '2026-11-20', 'add', 12)",
        params![sale, op, member, entry, at],
    )?;
    Ok(())
}

/// A file of 4 MiB whose blocks are written over, as a log's are after its first round.
pub struct Block {
    file: File,
    at: u64,
}

impl Block {
    /// Makes it.
    pub fn new(path: &Path) -> Result<Self> {
        let mut file = File::create(path)?;
        file.write_all(&vec![0; 4 << 20])?;
        file.sync_all()?;
        Ok(Self { file, at: 0 })
    }

    /// Writes 4 KiB and waits for the disk.
    pub fn write(&mut self) -> Result<Duration> {
        let start = Instant::now();
        self.at = (self.at + 4096) % (4 << 20);
        self.file.seek(SeekFrom::Start(self.at))?;
        self.file.write_all(&[u8::try_from(self.at % 251)?; 4096])?;
        self.file.sync_data()?;
        Ok(start.elapsed())
    }
}
