// What a query looks like, and what it marks.
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { looksLikePhone, pieces, rewardChord } from "./query";

describe("looksLikePhone", () => {
  it.each(["619", "+1 619 555", "(619) 555-0123", "619.555.0123"])("%s does", (text) => expect(looksLikePhone(text)).toBe(true));
  it.each(["", "61", "maria", "7KQ2M9XRA", "+", "619 maria"])("%s does not", (text) => expect(looksLikePhone(text)).toBe(false));
});

describe("rewardChord", () => {
  it("is R and one digit, and nothing else", () => {
    expect(rewardChord("r1")).toBe(0);
    expect(rewardChord("R9")).toBe(8);
    for (const text of ["r", "r0", "r12", "ro", "1r", " r1"]) expect(rewardChord(text)).toBeNull();
  });
});

describe("pieces", () => {
  it("marks the start of a word, without case and accents", () => {
    expect(pieces("Maria Lopez", "mar")).toEqual([
      { text: "Mar", found: true },
      { text: "ia Lopez", found: false },
    ]);
    expect(pieces("Omar Martínez", "MARTI")).toEqual([
      { text: "Omar ", found: false },
      { text: "Martí", found: true },
      { text: "nez", found: false },
    ]);
    expect(pieces("Omar", "mar")).toEqual([{ text: "Omar", found: false }]);
  });

  it("never changes the name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (name, query) => {
        expect(
          pieces(name, query)
            .map((piece) => piece.text)
            .join(""),
        ).toBe(name);
      }),
    );
  });
});
