// Checks a document (the rules, the words of the mails) as it is typed: one check at a time, and after it the newest text, without any clock.

export class Checker<Found extends object> {
  /** What the last check found, and of which text. */
  found: (Found & { text: string }) | undefined = $state.raw();
  failure: unknown = $state.raw();
  #next: string | undefined;
  #running = false;

  constructor(readonly ask: (text: string) => Promise<Found>) {}

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
