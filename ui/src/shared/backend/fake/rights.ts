// The in-browser shop's points that are elsewhere, and what is left to settle. At the till: `?rest=40` points are at
// Till 2, which stands so: `&at=near` (gives them when asked), `slow` (with the page's event `fake-fetched`), `far`, `lost`, `offline` (this till is), `gone` (seems near
// and isn't). `?limit=pin|days|cap|none`: the owner's limits on redeeming while offline. In the owner's window:
// `?conflicts=N` (0: none).
import type { AwayLimits, Card, Conflict, ConflictSettled, ConflictSettle, Conflicts, Redeem } from "../bindings";
import { Refused, type RightsBackend } from "../index";

const MINUTE_MS = 60_000;
/** The limit of these pages, in points. */
const PIN_ABOVE = 50;
/** How long asking takes. */
const FETCH_MS = 900;

export type Elsewhere = { rest: number; at: string; limit: string };

export function elsewhereOf(params: URLSearchParams): Elsewhere {
  return { rest: Number(params.get("rest")), at: params.get("at") ?? "near", limit: params.get("limit") ?? "" };
}

/** What of a card is not here. */
export function partOf({ rest, at }: Elsewhere, balance: number): Pick<Card, "spendable" | "elsewhere" | "asks"> {
  const points = Math.min(rest, balance);
  if (points <= 0) return { spendable: balance, elsewhere: [], asks: at !== "offline" };
  const far = at === "far" || at === "lost" || at === "offline";
  const seen_at = new Date(Date.now() - (far ? 114 : 0) * MINUTE_MS).toISOString();
  const held = { till: "Till 2", relay: false, points, seen_at, near: !far, lost: at === "lost" };
  return { spendable: balance - points, elsewhere: [held], asks: at !== "offline" };
}

/** Refuses what the owner's limits don't let a till redeem. */
export function limited({ limit }: Elsewhere, input: Redeem, points: number, pinOf: (staffId: string) => string | undefined): void {
  if (limit === "days") throw new Refused("away_too_long", "", "", 7);
  if (limit === "cap") throw new Refused("away_cap", "", "", 30);
  if (limit === "none") throw new Refused("away_cap", "", "", 0);
  if (limit !== "pin" || points <= PIN_ABOVE) return;
  if (!input.manager) throw new Refused("needs_manager", "", "", PIN_ABOVE);
  if (pinOf(input.manager.staff_id) !== input.manager.pin) throw new Refused("wrong_pin", "pin", "", 2_000);
}

/** Gets points that are elsewhere, if they can be had. */
export async function fetched(where: Elsewhere, lacks: boolean): Promise<void> {
  if (!lacks || where.rest === 0) return;
  await new Promise<unknown>((done) => (where.at === "slow" ? addEventListener("fake-fetched", done, { once: true }) : setTimeout(done, FETCH_MS)));
  if (where.at === "gone") where.at = "far";
  if (where.at === "near" || where.at === "slow") where.rest = 0;
}

const NAMES = ["Omar Pereira", "Priya Nair", "Tom Baker", "Grace Okafor"];

function some(count: number, now: number): Conflict[] {
  const before = (hours: number): string => new Date(now - hours * 60 * MINUTE_MS).toISOString();
  const blank = { member_code: "", cost_minor: null, thing: "", first_till: "", first_at: null, note: "", note_by: "", note_at: null };
  const all: Conflict[] = [
    { ...blank, key: "loss:1", about: "lost_spend", member_name: NAMES[0] ?? "", member_last4: "0191", points: 100, cost_minor: 200, balance: 35, till: "Terrace", by_name: "Chris", at: before(30), thing: "Free coffee" },
    { ...blank, key: "below:1", about: "below_zero", member_name: NAMES[1] ?? "", member_last4: "0144", points: 60, cost_minor: 120, balance: -60, till: "Till 1", by_name: "Ben", at: before(4) },
    { ...blank, key: "twice:1", about: "sale_twice", member_name: NAMES[2] ?? "", member_last4: "0177", points: 42, cost_minor: 84, balance: 310, till: "Terrace", by_name: "Ana", at: before(3), thing: "A-1004", first_till: "Till 1", first_at: before(3.2) },
    { ...blank, key: "twice:2", about: "reversal_twice", member_name: "", member_last4: "0102", points: -12, balance: 88, till: "Till 1", by_name: "Ben", at: before(50), thing: "A-0990", first_till: "Terrace", first_at: before(51) },
  ];
  return all.slice(0, count);
}

/** What the owner's window asks of rights. */
export function rightsOf(params: URLSearchParams, now: number): RightsBackend {
  let limits: AwayLimits = { days: 7, per_member: null, in_all: null, pin_above: null };
  const before = new Map<string, Conflict>();
  const state: Conflicts = { open: some(Number(params.get("conflicts") ?? 4), now), settled: [] };
  const shown = (): Conflicts => structuredClone(state);
  return {
    awayLimits: async () => (params.has("relay") ? { ...limits } : null),
    awayLimitsSet: async (_opId, next) => {
      limits = next;
    },
    conflicts: async () => shown(),
    conflictSettle: async (input: ConflictSettle) => {
      const found = state.open.find((one) => one.key === input.key);
      if (!found) throw new Refused("already_decided", "key", input.key);
      if (found.about === "lost_spend" && params.get("relay") === "offline" && input.verdict !== "asked") throw new Refused("offline");
      if (input.verdict === "asked") {
        Object.assign(found, { note: input.note, note_by: "Olga", note_at: new Date().toISOString() });
        return shown();
      }
      before.set(found.key, found);
      state.open = state.open.filter((one) => one !== found);
      const { key, about, member_code, member_name, member_last4, points } = found;
      const settled: ConflictSettled = { key, about, member_code, member_name, member_last4, points, verdict: input.verdict, note: input.note, by_name: "Olga", at: new Date().toISOString(), may_undo: about !== "lost_spend" };
      state.settled = [settled, ...state.settled];
      return shown();
    },
    conflictUndo: async (_opId, key) => {
      const found = before.get(key);
      if (!found || !state.settled.some((one) => one.key === key && one.may_undo)) throw new Refused("already_decided", "key", key);
      state.settled = state.settled.filter((one) => one.key !== key);
      state.open = [...state.open, found];
      return shown();
    },
  };
}
