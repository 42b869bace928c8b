// What a card offers, in what order, how many times over; and a birthday in its fields.
import { describe, expect, it } from "vitest";
import type { Card } from "../../shared/backend";
import { birthdayOf, partsOf } from "./birthday";
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

describe("birthdays", () => {
  it("are read into fields and back", () => {
    for (const birthday of ["", "02-29", "1984-02-29", "12-01"]) expect(birthdayOf(partsOf(birthday))).toBe(birthday);
    expect(partsOf("1984-02-09")).toEqual({ year: "1984", month: "02", day: "9" });
  });

  it("stay wrong where they are half said", () => {
    expect(birthdayOf({ year: "", month: "", day: "5" })).toBe("?-05");
    expect(birthdayOf({ year: "1984", month: "02", day: "" })).toBe("1984-02-00");
  });
});
