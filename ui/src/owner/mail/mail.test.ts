// The mail page's pure parts: calendars in words and back, a sentence for every code that the relay has.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { overwriteGetLocale } from "../../paraglide/runtime";
import { Refused } from "../../shared/backend";
import { calendarOf, calendarWords, choiceOf } from "./calendar";
import { FOUND, foundWords, WRONG, wrongWords } from "./said";
import { ENDED, endWords, kindWords, MAIL_REFUSALS, mailFailure, stateWords, waitingWords } from "./words";

describe("a calendar", () => {
  it.each([
    ["0 19 * * *", "Every day at 7:00 PM"],
    ["30 8 * * MON", "Every Monday at 8:30 AM"],
    ["30 8 * * 7", "Every Sunday at 8:30 AM"],
    ["0 9 * * mon#1", "On the first Monday of the month at 9:00 AM"],
    ["*/5 * * * *", "At “*/5 * * * *” by the shop’s clock"],
    ["0 9 1 * *", "At “0 9 1 * *” by the shop’s clock"],
    ["61 9 * * *", "At “61 9 * * *” by the shop’s clock"],
  ])("%s is said in words", (calendar, words) => {
    expect(calendarWords(calendar, "en-US").replaceAll("\u202f", " ")).toBe(words);
  });

  it.each(["0 19 * * *", "5 0 * * SUN", "59 23 * * SAT#1", "*/5 * * * *", "0 9 1,15 * *"])("%s is chosen and stays what it is", (calendar) => {
    expect(calendarOf(choiceOf(calendar))).toBe(calendar);
  });
});

describe("codes of the relay", () => {
  it("has a sentence for every refusal", () => {
    const source = readFileSync("../crates/sync/src/mail.rs", "utf8");
    const list = /CODES: &\[&str\] = &\[([^\]]*)\]/.exec(source)?.[1] ?? "";
    const codes = [...list.matchAll(/"(\w+)"/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(10);
    expect(Object.keys(MAIL_REFUSALS).sort()).toEqual(codes.sort());
    expect(mailFailure(new Refused("mail_not_taken", "", "The server refused: 535."))).toContain("535");
    expect(mailFailure(new Refused("relay_too_old"))).toContain("older than this app");
  });

  it("has a sentence for every finding of the check and for all that can be wrong with a voice", () => {
    const table = /ALL: [^=]* = \[([\s\S]*?)\n\];/.exec(readFileSync("../relay/src/mail/check/finding.rs", "utf8"))?.[1] ?? "";
    const findings = [...table.matchAll(/\(\s*"(\w+)",\s*(?:true|false),/g)].map(([, code]) => code);
    expect(findings.length).toBeGreaterThan(25);
    expect(Object.keys(FOUND).sort()).toEqual(findings.sort());
    const list = /CODES: [^=]* = \[([^\]]*)\]/.exec(readFileSync("../crates/mail/src/told.rs", "utf8"))?.[1] ?? "";
    const wrong = [...list.matchAll(/"(\w+)"/g)].map(([, code]) => code);
    expect(wrong.length).toBeGreaterThan(15);
    expect(Object.keys(WRONG).sort()).toEqual(wrong.sort());
    // Of a newer relay, and of an older one: its own English.
    expect(foundWords({ code: "spf_something_new", values: [], said: "It is so." })).toBe("It is so.");
    expect(wrongWords({ code: "", values: [], words: "Mend it." })).toBe("Mend it.");
  });

  it("says in the window’s own language what the relay found", () => {
    const spf = { code: "spf_not_named", values: ["smtp.example.com"], said: "x" };
    const like = { code: "unknown_name_like", values: ["naem", "name"], words: "x" };
    overwriteGetLocale(() => "es");
    try {
      expect(foundWords(spf)).toBe("Su registro SPF no nombra a smtp.example.com. Cámbielo por este.");
      expect(wrongWords(like)).toBe("Nada se llama «naem». ¿Quería decir «name»?");
    } finally {
      overwriteGetLocale(() => "en");
    }
    expect(foundWords(spf)).toContain("does not name smtp.example.com");
  });

  it("has words for every mail, and says newer ones plainly", () => {
    const source = /fn key\(self\)[\s\S]*?\n {4}\}\n/.exec(readFileSync("../crates/mail/src/kind.rs", "utf8"))?.[0] ?? "";
    const keys = [...new Set([...source.matchAll(/Self::\w+ => "([a-z]+(?:_[a-z]+)*)"/g)].map(([, key]) => key ?? ""))];
    expect(keys).toContain("reward_earned");
    expect(kindWords("reward_earned")).toBe("Reward earned");
    for (const key of keys) expect(kindWords(key)).not.toBe(key.replaceAll("_", " "));
    expect(kindWords("something_new")).toBe("something new");
  });

  it("says why a mail waits and how it ended", () => {
    const line = { kind: "balance", state: "queued", why: "450 4.2.1", reward: null };
    expect(waitingWords(line).off).toContain("450 4.2.1");
    expect(waitingWords({ ...line, why: null }).off).toBe("");
    expect(endWords({ state: "failed", why: "550 5.1.1" })).toContain("no such mailbox");
    expect(endWords({ state: "failed", why: "554 5.7.1" })).toContain("refused it (554 5.7.1)");
    expect(endWords({ state: "cancelled", why: "no_consent" })).toContain("don’t want mail");
    expect(endWords({ state: "cancelled", why: "not_wanted" })).toBe("They don’t want this kind of mail.");
    expect(endWords({ state: "cancelled", why: "a_new_reason" })).toContain("a new reason");
  });

  it("says what came back after the server had taken it, and never as sent", () => {
    expect(stateWords("bounced")).toBe("Came back");
    expect(endWords({ state: "bounced", why: "5.1.1" })).toContain("no such mailbox, its mail service says (5.1.1). Nothing goes there any more");
    expect(endWords({ state: "bounced", why: null })).toContain("no such mailbox, its mail service says.");
    expect(endWords({ state: "bounced_softly", why: "4.2.2" })).toContain("could not take it this time (4.2.2)");
    expect(endWords({ state: "bounced_softly", why: null })).toContain("could not take it this time.");
    // Whatever was told before it: a complaint is one.
    expect(endWords({ state: "complained", why: "5.1.1" })).toBe("They reported it as spam. Nothing goes there any more.");
  });

  it("has words for every end that the relay writes down", () => {
    const read = (file: string): string => readFileSync(`../relay/src/mail/${file}.rs`, "utf8");
    const ended = [...(read("compose") + read("work")).matchAll(/Cancel(?:led)?\(\s*(?:if [^{]*\{ )?"(\w+)"(?: \} else \{ "(\w+)" \})?/g)].flatMap(([, one, other]) => [one ?? [], other ?? []].flat());
    expect(ended).toEqual(expect.arrayContaining(["not_wanted", "erased", "no_address", "enough_this_week"]));
    for (const why of ended) expect(endWords({ state: "cancelled", why }), why).not.toMatch(/^Not sent \(/);
    const states = [...read("tonight").matchAll(/THEN '(\w+)'/g)].map(([, state]) => state ?? "").filter((state) => state !== "stopped");
    expect(states).toEqual(expect.arrayContaining(["bounced", "bounced_softly", "complained"]));
    expect(ENDED).toEqual(expect.arrayContaining(states));
  });
});
