// The shop's mail as its page knows it: how it stands, and one change at a time.
import { Refused, type Mail, type OwnerBackend } from "../../shared/backend";
import { Loaded } from "../load.svelte";
import { mailFailure } from "./words";

/** What was refused: the field, where it is one, and the sentence. */
export type Wrong = { code: string; field: string; words: string };

export class ShopMail {
  readonly seen = new Loaded<Mail>();
  busy = $state(false);

  constructor(readonly backend: OwnerBackend) {}

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.backend.mail());
  }

  /** Changes something; answers what was refused. */
  async change(work: (backend: OwnerBackend) => Promise<Mail>): Promise<Wrong | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
      return null;
    } catch (error) {
      // What was on screen may be old: somebody else, or the relay itself, was there first.
      if (error instanceof Refused && error.code === "mail_gone") void this.look();
      const { code, field } = error instanceof Refused ? error : { code: "", field: "" };
      return { code, field, words: mailFailure(error) };
    } finally {
      this.busy = false;
    }
  }
}
