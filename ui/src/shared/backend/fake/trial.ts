// A small stand-in for what rules make of a sale and of the past: enough of them for the window to be seen at work, on
// the sales of the made-up shop.
import type { BacktestMember, BacktestMonth, BacktestProgress, BacktestReport, BacktestSide, Preview, TrySale } from "../bindings";
import { Refused } from "../index";
import type { ReportsDatabase } from "./reports";

type Read = { points: number; per: number; skipUnder: number; holdOver: number; tiers: Map<string, number>; dearest: { points: number; cost: number } | null };

const minor = (text: string | undefined): number => Math.round(Number(text) * 100);

function read(text: string): Read {
  const of = (rule: RegExp): RegExpExecArray | null => rule.exec(text);
  const earn = of(/^Earn (\d+) points? per \$(\d+(?:\.\d\d)?)/m);
  const skip = of(/^Skip sales under \$(\d+(?:\.\d\d)?)/m);
  const hold = of(/^Hold sales over \$(\d+(?:\.\d\d)?)/m);
  const tiers = new Map([...text.matchAll(/^Tier (\w+) at .*: earn x(\d(?:\.\d+)?)/gm)].map((found) => [found[1] ?? "", Number(found[2])]));
  const costs = [...text.matchAll(/^Reward (\d+) points?: .*, costs \$(\d+(?:\.\d\d)?)/gm)].map((found) => ({ points: Number(found[1]), cost: minor(found[2]) }));
  costs.sort((a, b) => b.cost / b.points - a.cost / a.points);
  return { points: Number(earn?.[1] ?? 0), per: earn ? minor(earn[2]) : 100, skipUnder: skip ? minor(skip[1]) : 0, holdOver: hold ? minor(hold[1]) : Infinity, tiers, dearest: costs[0] ?? null };
}

type Outcome = Pick<Preview, "move" | "points" | "reasons">;

function outcome(rules: Read, total: number, tier: string | null): Outcome {
  if (total < rules.skipUnder) return { move: "skip", points: 0, reasons: [`Skipped: under $${rules.skipUnder / 100}`] };
  const times = rules.tiers.get(tier ?? "") ?? 1;
  const points = Math.floor((total * rules.points * times) / rules.per);
  const sum = `${points} = ${rules.points} per $${rules.per / 100}${times === 1 ? "" : `, x${times} for ${tier}`}`;
  return total > rules.holdOver ? { move: "hold", points, reasons: [sum, `Held: over $${rules.holdOver / 100}`] } : { move: "add", points, reasons: [sum] };
}

/** What `text` makes of a typed sale for somebody who has `balance`. */
export function tryOn(text: string, sale: TrySale, balance: number): Preview {
  if (!/^\d{1,8}(\.\d{1,2})?$/.test(sale.total)) throw new Refused("bad_amount", "total", sale.total);
  const done = outcome(read(text), minor(sale.total), sale.tier);
  return { ...done, balance_after: balance + (done.move === "hold" ? 0 : done.points), announces: null };
}

type Sold = { member_id: string; code: string; name: string; last4: string | null; total_minor: number; points: number; month: string; at_ms: number };

/** What `draft` makes of the shop's sales; null where `stopped` says so. Yields now and then, as the store's thread would. */
export async function backtestOn(db: ReportsDatabase, draft: string, hear: (progress: BacktestProgress) => void, stopped: () => boolean): Promise<BacktestReport | null> {
  const rows = db.select<Sold>("SELECT member_id, member_code AS code, member_name AS name, last4, total_minor, points, substr(day, 1, 7) AS month, at_ms FROM report_ledger WHERE kind = 'earn' ORDER BY at_ms", []);
  const now = read(draft);
  const then = read(db.select<{ text: string }>("SELECT text FROM report_rules ORDER BY version DESC LIMIT 1", [])[0]?.text ?? "");
  const sides = { then: side(), now: side() };
  const months = new Map<string, BacktestMonth>();
  const people = new Map<string, BacktestMember>();
  let different = 0;
  for (const [n, row] of rows.entries()) {
    if (n % 500 === 0) {
      hear({ done: n, of: rows.length });
      await new Promise((go) => setTimeout(go, 0));
      if (stopped()) return null;
    }
    const after = outcome(now, row.total_minor, null);
    const month = months.get(row.month) ?? { month: row.month, sales: 0, points_then: 0, points_now: 0, held_then: 0, held_now: 0 };
    months.set(row.month, { ...month, sales: month.sales + 1, points_then: month.points_then + row.points, points_now: month.points_now + after.points, held_now: month.held_now + Number(after.move === "hold") });
    const { member_id, code, name } = row;
    const person = people.get(member_id) ?? { member_id, code, name, last4: row.last4 ?? "", then: 0, now: 0 };
    people.set(member_id, { ...person, then: person.then + row.points, now: person.now + after.points });
    if (after.points !== row.points) different += 1;
    count(sides.then, row.points > 0 ? "add" : "skip", row.points);
    count(sides.now, after.move, after.points);
  }
  hear({ done: rows.length, of: rows.length });
  const iso = (row: Sold | undefined): string | null => (row ? new Date(row.at_ms).toISOString() : null);
  const changed = [...people.values()].filter((one) => one.now !== one.then);
  const winners = changed.filter((one) => one.now > one.then).sort((a, b) => b.now - b.then - (a.now - a.then));
  const losers = changed.filter((one) => one.now < one.then).sort((a, b) => a.now - a.then - (b.now - b.then));
  return {
    sales: rows.length, walk_ins: 0, from: iso(rows[0]), to: iso(rows.at(-1)), then: costed(sides.then, then), now: costed(sides.now, now), different,
    gain: winners.length, lose: losers.length, same: people.size - changed.length, winners: winners.slice(0, 10), losers: losers.slice(0, 10),
    months: [...months.values()], took_ms: 40,
  };
}

const side = (): BacktestSide => ({ points: 0, stamps: 0, cost_minor: null, skip: 0, add: 0, add_reward: 0, hold: 0 });

function count(to: BacktestSide, move: Preview["move"], points: number): void {
  to.points += points;
  to[move] += 1;
}

const costed = (of: BacktestSide, { dearest }: Read): BacktestSide => ({ ...of, cost_minor: dearest ? Math.ceil((of.points * dearest.cost) / dearest.points) : null });
