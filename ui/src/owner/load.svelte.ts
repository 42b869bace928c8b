// Something read from the store for the screen: the newest answer wins, and the old one stays until it is there.

/** What is known of it: the last answer, whether another is under way, and why the last try failed. */
export class Loaded<T> {
  value: T | undefined = $state.raw();
  failure: unknown = $state.raw();
  busy = $state(false);
  #latest = 0;

  async run(work: () => Promise<T>): Promise<void> {
    this.#latest += 1;
    const mine = this.#latest;
    this.busy = true;
    try {
      const value = await work();
      if (mine !== this.#latest) return;
      this.value = value;
      this.failure = undefined;
    } catch (error) {
      if (mine === this.#latest) this.failure = error;
    } finally {
      if (mine === this.#latest) this.busy = false;
    }
  }
}

/** Reads again whenever something that `work` looks at before its first wait changes. */
export function load<T>(work: () => Promise<T>): Loaded<T> {
  const loaded = new Loaded<T>();
  $effect(() => {
    void loaded.run(work);
  });
  return loaded;
}
