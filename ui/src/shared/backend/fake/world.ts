// The in-browser shop's state and the few sums over it. What may be done to it is in till.ts and owner.ts.
import type { AsOf, Card, Kind, Line, RelayState, Role, Session, Shop, StaffTile, StorageProblem } from "../bindings";
import { Refused } from "../index";
import { partOf, type Elsewhere } from "./rights";
import type { Person, Queue } from "./review";

export type Member = {
  id: string;
  code: string;
  name: string;
  phone: string;
  email: string;
  consent: boolean;
  /** `MM-DD` or `YYYY-MM-DD`; empty where they told none. */
  birthday: string;
  /** Stamps on each card, by its key. */
  stamps: Record<string, number>;
  enrolledAt: number;
};

/** A stamp card of the rules, and points that become money: for pages that show them. */
export type Extras = { cards: { card: string; name: string; gives: string; buy: number }[]; lots: Record<string, number> };

export type Entry = {
  id: string;
  memberId: string;
  kind: Kind;
  points: number;
  at: number;
  by: string;
  totalMinor: number | null;
  saleId: string | null;
  reward: string | null;
  reasons: string[];
  reverses: string | null;
  reversedBy: string | null;
  /** What was given back of it. */
  refundedMinor?: number;
  /** The sale it was given with. */
  with?: string | null;
};

export type Staff = { id: string; name: string; role: Role; pin: string; active: boolean; wrong: number; until: number };

export type World = {
  shop: Shop | null;
  members: Map<string, Member>;
  /** Oldest first. */
  entries: Entry[];
  staff: Staff[];
  session: Session | null;
  /** What each operation id was answered, so that a retry is a no-op. */
  answered: Map<string, { content: string; answer: unknown }>;
  /** Set to make every write fail as a machine would. */
  problem: StorageProblem | null;
  rulesText: string;
  /** Points of referrals that wait, by member. */
  waiting: Record<string, { points: number; until: string | null }>;
  extras: Extras;
  queue: Queue;
  /** How much of a shop that this till joins is here; null where it joins none. */
  joined: number | null;
  /** An owner must choose a PIN anew. */
  needsPin: boolean;
  /** How the till stands with its relay, where it has one. */
  relay?: (now: number) => RelayState | null;
  /** What of everybody's points is not at this till. */
  elsewhere: Elsewhere;
  /** Since when balances may be old. */
  asOf?: (now: number) => AsOf | null;
  /** How it stands with everybody's mail. */
  standing?: string | undefined;
};

const RANK: Record<Role, number> = { cashier: 0, manager: 1, owner: 2 };
const VISIBLE_RECENT = 20;

/** The signed-in person, who must rank at least `role`. */
export function need(world: World, role: Role = "cashier"): Session {
  if (!world.session) throw new Refused("locked");
  if (RANK[world.session.role] < RANK[role]) throw new Refused("not_allowed");
  return world.session;
}

/** The shop, which there must be. */
export function shopOf(world: World): Shop {
  if (!world.shop) throw new Refused("not_initialised");
  return world.shop;
}

export function memberOf(world: World, id: string): Member {
  const member = world.members.get(id);
  if (!member) throw new Refused("unknown_member", "member_id", id);
  return member;
}

export function balanceOf(world: World, memberId: string): number {
  return world.entries.reduce((sum, e) => (e.memberId === memberId ? sum + e.points : sum), 0);
}

export function lastVisitOf(world: World, memberId: string): number | null {
  return world.entries.findLast((e) => e.memberId === memberId && e.kind === "earn")?.at ?? null;
}

export function entriesOf(world: World, memberId: string): Entry[] {
  return world.entries.filter((e) => e.memberId === memberId);
}

/** A member as a held sale names them. */
export function personOf(member: Member): Person {
  return { member_id: member.id, member_code: member.code, member_name: member.name, member_last4: member.phone.slice(-4) };
}

/** `+1 619-555-0123` of `+16195550123`; other countries stay as they are. */
export function displayPhone(e164: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  return us ? `+1 ${us[1]}-${us[2]}-${us[3]}` : e164;
}

export function tileOf(staff: Staff): StaffTile {
  return {
    staff_id: staff.id,
    name: staff.name,
    role: staff.role,
    active: staff.active,
    wait_ms: Math.max(0, staff.until - Date.now()),
  };
}

export function lineOf(world: World, entry: Entry): Line {
  const member = memberOf(world, entry.memberId);
  const original = entry.reverses ? world.entries.find((e) => e.id === entry.reverses) : undefined;
  const mine = world.session?.name === entry.by || (world.session ? RANK[world.session.role] >= RANK.manager : false);
  const reversible = entry.kind === "earn" || entry.kind === "redeem" || entry.kind === "adjust";
  return {
    entry_id: entry.id,
    member_id: member.id,
    member_name: member.name,
    member_last4: member.phone.slice(-4),
    kind: entry.kind,
    reverses_kind: original?.kind ?? null,
    points: entry.points,
    at: new Date(entry.at).toISOString(),
    by_name: entry.by,
    total_minor: entry.totalMinor,
    sale_id: entry.saleId,
    reward: entry.reward,
    reasons: entry.reasons,
    rules_version: entry.kind === "adjust" ? null : (world.shop?.rules_version ?? null),
    reversed: entry.reversedBy !== null,
    may_reverse: reversible && mine && entry.reversedBy === null,
    may_refund: entry.kind === "earn" && (entry.totalMinor ?? 0) > (entry.refundedMinor ?? 0) && mine && entry.reversedBy === null,
  };
}

export function cardOf(world: World, memberId: string, justEnrolled = false): Card {
  const member = memberOf(world, memberId);
  const entries = entriesOf(world, memberId);
  const balance = balanceOf(world, memberId);
  const last = lastVisitOf(world, memberId);
  const part = partOf(world.elsewhere, balance);
  return {
    member_id: member.id,
    code: member.code,
    name: member.name,
    phone_last4: member.phone.slice(-4),
    phone_display: displayPhone(member.phone),
    email: member.email,
    email_consent: member.consent,
    mail: member.email === "" ? "none" : (world.standing ?? (member.consent ? "yes" : "no")),
    birthday: member.birthday,
    balance,
    ...part,
    as_of: world.asOf?.(Date.now()) ?? null,
    visits: entries.filter((e) => e.kind === "earn" && !e.reversedBy).length,
    enrolled_at: new Date(member.enrolledAt).toISOString(),
    last_visit_at: last === null ? null : new Date(last).toISOString(),
    rewards: shopOf(world).rewards.map((r) => ({
      name: r.name,
      points: r.points,
      claimable: part.spendable >= r.points,
      to_go: Math.max(0, r.points - balance),
      lot_minor: world.extras.lots[r.name] ?? null,
      lots_max: r.name in world.extras.lots ? Math.floor(balance / r.points) : Math.min(1, Math.floor(balance / r.points)),
    })),
    stamps: world.extras.cards.map((one) => {
      const have = member.stamps[one.card] ?? 0;
      return { ...one, on_card: have % one.buy, claimable: Math.floor(have / one.buy) };
    }),
    recent: entries
      .slice(-VISIBLE_RECENT)
      .reverse()
      .map((e) => lineOf(world, e)),
    just_enrolled: justEnrolled,
    waiting: world.waiting[memberId] ?? null,
    not_brought: null,
  };
}
