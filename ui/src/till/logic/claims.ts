// What a member can be given, in the order of the card: rewards for points, then what full stamp cards give.
import type { Card, CardReward, CardStamps } from "../../shared/backend";
import { withinReach } from "./elsewhere";

/** `here`: at once; `fetch`: by asking for points that are elsewhere; `elsewhere`: not now; `short`: there are too few. */
export type Reach = "here" | "fetch" | "elsewhere" | "short";
export type Claim = { claimable: boolean; reach: Reach } & ({ reward: CardReward; stamps?: undefined } | { reward?: undefined; stamps: CardStamps });

/** Every row of the card's list; its place is what `R` and a digit choose. */
export function claimsOf(card: Card): Claim[] {
  const rewards = card.rewards.map((reward) => {
    const reach = reachOf(card, reward);
    return { claimable: reach === "here" || reach === "fetch", reach, reward };
  });
  const stamps = card.stamps.map((one) => ({ claimable: one.claimable > 0, reach: one.claimable > 0 ? ("here" as const) : ("short" as const), stamps: one }));
  return [...rewards, ...stamps];
}

function reachOf(card: Card, reward: CardReward): Reach {
  if (reward.claimable) return "here";
  if (card.balance < reward.points) return "short";
  return withinReach(card) >= reward.points ? "fetch" : "elsewhere";
}

/** The most lots that may be redeemed of it at once: more than one only for points that become money. */
export function lotsMax(claim: Claim): number {
  return claim.reward?.lot_minor ? Math.max(1, claim.reward.lots_max) : 1;
}
