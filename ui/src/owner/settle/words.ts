// What happened, in plain words, for each kind of thing that waits to be settled.
import { m } from "../../paraglide/messages";
import type { Conflict, ConflictAbout, ConflictSettled } from "../../shared/backend";

/** `12 points`, as the window writes it. */
type Points = (points: number) => string;

export function happened(conflict: Conflict): string {
  const sale = conflict.thing ? m.settle_sale({ thing: conflict.thing }) : m.settle_a_sale();
  const places = { first: conflict.first_till || m.settle_another_till(), till: conflict.till || m.settle_another_till() };
  switch (conflict.about) {
    case "lost_spend":
      return m.settle_lost({ thing: conflict.thing || m.settle_a_reward(), till: places.till });
    case "sale_twice":
      return m.settle_sale_twice({ ...places, thing: sale });
    case "reversal_twice":
      return m.settle_reversal_twice({ ...places, thing: sale });
    case "decision_twice":
      return m.settle_decision_twice({ ...places, thing: sale });
    case "refund_twice":
      return m.settle_refund_twice({ ...places, thing: sale });
    case "birthday_twice":
      return m.settle_birthday_twice(places);
    case "below_zero":
      return m.settle_below();
  }
}

/** How many points it is about, and what of them. */
export function stake({ about, points }: Conflict, count: Points): string {
  const words = { count: Math.abs(points), shown: count(Math.abs(points)) };
  if (about === "lost_spend") return m.settle_lost_points(words);
  if (about === "below_zero") return m.settle_below_points(words);
  return points > 0 ? m.settle_taken_points(words) : m.settle_given_points(words);
}

export function wasAbout(about: ConflictAbout): string {
  return about === "lost_spend" ? m.settle_was_lost() : about === "below_zero" ? m.settle_was_below() : m.settle_was_twice();
}

export function outcome({ about, points, verdict }: ConflictSettled, words: Points): string {
  const shown = { points: words(Math.abs(points)) };
  if (verdict === "owed") return m.settle_out_owed(shown);
  if (verdict === "noted") return m.settle_out_noted();
  return about === "lost_spend" || about === "below_zero" ? m.settle_out_forgiven(shown) : m.settle_out_given(shown);
}
