// What comes next in words, who is listed where, and the two files.
import { describe, expect, it } from "vitest";
import type { Away, CameBack, WinBackNext } from "../../shared/backend";
import { backCsv, awayCsv } from "./winback-csv";
import { byColumn, choiceWords, isNext, nextWords, usualWords } from "./words";

const format = { number: String, date: (ms: number): string => new Date(ms).toISOString().slice(0, 10) };
const SHOP = { timezone: "America/Los_Angeles", currency_digits: 2 };

function away(more: Partial<Away>): Away {
  return {
    member_id: "m1", code: "7KQ2M9XRA", name: "Maria", last4: "0123", visits: 8, points: 120, last_visit_at: "2026-08-01T03:00:00Z", weeks: 16, nudges: 1,
    nudged_at: "2026-11-02T17:00:00Z", had_bonus: false, gets_mail: true, chosen: null, chosen_by: "", next: "nudge", next_points: 0, next_at: null, ...more,
  };
}

describe("what comes next", () => {
  const says = (more: Partial<Away>, relay = true): string => Object.values(nextWords(away(more), relay, format)).join(" | ");

  it.each<[WinBackNext, string]>([
    ["nudge", "A mail | With the relay’s next weekly look"],
    ["bonus", "25 points and a mail | With the relay’s next weekly look"],
    ["wait", "No mail before 2026-11-16 | The last mail is not 14 days old"],
    ["enough", "Left in peace | Got as many mails as your rules allow"],
    ["rest_chosen", "Left in peace | You chose so"],
    ["rest_usual", "Left in peace | As usual"],
  ])("says %s", (next, words) => {
    expect(says({ next, next_points: 25, next_at: "2026-11-16T17:00:00Z" })).toBe(words);
  });

  it("promises no mail to whoever gets none, and none without a relay", () => {
    for (const next of ["nudge", "bonus", "wait"] as const) expect(says({ next, gets_mail: false })).toContain("No mail | No address, or mail not wanted");
    expect(says({ next: "rest_chosen", gets_mail: false })).toContain("You chose so");
    expect(says({ next: "nudge" }, false)).toBe("A mail | Once this till is connected to a relay");
    expect(says({ next: "enough", nudges: 0 })).toContain("Your rules allow no mail");
  });

  it("lists each in one place", () => {
    const next = (more: Partial<Away>): boolean => isNext(away(more));
    expect([next({}), next({ next: "bonus" }), next({ next: "wait" })]).toEqual([true, true, true]);
    expect([next({ gets_mail: false }), next({ next: "enough" }), next({ next: "rest_usual" })]).toEqual([false, false, false]);
  });
});

it("says what a choice does, and that a bonus needs points", () => {
  expect(choiceWords("bonus", 25, format)).toBe("25 points and a mail");
  expect(choiceWords("bonus", 0, format)).toContain("no bonus set");
  expect(usualWords({ choice: "rest", bonus: 0 }, format)).toBe("As usual (leave in peace)");
});

it("writes files with the shop's days, plain money and no formulas", () => {
  const [head, row] = awayCsv([away({ name: "=cmd()", chosen: "rest", next: "rest_chosen" })], SHOP).split("\r\n");
  expect(head).toBe("member,name,visits,points,last_visit,weeks,mails,last_mail,gets_mail,chosen,next,next_points,not_before");
  expect(row).toBe("7KQ2M9XRA,'=cmd(),8,120,2026-07-31,16,1,2026-11-02,yes,rest,rest_chosen,0,");
  const back: CameBack = { code: "7KQ2M9XRA", name: "Maria", last4: "", mailed_at: "2026-11-02T17:00:00Z", mails: 2, bonus: 25, at: "2026-11-10T03:00:00Z", spent_minor: 1_205 };
  expect(backCsv([back], SHOP).split("\r\n")[1]).toBe("7KQ2M9XRA,Maria,2026-11-02,2,25,2026-11-09,12.05");
});

it("sorts by a column, and by the last visit where that says the same", () => {
  const seen = ([["b", 2, "2026-08-01"], ["a", 0, "2026-07-01"], ["c", 2, "2026-09-01"]] as const).map(([name, nudges, day]) => away({ name, nudges, last_visit_at: `${day}T03:00:00Z` }));
  const names = (...how: [Parameters<typeof byColumn>[1], "asc" | "desc"]): string => byColumn(seen, ...how).map((one) => one.name).join("");
  expect([names("weeks", "asc"), names("weeks", "desc"), names("name", "asc"), names("mails", "desc"), names("mails", "asc")]).toEqual(["cba", "abc", "abc", "cba", "acb"]);
});
