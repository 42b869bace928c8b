// The window's pure parts: the address, the calendar, how values are written, files, differences, places in a text.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LEDGER, LINE_KINDS, MEMBERS, readAddress, toLedger, toMember, toMembers, toRules, writeAddress, type Address } from "./address";
import { plainMoney, toCsv } from "./csv";
import { addDays, bucketsOf, dayOf, daysBetween, isDay, periodOf, sumInto } from "./days";
import { deltaOf, formatOf, localeFor } from "./format";
import { Where } from "./queries/sql";
import { diff } from "./rules/diff";
import { applySuggestion, offsetsOf } from "./rules/fix";

describe("the ledger's kinds", () => {
  it("offers every kind there is", () => {
    const kinds = [...readFileSync("../crates/loyalty/src/kind.rs", "utf8").matchAll(/Self::\w+ => "(\w+)"/g)].map(([, kind]) => kind);
    expect(kinds.length).toBeGreaterThanOrEqual(8);
    expect([...LINE_KINDS].sort()).toEqual([...kinds, "all", "issued", "redeemed"].sort());
  });
});

describe("the address", () => {
  const addresses: Address[] = [
    { page: "today", range: "month" },
    { page: "today", range: "year" },
    { page: "members", state: MEMBERS },
    { page: "members", state: { q: "Zoë & co=1#?", show: "slipping", sort: "name", dir: "asc", page: 3 } },
    { page: "member", code: "7KQ2M9XRA", number: 2 },
    { page: "ledger", state: LEDGER },
    { page: "ledger", state: { kind: "redeemed", member: "7KQ2M9XRA", staff: "0190-aa", reward: "$5 off, ever", from: "2026-02-28", to: "2026-03-01", reversed: "yes", sort: "points", dir: "asc", page: 9 } },
    { page: "winback", state: { show: "all", sort: "weeks", dir: "asc", page: 1 } },
    { page: "winback", state: { show: "rest", sort: "mails", dir: "desc", page: 3 } },
    { page: "review" },
    { page: "mail", part: "tonight", version: null, against: null, to: "" },
    { page: "mail", part: "voice", version: 3, against: 1, to: "" },
    { page: "mail", part: "outreach", version: null, against: null, to: "solare" },
    { page: "rules", version: null, against: null },
    { page: "rules", version: 4, against: null },
    { page: "rules", version: 4, against: 2 },
  ];

  it.each(addresses)("reads what it wrote: %j", (address) => {
    expect(readAddress(writeAddress(address))).toEqual(address);
  });

  it("leaves defaults out", () => {
    expect([toMembers(), toLedger(), toRules(), toMember("ABC")]).toEqual(["#/members", "#/ledger", "#/rules", "#/members/ABC"]);
    expect(toLedger({ kind: "earn", page: 2 })).toBe("#/ledger?kind=earn&page=2");
  });

  it.each(["", "#", "#/nowhere", "#/today?range=century", "#?%", "#/today/?&&=", "x"])("takes %j as the first page", (hash) => {
    expect(readAddress(hash)).toEqual({ page: "today", range: "month" });
  });

  it("takes what it can't understand as the default", () => {
    const read = readAddress("#/ledger?kind=theft&from=2026-02-30&to=yesterday&page=-1&sort=;DROP&dir=up&reversed=maybe");
    expect(read).toEqual({ page: "ledger", state: LEDGER });
    expect(readAddress("#/members?page=1e9")).toEqual({ page: "members", state: MEMBERS });
  });
});

describe("the shop's calendar", () => {
  it("knows the day on the shop's clock", () => {
    expect(dayOf(Date.parse("2026-11-20T05:00:00Z"), "America/Los_Angeles")).toBe("2026-11-19");
    expect(dayOf(Date.parse("2026-11-20T05:00:00Z"), "Asia/Tokyo")).toBe("2026-11-20");
  });

  it("counts days over months, leap years and clock changes", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
    expect(daysBetween("2026-10-30", "2026-11-02")).toEqual(["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"]);
    expect(["2026-02-29", "2026-13-01", "26-1-1", ""].map(isDay)).toEqual([false, false, false, false]);
    expect(isDay("2028-02-29")).toBe(true);
  });

  it.each(["day", "month", "year"] as const)("puts the period before a %s right before it, as long", (range) => {
    const period = periodOf(range, "2026-11-20");
    expect(daysBetween(period.from, period.to).length).toBe(period.days);
    expect(daysBetween(period.beforeFrom, period.beforeTo).length).toBe(period.days);
    expect(addDays(period.beforeTo, 1)).toBe(period.from);
  });

  it("cuts a year into whole weeks that end today, and sums rows into them", () => {
    const { from, to } = periodOf("year", "2026-11-20");
    const weeks = bucketsOf(from, to, true);
    expect(weeks.at(-1)).toEqual({ from: "2026-11-14", to: "2026-11-20" });
    expect(weeks.length).toBe(53);
    const rows = [{ day: "2026-11-13", n: 1 }, { day: "2026-11-14", n: 10 }, { day: "2026-11-20", n: 100 }, { day: "2026-11-21", n: 1000 }];
    const sums = sumInto(weeks, rows, (row) => row.n);
    expect(sums.slice(-2)).toEqual([1, 110]);
    expect(sums.reduce((a, b) => a + b)).toBe(111);
  });
});

describe("writing values", () => {
  const usd = { currency: "USD", currency_digits: 2, timezone: "America/Los_Angeles" };
  const format = formatOf(usd, "en-US", Date.parse("2026-11-20T20:00:00Z"), "2026-11-20");

  it("writes money in the shop's currency, with its own digits", () => {
    expect(format.money(125_000)).toBe("$1,250.00");
    expect([format.moneyShort(500), format.moneyShort(640), format.moneyShort(125_099)]).toEqual(["$5", "$6.40", "$1,251"]);
    const yen = formatOf({ ...usd, currency: "JPY", currency_digits: 0 }, "en-US", 0, "2026-11-20");
    expect(yen.money(1250)).toBe("¥1,250");
  });

  it("writes times on the shop's clock and days as days", () => {
    expect(format.dateTime(Date.parse("2026-11-20T05:00:00Z"))).toContain("Nov 19, 2026");
    expect(format.day("2026-11-20")).toBe("Fri, Nov 20");
    expect(format.day("2025-11-20")).toBe("Thu, Nov 20, 2025");
    expect(format.bucket({ from: "2026-11-14", to: "2026-11-20" })).toMatch(/Nov 14.*20/);
    expect(format.ago(Date.parse("2026-11-18T20:00:00Z"))).toBe("2 days ago");
    expect(format.phone("+16195550123")).toBe("+1 619 555 0123");
  });

  it("takes the reader's own locale where it is of the catalogue's language", () => {
    expect(localeFor("en", ["de-DE", "en-GB", "en-US"])).toBe("en-GB");
    expect(localeFor("es", ["de-DE"])).toBe("es");
  });

  it("compares periods without dividing by nought", () => {
    expect(deltaOf(5, 5)).toEqual({ kind: "same" });
    expect(deltaOf(150, 100)).toEqual({ kind: "share", share: 0.5 });
    expect(deltaOf(7, 0)).toEqual({ kind: "count", count: 7 });
    expect(deltaOf(3, -4)).toEqual({ kind: "count", count: 7 });
  });
});

describe("a file of a list", () => {
  it("quotes what needs it and never lets a name be a formula", () => {
    const csv = toCsv([["name", "n"], ['Ana "A", Ltd', 1], ["=HYPERLINK(1)", -2], ["+16195550123", null], ["-x\ny", 0]]);
    expect(csv).toBe('name,n\r\n"Ana ""A"", Ltd",1\r\n\'=HYPERLINK(1),-2\r\n+16195550123,\r\n"\'-x\ny",0\r\n');
    expect([plainMoney(1250, 2), plainMoney(5, 2), plainMoney(7, 0)]).toEqual(["12.50", "0.05", "7"]);
  });
});

describe("conditions", () => {
  it("number their values in order, whatever those hold", () => {
    const where = new Where().and("a = ?", "$1 ?").and("b BETWEEN ? AND ?", "x", "y");
    expect(String(where)).toBe("WHERE a = $1 AND b BETWEEN $2 AND $3");
    expect(where.params).toEqual(["$1 ?", "x", "y"]);
    expect(String(new Where())).toBe("");
  });
});

describe("changes between two texts", () => {
  const apply = (changes: ReturnType<typeof diff>, side: "gone" | "new"): string =>
    changes.filter((change) => change.kind === "same" || change.kind === side).map((change) => change.text).join("\n");

  it.each([
    ["a\nb\nc", "a\nx\nc\nd"],
    ["", "a"],
    ["same\n", "same"],
    ["a\na\nb", "a\nb\nb\na"],
  ])("hold both texts: %j to %j", (before, after) => {
    const changes = diff(before, after);
    expect(apply(changes, "gone")).toBe(before.trimEnd());
    expect(apply(changes, "new")).toBe(after.trimEnd());
  });

  it("keep what stays", () => {
    expect(diff("Earn\nSkip", "Earn\nReward\nSkip").map((change) => change.kind)).toEqual(["same", "new", "same"]);
  });
});

describe("places in a text", () => {
  const text = "# é😀\nEarn 1 😀 pionts per $1\n";
  const error = { line: 2, column: 10, length: 6, expected: "points", suggestion: "points" };

  it("count in characters, not in halves of them", () => {
    const { start, end } = offsetsOf(text, error);
    expect(text.slice(start, end)).toBe("pionts");
    expect(applySuggestion(text, error)).toBe("# é😀\nEarn 1 😀 points per $1\n");
    expect(applySuggestion(text, { ...error, suggestion: null })).toBe(text);
    expect(applySuggestion("Earn", { line: 1, column: 5, length: 1, suggestion: " 1" })).toBe("Earn 1");
  });
});
