// Telling a scanner from a person: six keys or more, less than 35 ms apart on average and none late, ending in Enter.
// A busy machine stretches single gaps; nobody types at 30 keys a second. Pure: keys and their times come in, a code
// comes out. What a field held before is kept by scanner-guard.ts.

/** The longest average pause between the keys of a scan. */
export const GAP_MEAN_MAX_MS = 35;
/** The longest single pause. */
export const GAP_MAX_MS = 80;
/** The shortest code. */
export const CODE_MIN = 6;

/** What a key made of the keys before it. */
export type Heard =
  /** The first key of something new: a person's key, or a scan's first. */
  | { what: "start" }
  /** One more of the same. */
  | { what: "more" }
  /** A whole code. */
  | { what: "scan"; code: string }
  /** Not a key of a code. */
  | { what: "other" };

export class ScanDetector {
  #keys = "";
  #firstMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** Hears one key (`KeyboardEvent.key`) that went down at `atMs`. */
  hear(key: string, atMs: number): Heard {
    const quick = atMs - this.#lastMs < GAP_MAX_MS;
    if (key === "Enter") {
      const mean = (atMs - this.#firstMs) / Math.max(1, [...this.#keys].length);
      const code = quick && mean < GAP_MEAN_MAX_MS ? this.#keys : "";
      this.#forget();
      return code.length >= CODE_MIN ? { what: "scan", code } : { what: "other" };
    }
    // Scanners press Shift for capitals; it is part of the scan, and no character.
    if (key === "Shift") return { what: quick ? "more" : "other" };
    if ([...key].length !== 1) {
      this.#forget();
      return { what: "other" };
    }
    this.#keys = quick ? this.#keys + key : key;
    if (!quick) this.#firstMs = atMs;
    this.#lastMs = atMs;
    return { what: quick ? "more" : "start" };
  }

  #forget(): void {
    this.#keys = "";
    this.#lastMs = Number.NEGATIVE_INFINITY;
  }
}
