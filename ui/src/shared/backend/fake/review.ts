// Held sales in the in-browser shop: what waits, and deciding it once.
import type { Decide, DecidedSale, HeldSale } from "../bindings";
import { Refused } from "../index";

export type Queue = { held: HeldSale[]; decided: DecidedSale[] };

/** Whose sale it is, as lists show them. */
export type Person = Pick<HeldSale, "member_id" | "member_code" | "member_name" | "member_last4">;

export const emptyQueue = (): Queue => ({ held: [], decided: [] });

/** A sale held because it is large. */
export function heldSale(who: Person, n: number, totalMinor: number, atMs: number, by: string): HeldSale {
  const { member_id, member_code, member_name, member_last4 } = who;
  const points = Math.floor(totalMinor / 100);
  const at = new Date(atMs).toISOString();
  const reasons = [`${points} = 1 per $1`, "Held: over $500"];
  const sale_id = String(n);
  return { member_id, member_code, member_name, member_last4, source: "pos", sale_id, number: sale_id, total_minor: totalMinor, points, reasons, occurred_at: at, held_at: at, by_name: by };
}

/** Decides the sale that `input` names. `credit` writes the line of an approved one and answers its id. */
export function decideHeld(queue: Queue, input: Decide, by: string, nowMs: number, credit: (sale: HeldSale, points: number, reasons: string[]) => string): DecidedSale {
  const same = (one: { source: string; sale_id: string }): boolean => one.source === input.source && one.sale_id === input.sale_id;
  const sale = queue.held.find(same);
  if (!sale) throw new Refused(queue.decided.some(same) ? "already_decided" : "unknown_sale", "sale_id", input.sale_id);
  const { verdict } = input;
  if (verdict.what !== "approve" && verdict.reason.trim() === "") throw new Refused("reason_missing", "reason");
  if (verdict.what === "approve_with" && verdict.points < 0) throw new Refused("bad_points", "points");
  const approved = verdict.what !== "reject";
  const points = verdict.what === "approve" ? sale.points : verdict.what === "approve_with" ? verdict.points : 0;
  const says = {
    approve: () => `Approved: ${sale.points} points`,
    approve_with: () => `Approved with ${points} points instead of ${sale.points}: ${verdict.what === "approve_with" ? verdict.reason : ""}`,
    reject: () => `Rejected: ${verdict.what === "reject" ? verdict.reason : ""}`,
  };
  const reasons = [...sale.reasons, says[verdict.what]()];
  const entry_id = approved ? credit(sale, points, reasons) : null;
  const { source, sale_id, number, member_id, member_code, member_name, member_last4, total_minor, occurred_at } = sale;
  const decided: DecidedSale = {
    source, sale_id, number, member_id, member_code, member_name, member_last4, total_minor, occurred_at,
    approved, points, reasons, decided_at: new Date(nowMs).toISOString(), decided_by: by, entry_id, taken_back: false,
  };
  queue.held = queue.held.filter((one) => !same(one));
  queue.decided = [decided, ...queue.decided];
  return decided;
}

/** Takes the line of an approved sale back. */
export function takeBackHeld(queue: Queue, entryId: string): DecidedSale {
  const sale = queue.decided.find((one) => one.entry_id === entryId);
  if (!sale) throw new Refused("unknown_entry", "entry_id", entryId);
  if (sale.taken_back) throw new Refused("already_reversed");
  const after = { ...sale, taken_back: true };
  queue.decided = queue.decided.map((one) => (one === sale ? after : one));
  return after;
}
