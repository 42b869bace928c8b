// Members who stay away, and those who came back, as files: one row each, in the order of the screen.
import type { Away, CameBack } from "../../shared/backend";
import { plainMoney, toCsv } from "../csv";
import { dayOf } from "../days";

type ShopOf = { timezone: string; currency_digits: number };
const day = (at: string | null, shop: ShopOf): string | null => (at === null ? null : dayOf(Date.parse(at), shop.timezone));

/** Who stays away, as CSV; days are the shop's. */
export function awayCsv(rows: readonly Away[], shop: ShopOf): string {
  return toCsv([
    ["member", "name", "visits", "points", "last_visit", "weeks", "mails", "last_mail", "gets_mail", "chosen", "next", "next_points", "not_before"],
    ...rows.map((row) => [
      row.code, row.name, row.visits, row.points, day(row.last_visit_at, shop), row.weeks, row.nudges, day(row.nudged_at, shop),
      row.gets_mail ? "yes" : "no", row.chosen, row.next, row.next_points, day(row.next_at, shop),
    ]),
  ]);
}

/** Who came back, as CSV; days are the shop's, money is plain. */
export function backCsv(rows: readonly CameBack[], shop: ShopOf): string {
  return toCsv([
    ["member", "name", "last_mail", "mails", "points", "came_back", "spent"],
    ...rows.map((row) => [row.code, row.name, day(row.mailed_at, shop), row.mails, row.bonus, day(row.at, shop), plainMoney(row.spent_minor, shop.currency_digits)]),
  ]);
}
