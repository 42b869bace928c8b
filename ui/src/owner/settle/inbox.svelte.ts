// What tills that were apart left to settle, as the owner's window knows it: what waits, what was settled, one at a time.
import { Refused, type Conflict, type Conflicts, type ConflictSettled, type ConflictVerdict, type OwnerBackend } from "../../shared/backend";
import { OpIds } from "../../shared/review/op-ids";
import { Loaded } from "../load.svelte";

/** What was just done, for the sentence on the page. */
export type Done =
  | { kind: "settled"; conflict: Conflict; verdict: ConflictVerdict }
  | { kind: "undone" }
  | { kind: "gone" }
  | { kind: "failed"; error: unknown };

export class Inbox {
  readonly seen = new Loaded<Conflicts>();
  done: Done | undefined = $state.raw();
  busy = $state(false);
  readonly #ids = new OpIds();

  constructor(readonly backend: OwnerBackend) {}

  /** How many wait; 0 while that is not known. */
  get count(): number {
    return this.seen.value?.open.length ?? 0;
  }

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.backend.conflicts());
  }

  settle(conflict: Conflict, verdict: ConflictVerdict, note: string): Promise<void> {
    const { key } = conflict;
    return this.#once({ kind: "settled", conflict, verdict }, () => this.#ids.send({ key, verdict, note }, (op_id) => this.backend.conflictSettle({ op_id, key, verdict, note })));
  }

  undo(settled: Pick<ConflictSettled, "key">): Promise<void> {
    return this.#once({ kind: "undone" }, () => this.#ids.send({ undo: settled.key }, (op_id) => this.backend.conflictUndo(op_id, settled.key)));
  }

  /** Whether what was just settled can be undone. */
  get undoable(): ConflictSettled | undefined {
    const { done } = this;
    return done?.kind === "settled" ? this.seen.value?.settled.find((one) => one.key === done.conflict.key && one.may_undo) : undefined;
  }

  async #once(done: Done, work: () => Promise<Conflicts>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const now = await work();
      await this.seen.run(() => Promise.resolve(now));
      this.done = done;
    } catch (error) {
      const gone = error instanceof Refused && error.code === "already_decided";
      this.done = gone ? { kind: "gone" } : { kind: "failed", error };
      if (gone) await this.look();
    } finally {
      this.busy = false;
    }
  }
}
