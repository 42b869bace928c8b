// The statements behind the first page, and what is computed from their rows.
import type { Bucket, Day, Period } from "../days";
import type { Query } from "./sql";

/** The programme in figures: one row. See the view for what each means. */
export type Totals = {
  members: number;
  sales: number;
  points_issued: number;
  points_redeemed: number;
  points_outstanding: number;
  liability_reward: string | null;
  liability_stamps_minor: number | null;
  liability_minor: number | null;
};
export type PointsDay = { day: Day; issued: number; redeemed: number };
export type VisitsDay = { day: Day; visits: number; members: number; sold_to_members_minor: number };
/** How many different members came in the period, and in the one before. */
export type Came = { came: number; came_before: number };
/** Rewards taken in the period; `costed` of them state a cost, which sums to `cost_minor`, as often over as each was given. */
export type Taken = { rewards: number; costed: number; cost_minor: number };
/** `stamps` is what a full stamp card takes, which takes no points; null for a reward. */
export type RewardRow = { name: string; points: number; stamps: number | null; cost_minor: number | null; redeemed: number };
export type TopMember = { code: string; name: string; last4: string | null; visits: number; spent_minor: number; points: number };

export const totals = (): Query => ({ sql: "SELECT * FROM report_totals", params: [] });

/** The day of the shop's first line: one row, or none where there is no line. */
export const firstDay = (): Query => ({ sql: "SELECT day FROM report_ledger ORDER BY day LIMIT 1", params: [] });

export const pointsByDay = (from: Day, to: Day): Query => ({
  sql: "SELECT day, issued, redeemed FROM report_points_by_day WHERE day BETWEEN $1 AND $2 ORDER BY day",
  params: [from, to],
});

export const visitsByDay = (from: Day, to: Day): Query => ({
  sql: `SELECT day, visits, members, sold_to_members_minor FROM report_visits_by_day WHERE day BETWEEN $1 AND $2 ORDER BY day`,
  params: [from, to],
});

export const cameBack = (period: Period): Query => ({
  sql: `SELECT count(DISTINCT CASE WHEN day >= $1 THEN member_code END) AS came,
               count(DISTINCT CASE WHEN day < $1 THEN member_code END) AS came_before
        FROM report_ledger WHERE kind = 'earn' AND NOT reversed AND day BETWEEN $2 AND $3`,
  params: [period.from, period.beforeFrom, period.to],
});

export const rewardsTaken = (period: Period): Query => ({
  sql: `SELECT count(*) AS rewards, count(w.cost_minor) AS costed, coalesce(sum(w.cost_minor * l.lots), 0) AS cost_minor
        FROM report_ledger l LEFT JOIN report_rewards w ON w.name = l.reward
        WHERE l.kind = 'redeem' AND NOT l.reversed AND l.day BETWEEN $1 AND $2`,
  params: [period.from, period.to],
});

export const rewards = (): Query => ({ sql: "SELECT * FROM report_rewards ORDER BY stamps, points, name", params: [] });

/** Who spent most in the period: sales not taken back. */
export const topMembers = (period: Period): Query => ({
  sql: `SELECT t.code, m.name, m.last4, t.visits, t.spent_minor, m.points
        FROM (SELECT member_code AS code, count(*) AS visits, sum(total_minor) AS spent_minor
              FROM report_ledger WHERE kind = 'earn' AND NOT reversed AND day BETWEEN $1 AND $2
              GROUP BY member_code ORDER BY spent_minor DESC, visits DESC, member_code LIMIT 6) t
        JOIN report_members m ON m.code = t.code
        ORDER BY t.spent_minor DESC, t.visits DESC, t.code`,
  params: [period.from, period.to],
});

/** What was outstanding at the end of each bucket, counted back from what is outstanding now. */
export function outstandingBy(buckets: Bucket[], points: PointsDay[], now: number): number[] {
  return buckets.map(({ to }) =>
    points.reduce((left, row) => (row.day > to ? left - row.issued + row.redeemed : left), now));
}
