// An in-browser shop with the same answers and refusals as the store, for development and the page tests. The page's
// query chooses how it starts: `?start=fresh`, `?start=unstaffed`,
// `?start=problem&code=disk_full`, `?as=ana` (signed in), `?lock=5`
// (seconds until it locks), `?held=2` (sales that wait), `?standing=unconfirmed` (how it stands with everybody's mail), `?fail=disk_full` (every write fails). The owner's page: see owner.ts.
import type { Session, Startup, StorageCode } from "../bindings";
import type { Backend } from "../index";
import { joining, joinOf } from "./join";
import { ownerOf } from "./owner";
import { emptyQueue } from "./review";
import { elsewhereOf } from "./rights";
import { addExtras, holdSome, seed } from "./seed";
import { tillOf } from "./till";
import { asOf, relayOf } from "./tills";
import { tileOf, type World } from "./world";

const CURRENCIES = [
  ["EUR", "Euro"],
  ["GBP", "Pound Sterling"],
  ["JPY", "Yen"],
  ["USD", "US Dollar"],
] as const;
const REGIONS = [
  ["DE", "Germany"],
  ["GB", "United Kingdom"],
  ["JP", "Japan"],
  ["US", "United States"],
] as const;

function startOf(world: World): Startup {
  if (world.shop) {
    const staff = world.staff.filter((s) => s.active).map(tileOf);
    return { state: "ready", shop: world.shop, staff, session: world.session, needs_pin: world.needsPin };
  }
  const choices = (pairs: readonly (readonly [string, string])[]): { code: string; name: string }[] =>
    pairs.map(([code, name]) => ({ code, name }));
  return {
    state: "fresh",
    region: "US",
    currency: "USD",
    timezone: "America/Los_Angeles",
    currencies: choices(CURRENCIES),
    regions: choices(REGIONS),
    timezones: Intl.supportedValuesOf("timeZone"),
  };
}

/** A new in-memory shop, started as `params` say. */
export function openFake(params: URLSearchParams): Backend {
  const world: World = {
    shop: null,
    members: new Map(),
    entries: [],
    staff: [],
    session: null,
    answered: new Map(),
    problem: null,
    rulesText: "",
    extras: { cards: [], lots: {} },
    queue: emptyQueue(),
    joined: null,
    needsPin: false,
    relay: (now) => relayOf(params, now),
    elsewhere: elsewhereOf(params),
    waiting: {},
    asOf: (now) => asOf(params, now),
    standing: params.get("standing") ?? undefined,
  };
  const start = params.get("start");
  if (start !== "fresh") seed(world, Date.now());
  if (start === "unstaffed") world.staff = [];
  if (params.has("cards")) addExtras(world);
  if (params.has("held")) holdSome(world, Number(params.get("held")), Date.now());
  const person = world.staff.find((s) => s.name.toLowerCase() === params.get("as"));
  if (person) world.session = { staff_id: person.id, name: person.name, role: person.role } satisfies Session;
  if (world.shop && params.has("lock")) world.shop.lock_after_s = Number(params.get("lock"));
  const problemOf = (code: string): World["problem"] => ({ code: code as StorageCode, path: "/home/you/regulars", detail: "" });
  if (params.has("fail")) world.problem = problemOf(params.get("fail") ?? "io");

  const startup = (): Startup =>
    start === "problem"
      ? { state: "problem", problem: problemOf(params.get("code") ?? "io") ?? { code: "io", path: "", detail: "" } }
      : (joining(world, params) ?? startOf(world));
  return {
    ...ownerOf(params, () => window.close()),
    ...joinOf(world, startup),
    ...tillOf(world, startup, () => window.open("./owner.html")),
  };
}
