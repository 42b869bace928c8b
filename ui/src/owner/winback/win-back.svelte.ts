// Members who stay away as their page knows them: how it stands, one change at a time, and what was there before.
import type { Away, OwnerBackend, WinBack, WinBackChoice, WinBackUsual } from "../../shared/backend";
import { OpIds } from "../../shared/review/op-ids";
import { Loaded } from "../load.svelte";

/** What was just done, for the sentence on the page. */
export type Done =
  | { kind: "chosen"; member: Away; before: WinBackChoice | null; choice: WinBackChoice | null }
  | { kind: "undone"; member: Away }
  | { kind: "failed"; error: unknown };

export class Regulars {
  readonly seen = new Loaded<WinBack>();
  done: Done | undefined = $state.raw();
  busy = $state(false);
  readonly #ids = new OpIds();

  constructor(readonly backend: OwnerBackend) {}

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.backend.winBack());
  }

  /** Null: as usual. */
  choose(member: Away, choice: WinBackChoice | null): Promise<void> {
    return this.#once({ kind: "chosen", member, before: member.chosen, choice }, () => this.backend.winBackChoose([member.member_id], choice));
  }

  /** What was chosen before the last choice is chosen again. */
  undo(): Promise<void> {
    const { done } = this;
    if (done?.kind !== "chosen") return Promise.resolve();
    return this.#once({ kind: "undone", member: done.member }, () => this.backend.winBackChoose([done.member.member_id], done.before));
  }

  /** Throws what was refused: the form says it beside its field. */
  async usual(usual: WinBackUsual): Promise<void> {
    const now = await this.#ids.send(usual, (opId) => this.backend.winBackUsual(opId, usual));
    await this.seen.run(() => Promise.resolve(now));
  }

  async #once(done: Done, work: () => Promise<WinBack>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      const now = await work();
      await this.seen.run(() => Promise.resolve(now));
      this.done = done;
    } catch (error) {
      this.done = { kind: "failed", error };
    } finally {
      this.busy = false;
    }
  }
}
