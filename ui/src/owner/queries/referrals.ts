// The statements behind the page of referrals.
import type { Day, Period } from "../days";
import { PAGE_ROWS, Where, type Query } from "./sql";

/** One code's way from a click to a reward. */
export type FunnelRow = { code: string; clicks: number; visitors: number; joined: number; bought: number; rewarded: number; points: number };
export type ReferralState = "refused" | "review" | "rewarded" | "pending" | "reversed" | "bought" | "joined";
export type ReferralRow = {
  referral: string; code: string; at_ms: number; friend_code: string; friend_name: string; friend_last4: string | null;
  referrer_code: string | null; referrer_name: string | null; referrer_last4: string | null;
  bought_day: Day | null; points: number; waiting: number; due_at: number | null; refused: string | null; limited: string | null;
  rejected: number; state: ReferralState;
};
export type OddRow = {
  reward: string; points: number; at_ms: number; doubts: string; code: string;
  member_code: string; member_name: string; member_last4: string | null; friend_code: string; friend_name: string; friend_last4: string | null;
};
export type RefusedRow = { code: string; why: string; times: number };

/** Each step is counted on the day it was taken. */
export function funnel(period: Period): Query {
  return {
    sql: `SELECT code, sum(clicks) AS clicks, sum(visitors) AS visitors, sum(joined) AS joined, sum(bought) AS bought,
                 sum(rewarded) AS rewarded, sum(points) AS points
          FROM report_funnel WHERE day BETWEEN $1 AND $2 GROUP BY code
          ORDER BY sum(joined) DESC, sum(clicks) DESC, code LIMIT 100`,
    params: [period.from, period.to],
  };
}

/** Whether anything ever happened. */
export const anything = (): Query => ({
  sql: "SELECT EXISTS (SELECT 1 FROM referrals) OR EXISTS (SELECT 1 FROM link_days) OR EXISTS (SELECT 1 FROM links) AS any_at_all",
  params: [],
});

const those = (period: Period, code: string): Where => {
  const where = new Where().and("day BETWEEN ? AND ?", period.from, period.to);
  return code === "" ? where : where.and("code = ?", code);
};

export function referrals(period: Period, code: string, number: number): Query {
  const where = those(period, code);
  const [rows, from] = [where.value(PAGE_ROWS), where.value((number - 1) * PAGE_ROWS)];
  return { sql: `SELECT * FROM report_referrals ${where} ORDER BY at_ms DESC, referral LIMIT ${rows} OFFSET ${from}`, params: where.params };
}

export function counted(period: Period, code: string): Query {
  const where = those(period, code);
  return { sql: `SELECT count(*) AS total FROM report_referrals ${where}`, params: where.params };
}

/** All of them, for a file. */
export function everyReferral(period: Period, code: string): Query {
  const where = those(period, code);
  return { sql: `SELECT * FROM report_referrals ${where} ORDER BY at_ms DESC, referral`, params: where.params };
}

export const odd = (): Query => ({ sql: "SELECT * FROM report_odd_rewards ORDER BY at_ms, reward", params: [] });
export const refused = (): Query => ({ sql: "SELECT code, why, times FROM link_refusals ORDER BY times DESC, code, why LIMIT 100", params: [] });
