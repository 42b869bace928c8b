// The shop's documents elsewhere as the pages know them: how they stand, and one thing done at a time.
import { Refused, type DocumentElsewhere, type Documents, type DocumentTried, type OwnerBackend } from "../../shared/backend";
import { Loaded } from "../load.svelte";
import { documentFailure } from "./words";

export type Which = "rules" | "voice";

export class Elsewhere {
  readonly seen = new Loaded<Documents>();
  busy = $state(false);
  /** What was refused last. */
  wrong = $state("");
  /** What was done last. */
  says = $state("");
  readonly mine: DocumentElsewhere | undefined = $derived.by(() => this.seen.value?.documents.find((one) => one.document === this.which));
  /** Nothing of this can be had: no relay, or one that knows nothing of it. */
  readonly absent = $derived.by(() => this.seen.failure instanceof Refused && ["not_paired", "relay_too_old"].includes(this.seen.failure.code));

  constructor(
    readonly backend: OwnerBackend,
    readonly which: Which,
  ) {}

  look(): Promise<void> {
    return this.seen.run(() => this.backend.documents());
  }

  /** Does something that answers how all stands then; answers whether it was done. */
  async change(work: (backend: OwnerBackend) => Promise<Documents>): Promise<boolean> {
    return (await this.#do(async () => {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
      return true;
    })) === true;
  }

  /** What is at an address. */
  tryAt(address: string): Promise<DocumentTried | undefined> {
    return this.#do(() => this.backend.documentTry(this.which, address));
  }

  async #do<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.wrong = "";
    try {
      return await work();
    } catch (error) {
      this.wrong = documentFailure(error);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
