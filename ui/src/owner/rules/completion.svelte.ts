// What can be written at the cursor: asking for it, choosing by keys, and what the text becomes. How it looks is in
// TextArea.svelte.

/** Where a cursor is, as the parser counts: from 1, columns in characters. */
export function placeAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: [...before.slice(start)].length + 1 };
}

/** The part of a text that an offer takes the place of, and what it puts there. */
export type Replacement = { start: number; end: number; by: string };

export class Completion {
  offers: string[] = $state.raw([]);
  /** The chosen offer's place; -1 where none is. */
  active = $state(-1);
  /** Where the word being typed begins, as a text area counts. */
  start = $state(0);
  #caret = 0;
  #asked = 0;

  constructor(readonly ask: (text: string, line: number, column: number) => Promise<string[]>) {}

  get open(): boolean {
    return this.offers.length > 0;
  }

  /** Looks what fits at `caret`. Unasked (`wanted` false) only at the end of what is written in a line, and with a choice only while a word is typed, so that Enter and Tab keep their meaning. */
  async look(text: string, caret: number, wanted: boolean): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    const before = text.slice(text.lastIndexOf("\n", caret - 1) + 1, caret);
    const rest = text.slice(caret).split("\n", 1)[0] ?? "";
    if (!wanted && (before.trim() === "" || rest.trim() !== "")) {
      this.close();
      return;
    }
    const { line, column } = placeAt(text, caret);
    const offers = await this.ask(text, line, column).catch(() => []);
    if (mine !== this.#asked) return;
    const word = /[\p{Alphabetic}\p{N}]*$/u.exec(before)?.[0] ?? "";
    this.#caret = caret;
    this.start = caret - word.length;
    this.offers = offers;
    this.active = offers.length && (wanted || word) ? 0 : -1;
  }

  close(): void {
    this.#asked += 1;
    this.offers = [];
    this.active = -1;
  }

  /** One offer on or back, round the ends. */
  move(step: 1 | -1): void {
    const count = this.offers.length;
    this.active = this.active < 0 ? (step > 0 ? 0 : count - 1) : (this.active + step + count) % count;
  }

  /** What taking an offer changes in `text`. A quotation mark that is there already is not written twice. */
  take(text: string, at: number): Replacement | null {
    const offer = this.offers[at];
    if (offer === undefined) return null;
    let by = offer;
    if (by.startsWith('"') && text[this.start - 1] === '"') by = by.slice(1);
    if (by.endsWith('"') && text[this.#caret] === '"') by = by.slice(0, -1);
    return { start: this.start, end: this.#caret, by };
  }
}
