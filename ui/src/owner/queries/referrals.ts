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

/** A vendor's or a campaign's link. */
export type LinkRow = { code: string; campaign: string; created_at: number };
/** A member who brought friends: how many, how many of them bought, and how many those brought in turn. */
export type SenderRow = { referrer_code: string; referrer_name: string | null; referrer_last4: string | null; joined: number; bought: number; second: number };
/** Who came through whom, for the tree. */
export type BranchRow = { referrer_code: string; friend_code: string; friend_name: string; friend_last4: string | null };
export type WhyRow = { why: string; times: number };

/** How many of those who brought most are shown. */
const SENDERS = 20;

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
export const links = (): Query => ({ sql: "SELECT code, campaign, created_at FROM links WHERE kind = 'vendor' ORDER BY created_at DESC, code LIMIT 200", params: [] });

const TOP = `SELECT referrer_code, count(*) AS joined, sum(bought_day IS NOT NULL) AS bought FROM report_referrals
             WHERE referrer_code IS NOT NULL AND refused IS NULL AND day BETWEEN $1 AND $2
             GROUP BY referrer_code ORDER BY count(*) DESC, referrer_code LIMIT ${String(SENDERS)}`;

/** Those who brought most in the time; whom their friends brought counts whenever it was. */
export function senders(period: Period): Query {
  return {
    sql: `SELECT t.referrer_code, x.referrer_name, x.referrer_last4, t.joined, t.bought,
                 (SELECT count(*) FROM report_referrals n WHERE n.refused IS NULL AND n.referrer_code IN
                   (SELECT f.friend_code FROM report_referrals f WHERE f.referrer_code = t.referrer_code AND f.refused IS NULL)) AS second
          FROM (${TOP}) t
          JOIN (SELECT DISTINCT referrer_code, referrer_name, referrer_last4 FROM report_referrals) x ON x.referrer_code = t.referrer_code
          ORDER BY t.joined DESC, t.referrer_code`,
    params: [period.from, period.to],
  };
}

/** Their friends, and the friends of those: two levels of the tree. */
export function branches(period: Period): Query {
  return {
    sql: `WITH top AS (${TOP}), first AS (SELECT referrer_code, friend_code, friend_name, friend_last4 FROM report_referrals
            WHERE refused IS NULL AND referrer_code IN (SELECT referrer_code FROM top))
          SELECT * FROM first UNION SELECT referrer_code, friend_code, friend_name, friend_last4 FROM report_referrals
            WHERE refused IS NULL AND referrer_code IN (SELECT friend_code FROM first) ORDER BY 1, 3, 2 LIMIT 1000`,
    params: [period.from, period.to],
  };
}

/** Referrals that do not count, rewards that were refused, taken back or turned down. */
export function whyNot(period: Period): Query {
  return {
    sql: `SELECT why, count(*) AS times FROM (
            SELECT refused AS why FROM report_referrals WHERE refused IS NOT NULL AND day BETWEEN $1 AND $2
            UNION ALL SELECT 'limit' FROM report_referrals WHERE refused IS NULL AND limited IS NOT NULL AND day BETWEEN $1 AND $2
            UNION ALL SELECT 'reversed' FROM report_referrals WHERE refused IS NULL AND lost > 0 AND day BETWEEN $1 AND $2
            UNION ALL SELECT 'rejected' FROM report_referrals WHERE refused IS NULL AND rejected > 0 AND day BETWEEN $1 AND $2)
          GROUP BY why ORDER BY count(*) DESC, why`,
    params: [period.from, period.to],
  };
}
