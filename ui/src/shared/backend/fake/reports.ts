// The owner's reports in a browser: the shop's real migrations in SQLite's own WebAssembly build, so that the window's
// real statements run. Development and tests only; the app's bundle never contains it.
import sqlite3InitModule, { type Database, type PreparedStatement } from "@sqlite.org/sqlite-wasm";

/** A till's database in memory, migrated and empty. */
export type ReportsDatabase = {
  db: Database;
  /** One statement, as the app's plugin runs it: `$1`, `$2`, … and every number bound as a float. */
  select<Row>(sql: string, params: readonly unknown[]): Row[];
};

/** Opens a new database. `migrations` are the files of `migrations/till`, in order. */
export async function openReports(migrations: readonly string[]): Promise<ReportsDatabase> {
  const sqlite3 = await sqlite3InitModule();
  const db = new sqlite3.oo1.DB(":memory:", "c");
  for (const sql of migrations) db.exec(sql);
  const bind = (statement: PreparedStatement, params: readonly unknown[]): void => {
    params.forEach((value, index) => {
      // What tauri-plugin-sql does; a statement that only works with whole numbers must fail here too.
      if (typeof value === "number") sqlite3.capi.sqlite3_bind_double(statement.pointer ?? 0, index + 1, value);
      else if (typeof value === "string" || value === null) statement.bind(index + 1, value);
      else throw new Error(`the reports take text, numbers and null, not ${typeof value}`);
    });
  };
  return {
    db,
    select<Row>(sql: string, params: readonly unknown[]): Row[] {
      if (!/^\s*(SELECT|WITH)\b/i.test(sql)) throw new Error("the reports only read");
      const statement = db.prepare(sql);
      try {
        bind(statement, params);
        const rows: Row[] = [];
        while (statement.step()) rows.push({ ...statement.get({}) } as Row);
        return rows;
      } finally {
        statement.finalize();
      }
    },
  };
}
