// The held sales as the owner's window knows them: what waits, what was decided, and deciding, once.
import { Refused, type DecidedNow, type DecidedSale, type HeldSale, type OwnerBackend, type Verdict } from "../../shared/backend";
import { OpIds } from "../../shared/review/op-ids";
import { Loaded } from "../load.svelte";

/** What was just done, for the sentence on the page and its Undo. */
export type Done =
  | { kind: "approved"; sale: HeldSale; points: number; entryId: string | null }
  | { kind: "rejected"; sale: HeldSale }
  | { kind: "undone"; points: number; name: string }
  | { kind: "twice"; before: DecidedSale | undefined }
  | { kind: "failed"; error: unknown };

export class ReviewQueue {
  readonly held = new Loaded<HeldSale[]>();
  readonly decided = new Loaded<DecidedSale[]>();
  done: Done | undefined = $state.raw();
  busy = $state(false);
  readonly #ids = new OpIds();

  constructor(readonly backend: OwnerBackend) {}

  /** How many wait; 0 while that is not known. */
  get count(): number {
    return this.held.value?.length ?? 0;
  }

  /** Reads what waits again. */
  look(): Promise<void> {
    return this.held.run(() => this.backend.reviewHeld());
  }

  /** Reads what was decided again. */
  lookBack(): Promise<void> {
    return this.decided.run(() => this.backend.reviewDecided());
  }

  async decide(sale: HeldSale, verdict: Verdict): Promise<void> {
    const { source, sale_id } = sale;
    await this.#once(
      async () => {
        const answer: DecidedNow = await this.#ids.send({ source, sale_id, verdict }, (op_id) => this.backend.reviewDecide({ op_id, source, sale_id, verdict }));
        const points = verdict.what === "approve_with" ? verdict.points : sale.points;
        return verdict.what === "reject" ? { kind: "rejected", sale } : { kind: "approved", sale, points, entryId: answer.entry_id };
      },
      (one) => one.source === source && one.sale_id === sale_id,
    );
  }

  /** Takes the line of an approved sale back. */
  async takeBack(entryId: string, points: number, name: string): Promise<void> {
    await this.#once(
      async () => {
        await this.#ids.send({ entryId }, (op_id) => this.backend.reviewTakeBack({ op_id, entry_id: entryId }));
        return { kind: "undone", points, name };
      },
      () => false,
    );
  }

  /** Does one thing at a time and reads both lists again. Where somebody was faster, `same` finds what they decided. */
  async #once(work: () => Promise<Done>, same: (sale: DecidedSale) => boolean): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.done = await work();
      await Promise.all([this.look(), this.lookBack()]);
    } catch (error) {
      await Promise.all([this.look(), this.lookBack()]);
      const twice = error instanceof Refused && error.code === "already_decided";
      this.done = twice ? { kind: "twice", before: this.decided.value?.find(same) } : { kind: "failed", error };
    } finally {
      this.busy = false;
    }
  }
}
