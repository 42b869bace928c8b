// What a member can be given, in the order of the card: rewards for points, then what full stamp cards give.
import type { Card, CardReward, CardStamps } from "../../shared/backend";

export type Claim = { claimable: boolean } & ({ reward: CardReward; stamps?: undefined } | { reward?: undefined; stamps: CardStamps });

/** Every row of the card's list; its place is what `R` and a digit choose. */
export function claimsOf(card: Card): Claim[] {
  const rewards = card.rewards.map((reward) => ({ claimable: reward.claimable, reward }));
  const stamps = card.stamps.map((one) => ({ claimable: one.claimable > 0, stamps: one }));
  return [...rewards, ...stamps];
}

/** The most lots that may be redeemed of it at once: more than one only for points that become money. */
export function lotsMax(claim: Claim): number {
  return claim.reward?.lot_minor ? Math.max(1, claim.reward.lots_max) : 1;
}
