// Checks a rules document as it is typed: one check at a time, and after it the newest text, without any clock.
import type { RulesCheck } from "../../shared/backend";

export class Checker {
  /** What the last check found, and of which text. */
  found: (RulesCheck & { text: string }) | undefined = $state.raw();
  failure: unknown = $state.raw();
  #next: string | undefined;
  #running = false;

  constructor(readonly ask: (text: string) => Promise<RulesCheck>) {}

  /** Asks for a check of `text`; texts typed while one runs are skipped but the last. */
  async check(text: string): Promise<void> {
    this.#next = text;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#next !== undefined) {
        const now: string = this.#next;
        this.#next = undefined;
        this.found = { ...(await this.ask(now)), text: now };
        this.failure = undefined;
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.#running = false;
    }
  }
}
