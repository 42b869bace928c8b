// Referrals of the made-up shop: a vendor's link with clicks, friends of members, and one of each thing that comes of it.
import type { Database, SqlValue } from "@sqlite.org/sqlite-wasm";
import { addDays, dayOf } from "../../../owner/days";

const TIMEZONE = "America/Los_Angeles";
const DAY_MS = 86_400_000;
type Friend = { id: Uint8Array; at: number };

/** Fills a shop that has members. The newest members are the friends, the oldest have sent them. */
export function seedReferrals(db: Database, now: number): void {
  const members = db.selectArrays("SELECT member_id, code FROM members ORDER BY member LIMIT 2");
  const [first, second] = members.map(([id, code]) => ({ id: id as Uint8Array, code: String(code).toLowerCase() }));
  if (!first || !second) return;
  let ids = 0;
  const id = (): Uint8Array => Uint8Array.from({ length: 16 }, (_, at) => (at < 2 ? 250 : at === 15 ? (ids += 1) : 7));
  const run = (sql: string, bind: SqlValue[]): void => void db.exec({ sql, bind });
  const friends: Friend[] = db
    .selectArrays("SELECT member_id FROM members ORDER BY member DESC LIMIT 6")
    .map(([friend], n) => ({ id: friend as Uint8Array, at: now - (3 + n) * DAY_MS }));
  const today = dayOf(now, TIMEZONE);
  for (const [code, campaign, each] of [["solare", "spring", 40], ["market", "", 12]] as const) {
    run("INSERT INTO links (code, kind, campaign, created_at) VALUES (?, 'vendor', ?, ?)", [code, campaign, now - 20 * DAY_MS]);
    for (let back = 0; back < 10; back += 1) run("INSERT INTO link_days (code, day, clicks, visitors, bots) VALUES (?, ?, ?, ?, ?)", [code, addDays(today, -back), each - back, each - 2 * back, back]);
  }
  run("INSERT INTO link_refusals (code, why, times) VALUES ('solare', 'member_already', 3)", []);
  friends.forEach((friend, n) => {
    const [code, referrer] = n === 5 ? ["solare", null] : n === 4 ? [second.code, second.id] : [first.code, first.id];
    run("UPDATE members SET enrolled_at = ?, merged_into = NULL WHERE member_id = ?", [friend.at, friend.id]);
    run("INSERT INTO referrals (op_id, friend, code, referrer, at_ms, day) VALUES (?, ?, ?, ?, ?, ?)", [id(), friend.id, code, referrer, friend.at, dayOf(friend.at, TIMEZONE)]);
  });
  const reward = (friend: Friend | undefined, reason: string, points: number, doubts: string[], granted: boolean): void => {
    if (!friend) return;
    const body = JSON.stringify({ points, reasons: [reason], doubts });
    run(`INSERT INTO referral_rewards (op_id, friend, side, step, round, member_id, points, due_at, least_minor, doubted, at_ms, body)
         VALUES (?, ?, 'referrer', 'buys', 0, ?, ?, ?, 0, ?, ?, ?)`, [
      id(), friend.id, first.id, points, friend.at + 14 * DAY_MS, doubts.length ? 1 : 0, friend.at, body,
    ]);
    if (!granted) return;
    const entry = id();
    run(`INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, reasons) VALUES (?, ?, ?, 'bonus', ?, ?, ?, 'job:referrals', ?)`, [
      entry, id(), first.id, points, friend.at, dayOf(friend.at, TIMEZONE), JSON.stringify([reason]),
    ]);
    run("UPDATE rights SET points = points + ? WHERE member_id = ?", [points, first.id]);
    run("INSERT INTO referral_grants (entry_id, friend, side, step, round, member_id) VALUES (?, ?, 'referrer', 'buys', 0, ?)", [entry, friend.id, first.id]);
  };
  reward(friends[0], "50 = a friend's first purchase", 50, [], true);
  reward(friends[1], "50 = a friend's first purchase", 50, [], false);
  reward(friends[2], "50 = a friend's first purchase", 50, ["6 friends joined through this code within a day"], false);
  reward(friends[3], "Refused: 10 friends this month already", 0, [], false);
}
