// The till's half of the in-browser shop: the same answers and refusals as the store's.
import type { Card, Credit, Credited, Decide, DecidedNow, HeldSale, Preview, Redeemed, RefundPreview, Session, Startup } from "../bindings";
import { Refused, StorageFailed, type TillBackend } from "../index";
import { fetched, limited } from "./rights";
import { readDetails } from "./details";
import { decideHeld, takeBackHeld } from "./review";
import { onFakeArrival } from "./sales-in";
import { find, readPhone } from "./search";
import * as w from "./world";

const SKIP_UNDER_MINOR = 200;
const HOLD_OVER_MINOR = 50_000;

/** Runs `work` once per operation id: a retry gets the first answer, other content a refusal. */
function once<T>(world: w.World, opId: string, content: unknown, work: () => T): T {
  const text = JSON.stringify(content);
  const before = world.answered.get(opId);
  if (before && before.content !== text) throw new Refused("sale_differs");
  if (before) return before.answer as T;
  if (world.problem) throw new StorageFailed(world.problem);
  const answer = work();
  world.answered.set(opId, { content: text, answer });
  return answer;
}

function minorOf(amount: string): number {
  const parts = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(amount);
  if (!parts) throw new Refused("bad_amount", "amount", amount);
  return Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
}

function append(world: w.World, entry: Omit<w.Entry, "id" | "at" | "by" | "reversedBy">): w.Entry {
  const row = { ...entry, id: crypto.randomUUID(), at: Date.now(), by: w.need(world).name, reversedBy: null };
  world.entries.push(row);
  return row;
}

function weigh(world: w.World, memberId: string, amount: string): Preview {
  const minor = minorOf(amount);
  const balance = w.balanceOf(world, memberId);
  const skip = minor < SKIP_UNDER_MINOR;
  const hold = minor > HOLD_OVER_MINOR;
  const points = skip ? 0 : Math.floor(minor / 100);
  const after = balance + (hold ? 0 : points);
  const reward = w.shopOf(world).rewards.find((r) => balance < r.points && after >= r.points);
  const reasons = skip ? ["Skipped: under $2"] : hold ? [`${points} = 1 per $1`, "Held: over $500"] : [`${points} = 1 per $1`];
  const move = skip ? "skip" : hold ? "hold" : reward ? "add_reward" : "add";
  return { move, points, reasons, balance_after: after, announces: reward?.name ?? null };
}

function credit(world: w.World, input: Credit): Credited {
  const member = w.memberOf(world, input.member_id);
  const decided = weigh(world, member.id, input.amount);
  const minor = minorOf(input.amount);
  const before = input.sale_id ? world.entries.find((e) => e.saleId === input.sale_id) : undefined;
  if (before && (before.memberId !== member.id || before.totalMinor !== minor)) throw new Refused("sale_differs");
  const held = decided.move === "hold";
  if (!before && decided.points > 0 && !held) for (const { card, count } of input.bought ?? []) member.stamps[card] = (member.stamps[card] ?? 0) + count;
  if (held && !before) hold(world, member, input.sale_id, decided, minor);
  const entry =
    before ??
    (held
      ? null
      : append(world, {
      memberId: member.id,
      kind: "earn",
      points: decided.points,
      totalMinor: minor,
      saleId: input.sale_id,
      reward: null,
      reasons: decided.reasons,
      reverses: null,
    }));
  return {
    move: decided.move,
    points: before ? before.points : decided.points,
    entry_id: entry?.id ?? null,
    reasons: entry?.reasons ?? decided.reasons,
    birthday_bonus: 0,
    taken_back_since: before ? before.reversedBy !== null : false,
    announces: before ? null : decided.announces,
    credited_before_at: before ? new Date(before.at).toISOString() : null,
    card: w.cardOf(world, member.id),
  };
}

function hold(world: w.World, member: w.Member, number: string | null, { points, reasons }: Preview, minor: number): void {
  const at = new Date().toISOString();
  const sale = { number, points, reasons, total_minor: minor, occurred_at: at, held_at: at, by_name: w.need(world).name };
  const key = { source: number === null ? "counter" : "pos", sale_id: number ?? crypto.randomUUID() };
  world.queue.held = [...world.queue.held, { ...w.personOf(member), ...key, ...sale }];
}

function decide(world: w.World, input: Decide): DecidedNow {
  const by = w.need(world, "manager").name;
  const credited = (sale: HeldSale, points: number, reasons: string[]): string =>
    append(world, { memberId: sale.member_id, kind: "earn", points, totalMinor: sale.total_minor, saleId: sale.number, reward: null, reasons, reverses: null }).id;
  const { entry_id, member_id } = decideHeld(world.queue, input, by, Date.now(), credited);
  return { entry_id, balance: w.balanceOf(world, member_id) };
}

/** What a full stamp card gives. */
function claim(world: w.World, memberId: string, key: string): Redeemed {
  const member = w.memberOf(world, memberId);
  const card = world.extras.cards.find((one) => one.card === key);
  if (!card) throw new Refused("unknown_reward", "reward", key);
  const have = member.stamps[key] ?? 0;
  if (have < card.buy) throw new Refused("not_enough_stamps", "stamps", "", card.buy - have);
  member.stamps[key] = have - card.buy;
  const blank = { totalMinor: null, saleId: null, reverses: null };
  const row = append(world, { ...blank, memberId, kind: "redeem", points: 0, reward: card.gives, reasons: [`${card.buy} stamps used`] });
  return { points: 0, entry_id: row.id, reward: card.gives, card: w.cardOf(world, memberId) };
}

function signIn(world: w.World, staffId: string, pin: string): Session {
  const person = world.staff.find((s) => s.id === staffId && s.active);
  if (!person) throw new Refused("unknown_staff");
  const wait = person.until - Date.now();
  if (wait > 0) throw new Refused("wrong_pin", "pin", "", wait);
  if (person.pin !== pin) {
    person.wrong += 1;
    const penalty = person.wrong < 2 ? 2_000 : 4_000 * 2 ** Math.min(8, person.wrong - 2);
    person.until = Date.now() + penalty;
    throw new Refused("wrong_pin", "pin", "", penalty);
  }
  person.wrong = 0;
  person.until = 0;
  world.session = { staff_id: person.id, name: person.name, role: person.role };
  return world.session;
}

function reverse(world: w.World, entryId: string): { points: number; entry_id: string; card: Card } {
  const entry = world.entries.find((e) => e.id === entryId);
  if (!entry) throw new Refused("unknown_entry", "entry_id", entryId);
  if (entry.reversedBy) throw new Refused("already_reversed");
  if (entry.kind === "reverse" || entry.kind === "opening") throw new Refused("not_reversible");
  if (entry.by !== w.need(world).name) w.need(world, "manager");
  const row = append(world, {
    memberId: entry.memberId,
    kind: "reverse",
    points: -entry.points,
    totalMinor: entry.totalMinor,
    saleId: null,
    reward: entry.reward,
    reasons: [],
    reverses: entry.id,
  });
  entry.reversedBy = row.id;
  const card = entry.points === 0 ? world.extras.cards.find((one) => one.gives === entry.reward) : undefined;
  const { stamps } = w.memberOf(world, entry.memberId);
  if (card) stamps[card.card] = (stamps[card.card] ?? 0) + card.buy;
  if (world.queue.decided.some((sale) => sale.entry_id === entry.id)) takeBackHeld(world.queue, entry.id);
  return { points: row.points, entry_id: row.id, card: w.cardOf(world, entry.memberId) };
}

function refundOf(world: w.World, entryId: string, amount: string | null): { entry: w.Entry; given: w.Entry[]; preview: RefundPreview } {
  const entry = world.entries.find((e) => e.id === entryId);
  if (!entry) throw new Refused("unknown_entry", "entry_id", entryId);
  if (entry.kind !== "earn" || !entry.totalMinor) throw new Refused("not_reversible", "entry_id", entryId);
  if (entry.by !== w.need(world).name) w.need(world, "manager");
  const before = entry.refundedMinor ?? 0;
  const left = entry.totalMinor - before;
  if (entry.reversedBy || left === 0) throw new Refused("already_reversed");
  const minor = amount === null ? left : minorOf(amount);
  if (minor > left || minor === 0) throw new Refused("refund_too_large", "amount", String(minor), left);
  const kept = (refunded: number): number => Math.floor((entry.points * ((entry.totalMinor ?? 0) - refunded)) / (entry.totalMinor ?? 1));
  const points = kept(before + minor) - kept(before);
  const whole = minor === left;
  const given = whole ? world.entries.filter((e) => e.with === entry.id && !e.reversedBy) : [];
  const restored = given.map((e) => e.reward ?? "");
  const balance_after = w.balanceOf(world, entry.memberId) + points - given.reduce((sum, e) => sum + e.points, 0);
  return { entry, given, preview: { amount_minor: minor, left_minor: left, points, restored, whole, balance_after } };
}

/** The till's commands over `world`; `startup` answers what the page asked for. */
export function tillOf(world: w.World, startup: () => Startup, openOwnerPage: () => void): TillBackend {
  return {
    startup: async () => startup(),
    firstStart: async (input) => {
      if (!/^\d{4,8}$/.test(input.owner_pin)) throw new Refused("bad_pin", "owner_pin");
      if (input.shop_name.trim() === "") throw new Refused("bad_name", "shop_name", input.shop_name);
      const { SHOP } = await import("./seed");
      const cost = input.reward_cost === null ? null : minorOf(input.reward_cost);
      world.shop = {
        ...SHOP,
        name: input.shop_name,
        currency: input.currency,
        region: input.region,
        timezone: input.timezone,
        rules_version: 1,
        rewards: [{ name: input.reward_name, points: input.reward_points, cost_minor: cost }],
      };
      const owner: w.Staff = { id: "staff-1", name: input.owner_name, role: "owner", pin: input.owner_pin, active: true, wrong: 0, until: 0 };
      world.staff = [owner];
      world.session = { staff_id: owner.id, name: owner.name, role: "owner" };
      return startup();
    },
    signIn: async (staffId, pin) => signIn(world, staffId, pin),
    signOut: async () => {
      world.session = null;
    },
    touch: async () => undefined,
    search: async (query) => {
      w.need(world);
      return find(world, query);
    },
    memberCard: async (id) => {
      w.need(world);
      return w.cardOf(world, id);
    },
    enrol: async (input) => {
      w.need(world);
      return once(world, input.op_id, input, () => {
        const phone = readPhone(input.phone);
        if (!phone) throw new Refused("bad_phone", "phone", input.phone);
        const birthday = readDetails(input);
        const said = input.referred_by.trim().toLowerCase();
        const sender = [...world.members.values()].filter((m) => [m.code.toLowerCase(), m.phone].includes(said) || m.name.toLowerCase() === said);
        if (said && sender.length !== 1) throw new Refused("unknown_referrer", "referred_by", input.referred_by);
        const taken = [...world.members.values()].find((m) => m.phone === phone);
        if (taken) return { ...w.cardOf(world, taken.id), not_brought: said ? "member_already" : null };
        const id = crypto.randomUUID();
        const code = `N${id.slice(0, 8).toUpperCase()}`;
        const { name, email, email_consent: consent } = input;
        world.members.set(id, { id, code, name, phone, email, consent, birthday, stamps: {}, enrolledAt: Date.now() });
        if (sender[0]) world.waiting[sender[0].id] = { points: 50, until: new Date(Date.now() + 14 * 86_400_000).toISOString() };
        return w.cardOf(world, id, true);
      });
    },
    memberLink: async (memberId) => {
      w.need(world);
      const { code } = w.memberOf(world, memberId);
      const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240"><rect width="240" height="240" fill="#fff"/><rect x="40" y="40" width="60" height="60"/></svg>';
      return { code, url: `https://relay.example.com/ref/${code.toLowerCase()}`, picture };
    },
    memberEdit: async (input) => {
      w.need(world);
      return once(world, input.op_id, input, () => {
        const birthday = readDetails(input);
        const member = w.memberOf(world, input.member_id);
        Object.assign(member, { name: input.name, email: input.email, consent: input.email_consent, birthday });
        return w.cardOf(world, member.id);
      });
    },
    preview: async (memberId, amount) => {
      w.need(world);
      return weigh(world, memberId, amount);
    },
    credit: async (input) => {
      w.need(world);
      return once(world, input.op_id, input, () => credit(world, input));
    },
    redeem: async (input) => {
      w.need(world);
      const cost = (w.shopOf(world).rewards.find((r) => r.name === input.reward)?.points ?? 0) * input.lots;
      limited(world.elsewhere, input, cost, (id) => world.staff.find((s) => s.id === id && s.role !== "cashier")?.pin);
      await fetched(world.elsewhere, cost > w.cardOf(world, input.member_id).spendable);
      return once(world, input.op_id, input, () => {
        const blank = { totalMinor: null, saleId: null, reasons: [], reverses: null };
        if (input.card !== null) return claim(world, input.member_id, input.card);
        const reward = w.shopOf(world).rewards.find((r) => r.name === input.reward);
        if (!reward) throw new Refused("unknown_reward", "reward", input.reward);
        const points = reward.points * input.lots;
        const missing = points - w.cardOf(world, input.member_id).spendable;
        if (missing > 0) throw new Refused("not_enough_points", "points", "", missing);
        const row = append(world, { ...blank, memberId: input.member_id, kind: "redeem", points: -points, reward: reward.name, with: input.with ?? null });
        return { points, entry_id: row.id, reward: reward.name, card: w.cardOf(world, input.member_id) };
      });
    },
    reverse: async (input) => {
      w.need(world);
      return once(world, input.op_id, input, () => reverse(world, input.entry_id));
    },
    refundPreview: async (ask) => {
      w.need(world);
      return refundOf(world, ask.entry_id, ask.amount).preview;
    },
    refund: async (input) => {
      w.need(world);
      return once(world, input.op_id, input, () => {
        const { entry, given, preview } = refundOf(world, input.entry_id, input.amount);
        const reasons = [`${preview.points} = $${input.amount} given back`];
        append(world, { memberId: entry.memberId, kind: "refund", points: preview.points, totalMinor: null, saleId: entry.saleId, reward: null, reasons, reverses: null });
        for (const reward of given) reverse(world, reward.id);
        entry.refundedMinor = (entry.refundedMinor ?? 0) + preview.amount_minor;
        const { amount_minor, points, restored } = preview;
        return { amount_minor, points, restored, card: w.cardOf(world, entry.memberId) };
      });
    },
    onArrival: (call) =>
      onFakeArrival(() => {
        const [member] = world.members.values();
        if (member) append(world, { memberId: member.id, kind: "earn", points: 7, totalMinor: 700, saleId: "W-1", reward: null, reasons: ["7 = 1 per $1"], reverses: null });
        call();
      }),
    adjust: async (input) => {
      w.need(world, "manager");
      return once(world, input.op_id, input, () => {
        if (!Number.isInteger(input.points) || input.points === 0) throw new Refused("bad_points", "points");
        if (input.reason.trim() === "") throw new Refused("reason_missing", "reason");
        const missing = -input.points - w.balanceOf(world, input.member_id);
        if (missing > 0) throw new Refused("not_enough_points", "points", "", missing);
        const blank = { totalMinor: null, saleId: null, reward: null, reverses: null };
        append(world, { ...blank, memberId: input.member_id, kind: "adjust", points: input.points, reasons: [input.reason] });
        return w.cardOf(world, input.member_id);
      });
    },
    activity: async () => {
      w.need(world);
      const day = new Intl.DateTimeFormat("en-CA", { timeZone: w.shopOf(world).timezone });
      const today = day.format(Date.now());
      return world.entries
        .filter((e) => day.format(e.at) === today)
        .reverse()
        .map((e) => w.lineOf(world, e));
    },
    held: async () => {
      w.need(world);
      return world.queue.held;
    },
    decide: async (input) => {
      w.need(world, "manager");
      return once(world, input.op_id, input, () => decide(world, input));
    },
    status: async () => {
      const shop = w.shopOf(world);
      const clock = new Intl.DateTimeFormat("en-GB", { timeZone: shop.timezone, hour: "2-digit", minute: "2-digit" });
      const storage = { ok: !world.problem, problem: world.problem, free_mb: 51_200, last_backup_at: null, secrets_in_keyring: true };
      const { name: shop_name, till_name } = shop;
      return { shop_name, till_name, session: world.session, relay: world.relay?.(Date.now()) ?? null, sales_in: null, held: world.queue.held.length, storage, clock: clock.format(Date.now()) };
    },
    staffList: async () => {
      w.need(world, "manager");
      return world.staff.map(w.tileOf);
    },
    staffEdit: async (input) => {
      const first = world.staff.length === 0;
      if (first && input.role !== "owner") throw new Refused("last_owner", "role", input.role);
      const by = first ? { role: "owner" } : w.need(world, input.role === "owner" ? "owner" : "manager");
      return once(world, input.op_id, input, () => {
        if (input.name.trim() === "") throw new Refused("bad_name", "name", input.name);
        if (input.pin !== null && !/^\d{4,8}$/.test(input.pin)) throw new Refused("bad_pin", "pin");
        const role = input.role as w.Staff["role"];
        const person = world.staff.find((s) => s.id === input.staff_id);
        if (!person && input.pin === null) throw new Refused("bad_pin", "pin");
        if (person?.role === "owner" && by.role !== "owner") throw new Refused("not_allowed");
        const owners = world.staff.filter((s) => s.role === "owner" && s.active && s !== person);
        if (person?.role === "owner" && owners.length === 0 && (role !== "owner" || !input.active)) throw new Refused("last_owner");
        if (person) Object.assign(person, { name: input.name, role, active: input.active, pin: input.pin ?? person.pin });
        else world.staff.push({ id: crypto.randomUUID(), name: input.name, role, pin: input.pin ?? "", active: true, wrong: 0, until: 0 });
        if (first) world.session = { staff_id: world.staff[0]?.id ?? "", name: input.name, role };
        return world.staff.map(w.tileOf);
      });
    },
    openOwner: async (pin) => {
      if (!world.staff.some((s) => s.role === "owner" && s.active && s.pin === pin)) throw new Refused("wrong_pin", "pin", "", 1_000);
      openOwnerPage();
    },
  };
}
