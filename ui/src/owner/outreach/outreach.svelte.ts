// The mails to other shops as the owner's window knows them: how they stand, one change at a time, and how many wait.
import { Refused, type Outreach, type OwnerBackend } from "../../shared/backend";
import { Loaded } from "../load.svelte";
import type { Wrong } from "../mail/mail.svelte";
import { mailFailure } from "../mail/words";

/** What somebody was there first for: what is on screen is old. */
const OLD = new Set(["outreach_gone", "outreach_changed", "outreach_waits"]);

export class ShopOutreach {
  readonly seen = new Loaded<Outreach>();
  busy = $state(false);

  constructor(
    readonly backend: OwnerBackend,
    readonly count: OutreachCount,
  ) {}

  /** Reads all of it again. */
  async look(): Promise<void> {
    await this.seen.run(() => this.backend.outreach());
    this.#tell();
  }

  /** Changes something; answers what was refused. */
  async change(work: (backend: OwnerBackend) => Promise<Outreach>): Promise<Wrong | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
      this.#tell();
      return null;
    } catch (error) {
      if (error instanceof Refused && OLD.has(error.code)) void this.look();
      const { code, field } = error instanceof Refused ? error : { code: "", field: "" };
      return { code, field, words: mailFailure(error) };
    } finally {
      this.busy = false;
    }
  }

  #tell(): void {
    if (!this.seen.failure && this.seen.value) this.count.waiting = this.seen.value.waiting;
  }
}

/** How many wait for a yes, for the card on other pages. None while that is not known. */
export class OutreachCount {
  waiting = $state(0);
  #latest = 0;

  constructor(readonly backend: OwnerBackend) {}

  async look(): Promise<void> {
    this.#latest += 1;
    const mine = this.#latest;
    try {
      const waiting = await this.backend.outreachCount();
      if (mine === this.#latest) this.waiting = waiting;
    } catch {
      // Without a relay, with an older one or while it is away there is nothing to count; the Mail page says which.
      if (mine === this.#latest) this.waiting = 0;
    }
  }
}
