// A countdown that can be paused, for the undo bar. Pure but for the timer and clock it is given.

const TICK_MS = 100;

export class Countdown {
  #leftMs = 0;
  #sinceMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Who wants it to wait: the pointer over it, the focus in it. */
  readonly #holders = new Set<string>();
  readonly #onTick: (leftMs: number) => void;
  readonly #now: () => number;

  /** `onTick` hears the time left several times a second, and 0 once at the end. */
  constructor(onTick: (leftMs: number) => void, now: () => number = () => performance.now()) {
    this.#onTick = onTick;
    this.#now = now;
  }

  /** Starts anew with `ms` to go. */
  start(ms: number): void {
    this.#holders.clear();
    this.#leftMs = ms;
    this.#onTick(ms);
    this.#run();
  }

  /** Ends it without the last tick. */
  stop(): void {
    this.#halt();
    this.#holders.clear();
    this.#leftMs = 0;
  }

  /** Waits while `holder` holds it. */
  hold(holder: string): void {
    this.#holders.add(holder);
    if (this.#timer === undefined) return;
    this.#leftMs -= this.#now() - this.#sinceMs;
    this.#halt();
  }

  /** Goes on once nobody holds it. */
  release(holder: string): void {
    this.#holders.delete(holder);
    if (this.#holders.size === 0 && this.#leftMs > 0 && this.#timer === undefined) this.#run();
  }

  #run(): void {
    this.#halt();
    this.#sinceMs = this.#now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    const left = this.#leftMs - (this.#now() - this.#sinceMs);
    if (left <= 0) this.stop();
    this.#onTick(Math.max(0, left));
  }

  #halt(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
