// Where the rest of a member's points is, and what that means for redeeming here and now.
import { m } from "../../paraglide/messages";
import type { Card, PointsAt } from "../../shared/backend";

/** Why the rest can't be had at once, the most lasting first; `near`: it can, by asking. */
export type Way = "lost" | "cut_off" | "far" | "near";
export type Rest = { way: Way; held: PointsAt[]; points: number };

function wayOf(card: Card, held: PointsAt): Way {
  return held.lost ? "lost" : !card.asks ? "cut_off" : held.near ? "near" : "far";
}

/** The rest that matters most for what staff can do; null where all is here. */
export function restOf(card: Card): Rest | null {
  for (const way of ["far", "cut_off", "lost", "near"] as const) {
    const held = card.elsewhere.filter((one) => wayOf(card, one) === way);
    if (held.length) return { way, held, points: held.reduce((sum, one) => sum + one.points, 0) };
  }
  return null;
}

/** How many points can be redeemed here now: what is here, and what others give back when asked. */
export function withinReach(card: Card): number {
  const near = card.elsewhere.filter((one) => wayOf(card, one) === "near").reduce((sum, one) => sum + one.points, 0);
  return Math.max(card.spendable, Math.min(card.balance, card.spendable + near));
}

/** The tills' names, as a list in a sentence; empty where only the relay has them. */
export function tillsIn(held: PointsAt[], locale: string): string {
  const names = held.filter((one) => !one.relay).map((one) => one.till);
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
}

/** One sentence: where the rest is, since when, and what can be done. */
export function restWords(rest: Rest, card: Card, locale: string, count: (points: number) => string, time: (at: string) => string): string {
  const tills = tillsIn(rest.held, locale);
  const blanks = { rest: count(rest.points), all: count(card.balance), tills };
  const [first] = rest.held;
  switch (rest.way) {
    case "lost":
      return m.rest_lost(blanks);
    case "cut_off":
      return tills === "" ? m.rest_relay(blanks) : m.rest_cut_off(blanks);
    case "far":
      return rest.held.length === 1 && first?.seen_at ? m.rest_far({ ...blanks, time: time(first.seen_at) }) : m.rest_far_never(blanks);
    case "near":
      return tills === "" ? m.rest_near_relay(blanks) : m.rest_near(blanks);
  }
}
