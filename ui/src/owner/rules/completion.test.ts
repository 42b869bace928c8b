// Completion at the cursor: when it opens by itself, what a key chooses, and what the text becomes.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Completion, placeAt } from "./completion.svelte";

/** Looks at `text` with the cursor at its bar. */
async function look(marked: string, offers: string[], wanted = false): Promise<{ completion: Completion; text: string }> {
  const caret = marked.indexOf("|");
  const text = marked.replace("|", "");
  const completion = new Completion(async () => offers);
  await completion.look(text, caret, wanted);
  return { completion, text };
}

function taken({ completion, text }: { completion: Completion; text: string }, at = completion.active): string {
  const change = completion.take(text, at);
  return change ? text.slice(0, change.start) + change.by + text.slice(change.end) : text;
}

it("counts lines and characters from 1, and letters beyond UTF-16's first page once", () => {
  expect(placeAt("ab\n😀c", 3)).toEqual({ line: 2, column: 1 });
  expect(placeAt("ab\n😀c", 5)).toEqual({ line: 2, column: 2 });
  expect(placeAt("", 0)).toEqual({ line: 1, column: 1 });
});

it("chooses the first offer while a word is typed, and none behind a finished one", async () => {
  expect((await look("Ea|", ["Earn 1 point per $1"])).completion.active).toBe(0);
  expect((await look("Earn 1 |", ["point", "points"])).completion).toMatchObject({ open: true, active: -1 });
  expect((await look("Earn 1 |", ["point", "points"], true)).completion.active).toBe(0);
});

it("stays closed on an empty line and in the middle of one, unless asked", async () => {
  expect((await look("Earn 1 point per $1\n|", ["Skip"])).completion.open).toBe(false);
  expect((await look("Ea| 1 point", ["Earn"])).completion.open).toBe(false);
  expect((await look("Ea| 1 point", ["Earn"], true)).completion.open).toBe(true);
});

it("puts an offer in place of the word, and no quotation mark twice", async () => {
  expect(taken(await look("# hi\nEa|", ["Earn 1 point per $1"]))).toBe("# hi\nEarn 1 point per $1");
  expect(taken(await look('Bonus 5 points for "fl|"', ['"Flat white"'], true))).toBe('Bonus 5 points for "Flat white"');
  expect(taken(await look("Bonus 5 points for fl|", ['"Flat white"']))).toBe('Bonus 5 points for "Flat white"');
});

it("moves round the ends", async () => {
  const { completion } = await look("Earn 1 |", ["point", "points", "per"]);
  completion.move(1);
  expect(completion.active).toBe(0);
  completion.move(-1);
  expect(completion.active).toBe(2);
  completion.move(1);
  expect(completion.active).toBe(0);
  completion.close();
  expect(completion).toMatchObject({ open: false, active: -1 });
});

it("drops an answer that comes late", async () => {
  const answers: ((offers: string[]) => void)[] = [];
  const completion = new Completion(() => new Promise((answer) => answers.push(answer)));
  const first = completion.look("E", 1, false);
  const second = completion.look("Ea", 2, false);
  answers[1]?.(["Earn"]);
  answers[0]?.(["Every"]);
  await Promise.all([first, second]);
  expect(completion.offers).toEqual(["Earn"]);
  const third = completion.look("Ear", 3, false);
  completion.close();
  answers[2]?.(["Earn"]);
  await third;
  expect(completion.open).toBe(false);
});

it("never changes anything but the word in front of the cursor", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.nat(), fc.string({ minLength: 1 }), async (text, at, offer) => {
      const caret = at % (text.length + 1);
      const completion = new Completion(async () => [offer]);
      await completion.look(text, caret, true);
      const change = completion.take(text, 0);
      expect(change?.end).toBe(caret);
      expect(text.slice(change?.start, caret)).toMatch(/^[\p{Alphabetic}\p{N}]*$/u);
    }),
  );
});
