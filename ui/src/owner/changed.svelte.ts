// Something that a page shows and changes: how it stands, one change at a time, and what was refused.
import type { OwnerBackend } from "../shared/backend";
import { Loaded } from "./load.svelte";

export abstract class Changed<T, Wrong> {
  readonly seen = new Loaded<T>();
  busy = $state(false);

  constructor(readonly backend: OwnerBackend) {}

  /** How it stands now. */
  protected abstract read(): Promise<T>;
  /** What a refusal says. */
  protected abstract refused(error: unknown): Wrong;

  /** Reads all of it again. */
  look(): Promise<void> {
    return this.seen.run(() => this.read());
  }

  /** Changes something; answers what was refused. */
  async change(work: (backend: OwnerBackend) => Promise<T>): Promise<Wrong | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      const now = await work(this.backend);
      await this.seen.run(() => Promise.resolve(now));
      return null;
    } catch (error) {
      return this.refused(error);
    } finally {
      this.busy = false;
    }
  }
}
