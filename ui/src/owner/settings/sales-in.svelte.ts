// How sales come in by themselves, as the settings page knows it: what is set, one change at a time, and the secret
// for the short while that it is shown.
import { Refused, type NewSecret, type SalesIn } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";
import { Changed } from "../changed.svelte";

/** What was refused: the field, where it is one, and the sentence. */
export type Wrong = { field: string; words: string };

export class SalesInSettings extends Changed<SalesIn, Wrong> {
  /** The new secret, until the owner has taken it. */
  secret: string | null = $state(null);

  protected read(): Promise<SalesIn> {
    return this.backend.salesIn();
  }

  protected refused(error: unknown): Wrong {
    return { field: error instanceof Refused ? error.field : "", words: failureWords(error) };
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
