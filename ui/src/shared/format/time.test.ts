// Times on the shop's wall clock.
import { describe, expect, it } from "vitest";
import { ago, clockTime, shortTime } from "./time";

const zone = "America/Los_Angeles";
const at = (text: string): number => Date.parse(text);
const now = at("2026-11-20T18:42:00Z");

describe("times", () => {
  it("are the shop's, not the machine's", () => {
    expect(clockTime(now, zone, "en-GB")).toBe("10:42");
    expect(clockTime(now, zone, "en-US")).toMatch(/^10:42\sAM$/);
  });

  it("are as short as is clear", () => {
    expect(shortTime(at("2026-11-20T17:12:00Z"), now, zone, "en-GB")).toBe("09:12");
    expect(shortTime(at("2026-11-18T00:30:00Z"), now, zone, "en-GB")).toBe("Tue 16:30");
    expect(shortTime(at("2026-11-03T18:00:00Z"), now, zone, "en-GB")).toBe("3 Nov");
    expect(shortTime(at("2025-01-03T18:00:00Z"), now, zone, "en-GB")).toBe("3 Jan 2025");
  });

  it("count days by the shop's midnight", () => {
    expect(ago(at("2026-11-20T08:30:00Z"), now, zone, "en")).toBe("today");
    expect(ago(at("2026-11-20T07:30:00Z"), now, zone, "en")).toBe("yesterday");
    expect(ago(at("2026-11-18T20:00:00Z"), now, zone, "en")).toBe("2 days ago");
    expect(ago(at("2026-10-30T20:00:00Z"), now, zone, "en")).toBe("3 weeks ago");
    expect(ago(at("2026-08-01T20:00:00Z"), now, zone, "en")).toBe("3 months ago");
    expect(ago(now + 5_000, now, zone, "en")).toBe("today");
  });
});
