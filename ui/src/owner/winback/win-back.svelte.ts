// Members who stay away as their page knows them: how it stands, one change at a time, and what was there before.
import type { Away, OwnerBackend, WinBack, WinBackChoice, WinBackUsual } from "../../shared/backend";
import { OpIds } from "../../shared/review/op-ids";
import { Loaded } from "../load.svelte";

/** What was just done, for the sentence on the page. */
export type Done =
  | { kind: "chosen"; members: readonly Away[]; choice: WinBackChoice | null }
  | { kind: "undone"; members: readonly Away[] }
  | { kind: "failed"; error: unknown };

/** What can have been chosen before. */
const BEFORE: readonly (WinBackChoice | null)[] = [null, "nudge", "bonus", "rest"];

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

  /** Null: as usual. Those for whom it is chosen already are left alone. */
  choose(listed: readonly Away[], choice: WinBackChoice | null): Promise<void> {
    const members = listed.filter((away) => away.chosen !== choice);
    if (members.length === 0) return Promise.resolve();
    return this.#once({ kind: "chosen", members, choice }, () => this.#say(members, choice));
  }

  /** What was chosen for each before the last choice is chosen again. */
  undo(): Promise<void> {
    const { done } = this;
    if (done?.kind !== "chosen") return Promise.resolve();
    const { members } = done;
    return this.#once({ kind: "undone", members }, async () => {
      let now: WinBack | undefined;
      for (const before of BEFORE) {
        const theirs = members.filter((away) => away.chosen === before);
        if (theirs.length) now = await this.#say(theirs, before);
      }
      return now ?? this.backend.winBack();
    });
  }

  /** Throws what was refused: the form says it beside its field. */
  async usual(usual: WinBackUsual): Promise<void> {
    const now = await this.#ids.send(usual, (opId) => this.backend.winBackUsual(opId, usual));
    await this.seen.run(() => Promise.resolve(now));
  }

  #say(members: readonly Away[], choice: WinBackChoice | null): Promise<WinBack> {
    return this.backend.winBackChoose(members.map((away) => away.member_id), choice);
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
