// The statements behind the ledger browser: a page of lines, what they add up to, and who can be chosen.
import type { Direction, LedgerSort, LedgerState } from "../address";
import { PAGE_ROWS, Where, type Query } from "./sql";
import type { Kind } from "../../shared/backend";

/** A line. `reasons` is a JSON list of text; `at_ms` is UTC; `reversed` says that a later line took it back. */
export type LedgerRow = {
  line: number;
  entry_id: string;
  member_id: string;
  member_code: string;
  member_name: string;
  last4: string | null;
  kind: Kind;
  reverses_kind: Kind | null;
  points: number;
  at_ms: number;
  day: string;
  by_name: string;
  by_id: string;
  rules_version: number | null;
  reasons: string;
  reverses: string | null;
  source: string | null;
  sale_id: string | null;
  total_minor: number | null;
  reward: string | null;
  /** The manager whose PIN allowed it, by name, where the owner's limit for a till that is offline wanted one. */
  approved_by: string | null;
  reversed: number;
};

/** What the lines of a filter add up to. `issued - redeemed` is the sum of their points. */
export type LedgerTotals = { lines: number; issued: number; redeemed: number };

/** Somebody, or something, that made lines. */
export type Maker = { by_id: string; by_name: string };

const ORDER: Record<LedgerSort, (dir: Direction) => string> = {
  // By day first: there is an index on it, and within a day few lines are left to sort.
  at: (dir) => `day ${dir}, at_ms ${dir}, line ${dir}`,
  points: (dir) => `points ${dir}, line ${dir}`,
  total: (dir) => `total_minor ${dir} NULLS LAST, line ${dir}`,
};

/** The side of the points that a redemption and its reversal are on; everything else is on the other. */
const REDEEMED = "(kind = 'redeem' OR reverses_kind IS 'redeem')";

/** One page of lines. Which ones is decided first, from what is sorted alone; only those are then read whole. */
export function ledgerPage(state: LedgerState): Query {
  const where = conditions(state);
  // Always true, and what makes the planner walk the index on the day instead of sorting every line there is.
  if (state.sort === "at" && !state.from && !state.member) where.and("day >= ''");
  const order = ORDER[state.sort](state.dir);
  return {
    sql: `SELECT * FROM report_ledger WHERE line IN (
            SELECT line FROM report_ledger ${where} ORDER BY ${order} LIMIT ${PAGE_ROWS} OFFSET ${(state.page - 1) * PAGE_ROWS}
          ) ORDER BY ${order}`,
    params: where.params,
  };
}

/** What all lines of the filter add up to: one {@link LedgerTotals}. */
export function ledgerTotals(state: LedgerState): Query {
  const where = conditions(state);
  return {
    sql: `SELECT count(*) AS lines,
                 coalesce(sum(CASE WHEN ${REDEEMED} THEN 0 ELSE points END), 0) AS issued,
                 coalesce(-sum(CASE WHEN ${REDEEMED} THEN points ELSE 0 END), 0) AS redeemed
          FROM report_ledger ${where}`,
    params: where.params,
  };
}

/** Everybody who made a line: rows of {@link Maker}. */
export function ledgerMakers(): Query {
  return { sql: "SELECT DISTINCT by_id, by_name FROM report_ledger ORDER BY by_name COLLATE NOCASE", params: [] };
}

function conditions(state: LedgerState): Where {
  const where = new Where();
  if (state.kind === "issued") where.and(`NOT ${REDEEMED}`);
  else if (state.kind === "redeemed") where.and(REDEEMED);
  else if (state.kind !== "all") where.and("kind = ?", state.kind);
  if (state.member) where.and("member_code = ?", state.member);
  if (state.staff) where.and("by_id = ?", state.staff);
  if (state.reward) where.and("reward = ?", state.reward);
  if (state.from) where.and("day >= ?", state.from);
  if (state.to) where.and("day <= ?", state.to);
  if (state.reversed !== "all") where.and(state.reversed === "yes" ? "reversed" : "NOT reversed");
  return where;
}

/** The reasons of a line; none where they can't be read. */
export function reasonsOf(row: Pick<LedgerRow, "reasons">): string[] {
  const reasons: unknown = JSON.parse(row.reasons);
  return Array.isArray(reasons) ? reasons.filter((reason) => typeof reason === "string") : [];
}
