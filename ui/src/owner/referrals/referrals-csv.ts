// Referrals as a file: one row each, in the order of the screen.
import { toCsv } from "../csv";
import { dayOf } from "../days";
import type { ReferralRow, SenderRow } from "../queries/referrals";

/** The list as CSV; days are the shop's. */
export function referralsCsv(rows: readonly ReferralRow[], shop: { timezone: string }): string {
  return toCsv([
    ["friend", "friend_name", "sent_by", "sent_by_name", "code", "joined", "bought", "state", "why", "points", "points_waiting"],
    ...rows.map((row) => [
      row.friend_code, row.friend_name, row.referrer_code, row.referrer_name, row.code, dayOf(row.at_ms, shop.timezone), row.bought_day,
      row.state, row.refused ?? row.limited, row.points, row.waiting,
    ]),
  ]);
}

/** Those who brought most, as CSV. */
export function sendersCsv(rows: readonly SenderRow[]): string {
  return toCsv([
    ["member", "name", "joined", "bought", "friends_of_friends"],
    ...rows.map((row) => [row.referrer_code, row.referrer_name, row.joined, row.bought, row.second]),
  ]);
}
