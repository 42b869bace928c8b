// The reasons of a decision, told apart: the sums, why a sale was held, and what somebody decided about it.

const HELD = "Held: ";

/** Why the sale was held, without the word itself: `over $500`. */
export function whyHeld(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => reason.startsWith(HELD)).map((reason) => reason.slice(HELD.length));
}

/** The other reasons: how the points were computed. */
export function sumsOf(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => !reason.startsWith(HELD));
}
