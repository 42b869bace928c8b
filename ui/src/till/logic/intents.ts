// The id of what somebody is about to do: made once, stored, and sent again with a retry of the same thing, so that an
// answer that got lost can't make it happen twice.
import { v7 } from "uuid";

/** After this long the same words are meant anew: the same coffee, an hour later. */
const KEPT_MS = 10 * 60_000;
const PREFIX = "intent:";

type Stored = { opId: string; content: string; atMs: number };

function read(store: Storage, key: string): Stored | null {
  try {
    const value: unknown = JSON.parse(store.getItem(key) ?? "null");
    return typeof value === "object" && value !== null && "opId" in value ? (value as Stored) : null;
  } catch {
    return null;
  }
}

export class Intents {
  readonly #store: Storage;
  readonly #now: () => number;

  constructor(store: Storage = localStorage, now: () => number = Date.now) {
    this.#store = store;
    this.#now = now;
  }

  /** The id for doing `what` with `content`: the stored one where this is a retry, else a new one, stored. */
  idFor(what: string, content: unknown): string {
    const kept = this.kept(what, content);
    if (kept !== null) return kept;
    const opId = v7();
    this.#store.setItem(PREFIX + what, JSON.stringify({ opId, content: JSON.stringify(content), atMs: this.#now() } satisfies Stored));
    return opId;
  }

  /** The stored id, where there is one for this. */
  kept(what: string, content: unknown): string | null {
    const kept = read(this.#store, PREFIX + what);
    const fits = kept && kept.content === JSON.stringify(content) && this.#now() - kept.atMs < KEPT_MS;
    return fits ? kept.opId : null;
  }

  /** The store has answered, yes or no: the next time is another operation. */
  settle(what: string): void {
    this.#store.removeItem(PREFIX + what);
  }
}
