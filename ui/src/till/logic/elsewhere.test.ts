// What of a member's points can be redeemed here and now, and the one sentence about the rest.
import { describe, expect, it } from "vitest";
import type { Card, PointsAt } from "../../shared/backend";
import { claimsOf } from "./claims";
import { restOf, restWords, withinReach } from "./elsewhere";

const till2: PointsAt = { till: "Till 2", relay: false, points: 40, seen_at: "2026-11-20T16:50:00Z", near: true, lost: false };
const relay: PointsAt = { till: "", relay: true, points: 20, seen_at: null, near: true, lost: false };
const coffee = { name: "Free coffee", points: 120, claimable: false, to_go: 0, lot_minor: null, lots_max: 0 };

function card(asks: boolean, ...elsewhere: PointsAt[]): Card {
  const rest = elsewhere.reduce((sum, one) => sum + one.points, 0);
  return { balance: 100 + rest, spendable: 100, asks, elsewhere, rewards: [coffee], stamps: [] } as unknown as Card;
}

function words(of: Card): string {
  const rest = restOf(of);
  return rest ? restWords(rest, of, "en", String, () => "08:50") : "";
}

describe("the rest of a member's points", () => {
  it("is nothing where all is here", () => {
    expect(restOf(card(true))).toBeNull();
    expect(withinReach(card(true))).toBe(100);
    expect(claimsOf(card(true))[0]).toMatchObject({ claimable: false, reach: "short" });
  });

  it("is fetched from whoever is near", () => {
    expect(withinReach(card(true, till2, relay))).toBe(160);
    expect(claimsOf(card(true, till2))[0]).toMatchObject({ claimable: true, reach: "fetch" });
    expect(words(card(true, till2))).toBe("40 of 140 points are at Till 2. They are fetched when you redeem.");
    expect(words(card(true, relay))).toBe("20 of 120 points are fetched when you redeem.");
  });

  it("can't be had from a till that is away, and says since when", () => {
    const far = card(true, { ...till2, near: false }, relay);
    expect(withinReach(far)).toBe(120);
    expect(words(far)).toBe("40 of 160 points are at Till 2, not seen since 08:50. Redeem there, or try again when it is back online.");
    expect(claimsOf(card(true, { ...till2, near: false }))[0]).toMatchObject({ claimable: false, reach: "elsewhere" });
  });

  it("can't be had while this till is cut off, nor from a lost till", () => {
    expect(withinReach(card(false, till2, relay))).toBe(100);
    expect(words(card(false, till2))).toContain("this till is offline");
    expect(words(card(false, relay))).toContain("kept by the shop’s relay");
    expect(words(card(true, { ...till2, lost: true }))).toContain("which is lost");
    expect(withinReach(card(true, { ...till2, lost: true }))).toBe(100);
  });

  it("never promises more than the balance", () => {
    expect(withinReach({ ...card(true, till2), balance: 110 })).toBe(110);
  });
});
