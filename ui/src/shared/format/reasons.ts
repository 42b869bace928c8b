// The reasons of a decision, told apart: the sums, why a sale was held, and what somebody decided about it.

const HELD = "Held: ";

/** Why the sale was held, without the word itself: `over $500`. */
export function whyHeld(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => reason.startsWith(HELD)).map((reason) => reason.slice(HELD.length));
}

/** A sum with its large numbers in groups, as `count` writes them: `1,400 = 1,000 base + 400 Tuesday`. Only the terms of
 * a sum are points; digits within a name stay as they are. */
export function grouped(reason: string, count: (points: number) => string): string {
  if (!/^[-−]?\d+ = /.test(reason)) return reason;
  return reason.replace(/(^[-−]?|[=+−-] )(\d{4,})(?= |$)/g, (_, before: string, digits: string) => before + count(Number(digits)));
}

/** The other reasons: how the points were computed. */
export function sumsOf(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => !reason.startsWith(HELD));
}
