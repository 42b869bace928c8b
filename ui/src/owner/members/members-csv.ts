// The list of members as a file: the columns, in the order of the screen.
import { plainMoney, toCsv } from "../csv";
import { dayOf } from "../days";
import type { MemberRow } from "../queries/members";

/** The list as CSV; days are the shop's, money is plain decimals. */
export function membersCsv(rows: readonly MemberRow[], shop: { timezone: string; currency_digits: number }): string {
  const day = (ms: number | null): string => (ms === null ? "" : dayOf(ms, shop.timezone));
  return toCsv([
    ["code", "name", "phone", "email", "email_consent", "enrolled", "visits", "last_visit", "spent", "points"],
    ...rows.map((row) => [
      row.code, row.name, row.phone, row.email, row.email_consent ? "yes" : "no", day(row.enrolled_at), row.visits,
      day(row.last_visit_at), plainMoney(row.spent_minor, shop.currency_digits), row.points,
    ]),
  ]);
}
