// The in-browser shop's tills: `?relay=in_sync` (or `waiting`, `offline`, `revoked`, `unknown_device`, `unfit`): it has a relay that stands so.
import type { AsOf, RelayState, RelayWay, Till, Tills } from "../bindings";
import { Refused, type TillsBackend } from "../index";

const MINUTE_MS = 60_000;
const CODE = /^[0-9A-Z]{4}-?[0-9A-Z]{4}$/i;

/** How the made-up till stands with its relay; null where it has none. */
export function relayOf(params: URLSearchParams, now: number): RelayState | null {
  const asked = params.get("relay");
  if (asked === null) return null;
  const refused = ["revoked", "unknown_device", "unfit"].includes(asked);
  const way: RelayWay = refused ? "refused" : (asked as RelayWay);
  const waits = way === "waiting" || way === "offline";
  const before = (minutes: number): string => new Date(now - minutes * MINUTE_MS).toISOString();
  const code = refused ? asked : way === "offline" ? "offline" : null;
  return { way, pending: waits ? 3 : 0, waiting_since: waits ? before(26) : null, seen_at: before(waits ? 26 : 0), skew_s: Number(params.get("skew")), code };
}

/** Refuses what is typed wrong, and a relay that is away. */
export function asked(address: string, code: string): void {
  if (!address.startsWith("https://")) throw new Refused("bad_address", "address");
  if (!CODE.test(code)) throw new Refused("bad_code", "code");
  if (address.includes("away")) throw new Refused("offline");
}

/** What a card says of its age: `?unseen=26` (minutes), with `&till=Till%202` or, without, of this till being cut off. */
export function asOf(params: URLSearchParams, now: number): AsOf | null {
  const minutes = Number(params.get("unseen"));
  return minutes === 0 ? null : { at: new Date(now - minutes * MINUTE_MS).toISOString(), till: params.get("till"), unseen_min: minutes };
}

/** The shop's tills over a made-up relay. */
export function tillsOf(params: URLSearchParams, now: number): TillsBackend {
  const relay = relayOf(params, now);
  const till = (n: number, name: string, minutes: number | null, more: Partial<Till> = {}): Till => {
    const seen_at = minutes === null ? null : new Date(now - minutes * MINUTE_MS).toISOString();
    return { till_id: `till-${n}`, name, here: n === 1, seen_at, app_version: seen_at ? "0.1.0" : "", pending: 0, held_points: n === 1 ? 41_250 : 0, skew_s: 0, revoked: false, lost: false, exposed_members: 0, exposed_points: 0, exposed_minor: null, ...more };
  };
  const all = [till(1, "Till 1", 0), till(2, "Terrace", 26, { pending: 12, held_points: 640, skew_s: 420, exposed_members: 12, exposed_points: 655, exposed_minor: 1_310 }), till(3, "Old till", 9_000, { revoked: true }), till(4, "Bar", null)];
  const state: Tills = { relay, address: relay ? "https://relay.example" : "", tills: relay ? all : [] };
  const shown = (): Tills => structuredClone(state);
  const one = (id: string): Till => {
    const found = state.tills.find((t) => t.till_id === id);
    if (!found) throw new Refused("missing", "till_id", id);
    return found;
  };
  return {
    tills: async () => shown(),
    tillsConnect: async (address, code) => {
      asked(address, code);
      Object.assign(state, { address, relay: { way: "beginning", pending: 812, waiting_since: null, seen_at: null, skew_s: 0, code: null }, tills: [] } satisfies Tills);
      return shown();
    },
    tillsStartOver: async () => {
      if (state.relay) Object.assign(state.relay, { way: "beginning", code: null });
      return null;
    },
    tillsAdd: async () => {
      if (relay?.way === "offline") throw new Refused("offline");
      return { code: "K7QM-2XRA", expires_at: new Date(Date.now() + 10 * MINUTE_MS).toISOString() };
    },
    tillsRename: async (id, name) => {
      if (name.trim() === "") throw new Refused("bad_name", "name", name);
      one(id).name = name.trim();
      return shown();
    },
    tillsRevoke: async (id) => {
      one(id).revoked = true;
      return shown();
    },
    tillsLose: async (id) => {
      Object.assign(one(id), { revoked: true, lost: true });
      return shown();
    },
    tillsFind: async (id) => {
      Object.assign(one(id), { revoked: false, lost: false });
      return shown();
    },
    tillsRelease: async (id) => {
      Object.assign(one(id), { exposed_members: 0, exposed_points: 0 });
      return shown();
    },
    tillsTry: async () => undefined,
  };
}
