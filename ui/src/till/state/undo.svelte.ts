// The last thing done, while it can still be taken back with one key.
import { Countdown } from "../logic/countdown";

/** How long one key takes it back. Later, the line itself has Reverse. */
export const UNDO_MS = 10_000;

export class Undo {
  entryId = $state<string | null>(null);
  leftMs = $state(0);
  readonly #countdown: Countdown;

  constructor(now?: () => number) {
    this.#countdown = new Countdown((leftMs) => {
      this.leftMs = leftMs;
      if (leftMs === 0) this.entryId = null;
    }, now);
  }

  offer(entryId: string): void {
    this.entryId = entryId;
    this.#countdown.start(UNDO_MS);
  }

  hold(holder: "pointer" | "focus"): void {
    this.#countdown.hold(holder);
  }

  release(holder: "pointer" | "focus"): void {
    this.#countdown.release(holder);
  }

  /** Hands out what to take back, once. */
  take(): string | null {
    const entryId = this.entryId;
    this.drop();
    return entryId;
  }

  drop(): void {
    this.entryId = null;
    this.leftMs = 0;
    this.#countdown.stop();
  }
}
