//! What SQLite's planner is told of how much lies in the relay's tables. Of a table it knows nothing of, it takes a
//! shop's part for ten rows, and then reads a shop's hundred thousand one by one rather than look one up by an index.
//! PostgreSQL counts by itself; SQLite's own `ANALYZE` knows a table only once it is full, and a new relay's are empty.
//! So the figures are set here, once for each schema: those of a few busy shops. They decide how rows are found, never
//! which. See <https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables>.

use super::db::{Result, Tx};
use crate::args;

/// Rows of a table.
const ROWS: i64 = 1_000_000;
/// Rows that an index of some rows alone has.
const ROWS_OF_SOME: i64 = 10_000;
/// Shops on a relay.
const SHOPS: i64 = 10;
/// Into how many parts one more column divides what the columns before it have in common.
const PARTS: i64 = 1000;

/// Tells the planner of every table that is kept by shop. For SQLite alone, within the transaction that changed the
/// schema: other connections read it with the new schema.
///
/// # Errors
/// Where the database is away.
pub async fn tell(tx: &mut Tx) -> Result<()> {
    // Makes the table that the planner reads. This one is never empty.
    tx.script("ANALYZE schema_versions; DELETE FROM sqlite_stat1").await?;
    let indexes = "SELECT t.name, i.name, i.\"unique\", i.origin, i.partial,
                          (SELECT count(*) FROM pragma_index_info(i.name)) AS columns
                   FROM sqlite_schema t, pragma_index_list(t.name) i
                   WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
                     AND (SELECT name FROM pragma_index_info(i.name) WHERE seqno = 0) = 'shop_id'";
    for row in tx.all(indexes, &[]).await? {
        let (table, index) = (row.text(0)?, row.text(1)?);
        let stat = figures(row.int(5)?, row.int(2)? == 1, row.int(4)? == 1);
        // A table in the order of its key is its own index.
        let index = if row.text(3)? == "pk" { &table } else { &index };
        tx.run(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)",
            args![&*table, &**index, &*stat],
        )
        .await?;
    }
    tx.script("ANALYZE sqlite_schema").await
}

/// How many rows an index has, and how many share its first column, its first two, and so on.
fn figures(columns: i64, unique: bool, of_some: bool) -> String {
    let rows = if of_some { ROWS_OF_SOME } else { ROWS };
    let mut text = rows.to_string();
    let mut share = rows / SHOPS;
    for column in 1..=columns {
        if unique && column == columns {
            share = 1;
        }
        text.push_str(&format!(" {share}"));
        share = (share / PARTS).max(2);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Db, migrate};

    #[test]
    fn each_column_leaves_less() {
        assert_eq!(figures(2, false, false), "1000000 100000 100");
        assert_eq!(figures(3, true, false), "1000000 100000 100 1");
        assert_eq!(figures(1, true, false), "1000000 1");
        assert_eq!(figures(2, false, true), "10000 1000 2");
    }

    /// Each of these read all of a shop's rows before.
    #[tokio::test]
    async fn what_is_looked_up_by_an_index_is_not_searched_in_the_whole_shop() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("relay.db").display());
        let db = Db::connect(&url, 2).await.expect("a database");
        // A reader is there before the figures are.
        db.all("SELECT 1", &[]).await.expect("it reads");
        migrate::migrate(&db).await.expect("the schema");
        for (sql, index) in [
            (
                "SELECT o.body, p.data FROM private p JOIN ops o ON o.shop_id = p.shop_id AND o.op_id = p.op_id
                 WHERE p.shop_id = $1 AND p.member_id = $2",
                "private_of_member",
            ),
            (
                "SELECT data FROM private WHERE shop_id = $1 AND member_id = $2",
                "private_of_member",
            ),
            (
                "SELECT code FROM referral_codes WHERE shop_id = $1 AND member_id = $2 ORDER BY created_at LIMIT 1",
                "referral_codes_by_member",
            ),
            (
                "SELECT body FROM ops WHERE shop_id = $1 AND substr(body, 1, 24) = '{\"body\":\"rules_published' ORDER BY shop_seq",
                "ops_with_rules",
            ),
        ] {
            let sql = format!(
                "EXPLAIN QUERY PLAN {}",
                sql.replace("$1", "x'00'").replace("$2", "x'01'")
            );
            let plan = db.all(&sql, &[]).await.expect("a plan");
            let plan: Vec<String> = plan.iter().map(|row| row.text(3).expect("words")).collect();
            assert!(plan[0].contains(index), "{index} is not in {plan:?}");
        }
        db.close().await;
    }
}
