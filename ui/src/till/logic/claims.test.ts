// What a card offers, in what order, how many times over.
import { describe, expect, it } from "vitest";
import type { Card } from "../../shared/backend";
import { claimsOf, lotsMax } from "./claims";

const reward = { name: "Free coffee", points: 100, claimable: true, to_go: 0, lot_minor: null, lots_max: 1 };
const money = { name: "$5 off", points: 100, claimable: true, to_go: 0, lot_minor: 500, lots_max: 3 };
const stamps = { card: "name:coffee", name: "Coffee", gives: "1 Coffee free", buy: 9, on_card: 2, claimable: 0 };

describe("claimsOf", () => {
  it("has rewards first, then stamp cards", () => {
    const claims = claimsOf({ elsewhere: [], balance: 300, spendable: 300, rewards: [reward, money], stamps: [stamps, { ...stamps, claimable: 1 }] } as unknown as Card);
    expect(claims.map((claim) => claim.claimable)).toEqual([true, true, false, true]);
    expect(claims.map(lotsMax)).toEqual([1, 3, 1, 1]);
  });
});
