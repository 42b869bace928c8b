// The words of a mail, taken apart and put together; and the words for what the relay says of mails to other shops.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joined, partsOf } from "./words";
import { passedWords, becameWords } from "./became";

describe("a mail's words", () => {
  it("are taken apart as they are written", () => {
    const words = "Subject: {{ shop }} and you\nPreheader: A link.\n\nHello,\n\nwe are near.\n";
    expect(partsOf(words)).toEqual({ subject: "{{ shop }} and you", preheader: "A link.", text: "Hello,\n\nwe are near.", head: 3 });
    expect(joined(partsOf(words))).toBe(words);
    expect(partsOf("Hello")).toEqual({ subject: "", preheader: null, text: "Hello", head: 2 });
  });

  it("stay what was typed, whatever that is", () => {
    const text = fc.string().map((typed) => `x${typed}`);
    fc.assert(
      fc.property(fc.string(), text, (subject, body) => {
        const parts = partsOf(joined({ subject, preheader: null, text: body }));
        expect(parts.subject).toBe(subject.replaceAll(/\s+/g, " ").trim());
        expect(parts.text).toBe(body.replaceAll("\r\n", "\n").trimEnd());
      }),
    );
  });
});

describe("codes of the relay", () => {
  it("has a sentence for everybody who got no draft, and for every state", () => {
    const source = readFileSync("../relay/src/mail/outreach/owner.rs", "utf8");
    const passed = [...source.matchAll(/Passed::\w+ => "(\w+)"/g)].map(([, why]) => why ?? "");
    expect(passed).toContain("not_wanted");
    for (const why of passed) expect(passedWords(why)).not.toBe(why.replaceAll("_", " "));
    for (const state of ["queued", "sending", "stopped", "rejected", "sent", "failed", "bounced", "cancelled"]) expect(becameWords(state)).not.toBe(state);
    expect(becameWords("something_new")).toBe("something new");
  });
});
