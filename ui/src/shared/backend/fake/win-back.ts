// The in-browser shop's members who stay away: `?lapsing=on` (some, and some came back), `new` (nothing was done yet),
// `nobody`; without it the rules have no such line. `&relay=in_sync`: it has a relay.
import type { Away, CameBack, WinBack, WinBackChoice, WinBackNext } from "../bindings";
import { Refused, type WinBackBackend } from "../index";
import type { ReportsDatabase } from "./reports";

const DAY_MS = 86_400_000;
const AWAY_MS = 60 * DAY_MS;
const PAUSE_MS = 14 * DAY_MS;
const MOST = 2;
const LINE = "Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest";

type Person = { member_id: string; code: string; name: string; last4: string | null; visits: number; points: number; email_consent: number; last_visit_at: number };

/** Who stays away in the made-up shop. */
export function winBackOf(params: URLSearchParams, reports: () => Promise<ReportsDatabase>): WinBackBackend {
  const how = params.get("lapsing");
  let state: Promise<WinBack> | undefined;
  const all = (): Promise<WinBack> => (state ??= reports().then((shop) => madeUp(shop, how, params.has("relay"), Date.now())));
  const shown = async (change?: (now: WinBack) => void): Promise<WinBack> => {
    const now = await all();
    change?.(now);
    for (const away of now.away) Object.assign(away, nextOf(away, now, Date.now()));
    return structuredClone(now);
  };
  return {
    winBack: async () => shown(),
    winBackChoose: async (members, choice) => {
      if (choice === "bonus" && (await all()).usual.bonus === 0) throw new Refused("bad_points", "bonus", "0");
      return shown((now) => {
        for (const away of now.away) if (members.includes(away.member_id)) Object.assign(away, { chosen: choice, chosen_by: choice ? "Ana" : "" } satisfies Partial<Away>);
      });
    },
    winBackUsual: async (_opId, usual) => {
      if (usual.bonus < 0 || (usual.choice === "bonus" && usual.bonus === 0)) throw new Refused("bad_points", "bonus", String(usual.bonus));
      return shown((now) => (now.usual = { ...usual }));
    },
  };
}

/** As `loyalty::lapsing::next`. */
function nextOf(away: Away, { usual }: WinBack, now: number): Pick<Away, "next" | "next_points" | "next_at"> {
  const rest = (next: WinBackNext, at: number | null = null): ReturnType<typeof nextOf> => ({ next, next_points: 0, next_at: at === null ? null : new Date(at).toISOString() });
  if (away.nudges >= MOST) return rest("enough");
  const choice: WinBackChoice = away.chosen ?? usual.choice;
  if (choice === "rest") return rest(away.chosen ? "rest_chosen" : "rest_usual");
  const free = away.nudged_at === null ? 0 : Date.parse(away.nudged_at) + PAUSE_MS;
  if (!away.chosen && free > now) return rest("wait", free);
  if (choice === "bonus" && !away.had_bonus && usual.bonus > 0) return { ...rest("bonus"), next_points: usual.bonus };
  return rest("nudge");
}

function madeUp({ select }: ReportsDatabase, how: string | null, relay: boolean, now: number): WinBack {
  const at = (ms: number): string => new Date(ms).toISOString();
  const some = how === "on" || how === "new";
  const people = (sql: string): Person[] => (some ? select<Person>(`SELECT * FROM report_members WHERE visits >= 5 AND ${sql} ORDER BY last_visit_at DESC, member`, [now - AWAY_MS]) : []);
  let written = 0;
  const away = people("last_visit_at < $1").map((one): Away => {
    const weeks = Math.floor((now - one.last_visit_at) / (7 * DAY_MS));
    // Of those who get mail: none yet, one lately, two, and one that is a while ago.
    const [nudges = 0, days = 0] = how === "on" && one.email_consent ? ([[0, 0], [1, 4], [2, 21], [1, 21]][written++ % 4] ?? []) : [];
    const nudged = now - days * DAY_MS;
    return {
      member_id: one.member_id, code: one.code, name: one.name, last4: one.last4 ?? "", visits: one.visits, points: one.points, last_visit_at: at(one.last_visit_at), weeks,
      nudges, nudged_at: nudges ? at(nudged) : null, had_bonus: false, gets_mail: one.email_consent === 1, chosen: null, chosen_by: "", next: "nudge", next_points: 0, next_at: null,
    };
  });
  const here = how === "on" ? people("last_visit_at >= $1").slice(0, 4) : [];
  const back = here.map((one, n): CameBack => ({
    code: one.code, name: one.name, last4: one.last4 ?? "", mailed_at: at(one.last_visit_at - (n + 3) * DAY_MS), mails: 1 + (n % 2), bonus: n % 2 ? 25 : 0, at: at(one.last_visit_at), spent_minor: 1_250 + 940 * n,
  }));
  return {
    rule: how === null ? null : { line: LINE, nudges: MOST },
    relay,
    usual: { choice: "nudge", bonus: 0 },
    away,
    mails: how === "on" ? 31 : 0,
    bonuses: how === "on" ? 2 : 0,
    points: how === "on" ? 50 : 0,
    back,
  };
}
