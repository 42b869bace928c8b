// How sales come in by themselves, as the settings page knows it: what is set, one change at a time, and the secret
// for the short while that it is shown.
import { Refused, type NewSecret, type OwnerBackend, type SalesIn } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";
import { Loaded } from "../load.svelte";

/** What was refused: the field, where it is one, and the sentence. */
export type Wrong = { field: string; words: string };

export class SalesInSettings {
  readonly seen = new Loaded<SalesIn>();
  /** The new secret, until the owner has taken it. */
  secret: string | null = $state(null);
  busy = $state(false);

  constructor(readonly backend: OwnerBackend) {}

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.backend.salesIn());
  }

  /** Changes something; answers what was refused. */
  async change(work: (backend: OwnerBackend) => Promise<SalesIn>): Promise<Wrong | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
      return null;
    } catch (error) {
      return { field: error instanceof Refused ? error.field : "", words: failureWords(error) };
    } finally {
      this.busy = false;
    }
  }

  /** Makes a secret, which is shown until it is taken. */
  makeSecret(): Promise<Wrong | null> {
    return this.change(async (backend) => {
      const made: NewSecret = await backend.salesInSecret();
      this.secret = made.secret;
      return made.sales_in;
    });
  }
}
