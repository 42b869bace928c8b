// The shop's tills as their page knows them: the list, one change at a time, and a new till's code while it works.
import { Refused, type AddedTill, type OwnerBackend, type Tills } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";
import { Loaded } from "../load.svelte";

/** What was refused: the field, where it is one, and the sentence. */
export type Wrong = { field: string; words: string };

export class ShopTills {
  readonly seen = new Loaded<Tills>();
  /** The code for a new till, until it is put away. */
  added: AddedTill | null = $state.raw(null);
  busy = $state(false);

  constructor(readonly backend: OwnerBackend) {}

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.backend.tills());
  }

  /** Changes something; answers what was refused. */
  change(work: (backend: OwnerBackend) => Promise<Tills>): Promise<Wrong | null> {
    return this.#one(async () => {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
    });
  }

  /** Makes a code for a new till. */
  add(): Promise<Wrong | null> {
    return this.#one(async () => {
      this.added = await this.backend.tillsAdd();
    });
  }

  /** Makes this till's file anew; the app starts again after it. */
  startOver(): Promise<Wrong | null> {
    return this.#one(async () => {
      await this.backend.tillsStartOver();
    });
  }

  async #one(work: () => Promise<void>): Promise<Wrong | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      await work();
      return null;
    } catch (error) {
      return { field: error instanceof Refused ? error.field : "", words: failureWords(error) };
    } finally {
      this.busy = false;
    }
  }
}

/** `9:05` of milliseconds; nothing below zero. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
