// The ids of operations: the same for a retry, new for something new.
import { describe, expect, it } from "vitest";
import { Intents } from "./intents";
import { memoryStorage } from "./memory-storage";

const sale = { member_id: "m", amount: "12.50", sale_id: null };

describe("Intents", () => {
  it("makes UUIDv7s, and the same one for a retry, also after a restart of the window", () => {
    const disk = memoryStorage();
    const first = new Intents(disk).idFor("credit", sale);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Intents(disk).idFor("credit", sale)).toBe(first);
  });

  it("makes a new one for other content, after an answer, and after a while", () => {
    let now = 0;
    const intents = new Intents(memoryStorage(), () => now);
    const first = intents.idFor("credit", sale);
    const other = intents.idFor("credit", { ...sale, amount: "3" });
    expect(other).not.toBe(first);
    intents.settle("credit");
    const third = intents.idFor("credit", { ...sale, amount: "3" });
    expect(third).not.toBe(other);
    now += 11 * 60_000;
    expect(intents.idFor("credit", { ...sale, amount: "3" })).not.toBe(third);
  });

  it("survives a store with rubbish in it", () => {
    const disk = memoryStorage();
    disk.setItem("intent:credit", "{");
    expect(new Intents(disk).idFor("credit", sale)).toHaveLength(36);
  });
});
