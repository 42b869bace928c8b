// The statements behind the list of members and one member's page. Only text is made here; nothing is asked.
import type { Direction, MemberSort, MembersState } from "../address";
import { addDays, periodOf, type Day } from "../days";
import { PAGE_ROWS, Where, type Query } from "./sql";

/** A row of the list. Times are ms UTC; money is minor units. */
export type MemberRow = {
  member: number;
  member_id: string;
  code: string;
  name: string;
  last4: string | null;
  phone: string | null;
  email: string;
  email_consent: number;
  /** `MM-DD` or `YYYY-MM-DD`; empty where the member told none. */
  birthday: string;
  enrolled_at: number;
  visits: number;
  last_visit_at: number | null;
  points: number;
  spent_minor: number;
};

/** Slipping away: nobody counts as one after a single visit, and 60 days is two months of a weekly habit. */
export const SLIPPING_DAYS = 60;
export const SLIPPING_VISITS = 3;

const ORDER: Record<MemberSort, (dir: Direction) => string> = {
  // Members without a name come last, whichever way names run.
  name: (dir) => `name = '', name COLLATE NOCASE ${dir}, member ${dir}`,
  visits: (dir) => `visits ${dir}, member ${dir}`,
  last_visit: (dir) => `last_visit_at ${dir} NULLS LAST, member ${dir}`,
  spent: (dir) => `spent_minor ${dir}, member ${dir}`,
  points: (dir) => `points ${dir}, member ${dir}`,
  enrolled: (dir) => `enrolled_at ${dir}, member ${dir}`,
};

/** One page of the list. Which rows is decided first, from the sorted column alone; only those are then read whole. */
export function membersPage(state: MembersState, today: Day): Query {
  const where = conditions(state, today);
  const order = ORDER[state.sort](state.dir);
  const limit = `LIMIT ${PAGE_ROWS} OFFSET ${(state.page - 1) * PAGE_ROWS}`;
  return {
    sql: `SELECT * FROM report_members WHERE member IN (
            SELECT member FROM report_members ${where} ORDER BY ${order} ${limit}
          ) ORDER BY ${order}`,
    params: where.params,
  };
}

/** Every row of the filter, for a file. */
export function membersAll(state: MembersState, today: Day): Query {
  const where = conditions(state, today);
  return { sql: `SELECT * FROM report_members ${where} ORDER BY ${ORDER[state.sort](state.dir)}`, params: where.params };
}

/** How many the filter lets through: one row, `members`. */
export function membersCount(state: MembersState, today: Day): Query {
  const where = conditions(state, today);
  return { sql: `SELECT count(*) AS members FROM report_members ${where}`, params: where.params };
}

/** One member by code: one row or none. */
export function memberByCode(code: string): Query {
  return { sql: "SELECT * FROM report_members WHERE code = $1", params: [code] };
}

/** How it stands with a member's mail. */
export type MailRow = { standing: string };
export const mailOf = (code: string): Query => ({
  sql: "SELECT r.standing FROM report_mail r JOIN report_members m ON m.member_id = r.member_id WHERE m.code = $1",
  params: [code],
});

/** Members by their ids; those who are not members any more are left out. */
export const membersById = (ids: string[]): Query => ({
  sql: `SELECT * FROM report_members WHERE member_id IN (${ids.map((_, at) => `$${at + 1}`).join(", ")})`,
  params: ids,
});

/** How far a member is on a stamp card; the card is full at `needed`. */
export type StampsRow = { position: number; name: string; needed: number; stamps: number };

/** The stamp cards that a member has stamps on. */
export const stampsOf = (code: string): Query => ({
  sql: "SELECT position, name, needed, stamps FROM report_stamps WHERE member_code = $1 ORDER BY position",
  params: [code],
});

/** The first few whose name, email, phone or code fits, to choose one from. */
export function membersLike(text: string): Query {
  const where = new Where();
  search(where, text);
  return { sql: `SELECT * FROM report_members ${where} ORDER BY last_visit_at DESC LIMIT 8`, params: where.params };
}

function conditions(state: MembersState, today: Day): Where {
  const where = new Where();
  search(where, state.q);
  switch (state.show) {
    case "all":
      break;
    case "day":
    case "month":
    case "year":
      // The same lines that the first page counts, so that its number and this list agree.
      where.and(
        "code IN (SELECT member_code FROM report_ledger WHERE kind = 'earn' AND NOT reversed AND day BETWEEN ? AND ?)",
        periodOf(state.show, today).from,
        today,
      );
      break;
    case "slipping":
      where.and("visits >= ?", SLIPPING_VISITS);
      where.and("last_visit_at < ?", Date.parse(`${addDays(today, -SLIPPING_DAYS)}T00:00:00Z`));
      break;
    case "email":
      where.and("email <> ''");
      break;
  }
  return where;
}

/** Digits are looked for in the phone; words by their beginnings in name and email, without regard to accents; a whole code. */
function search(where: Where, text: string): void {
  const digits = text.replace(/\D/g, "");
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}@]+/gu) ?? [];
  if (!words.length) return;
  if (digits.length >= 3 && /^[\d\s()+.\-/]+$/.test(text.trim())) {
    where.and("phone LIKE ?", `%${digits}%`);
    return;
  }
  const match = words.map((word) => `"${word}"*`).join(" AND ");
  const code = text.toUpperCase().replace(/[\s-]/g, "");
  where.and("(member IN (SELECT rowid FROM member_words WHERE member_words MATCH ?) OR code = ?)", match, code);
}
