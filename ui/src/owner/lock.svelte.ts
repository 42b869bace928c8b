// The lock of the owner's window: when it is covered, and what was asked meanwhile. The shell keeps the same time and
// refuses while it is locked; what it refused is kept here, and asked again after the PIN. Not here: the cover itself.
import { Refused, type Backend } from "../shared/backend";

/** How often the shell hears that somebody is here, at most. */
const TOUCH_EVERY_MS = 2_000;
/** Asked or listened to at any time. */
const FREE: ReadonlySet<PropertyKey> = new Set(["ownerTouch", "ownerLock", "ownerUnlock", "onArrival", "exportStop", "rulesBacktestStop", "close"]);

export class Lock {
  covered = $state(false);
  readonly #backend: Backend;
  #lockAfterMs = 0;
  #inputAtMs = Date.now();
  #touchedAtMs = 0;
  #waiting: (() => void)[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** From now on it locks after this many seconds without input. */
  after(seconds: number): void {
    this.#lockAfterMs = seconds * 1_000;
  }

  /** Somebody pressed or moved something. */
  input(): void {
    if (this.covered) return;
    this.tick();
    if (this.covered) return;
    this.#inputAtMs = Date.now();
    if (Math.abs(this.#inputAtMs - this.#touchedAtMs) < TOUCH_EVERY_MS) return;
    this.#touchedAtMs = this.#inputAtMs;
    this.#backend.ownerTouch().catch((error: unknown) => this.#refused(error));
  }

  /** Once a second: locks after idling. A clock that was set back counts as idling. */
  tick(): void {
    if (this.covered || this.#lockAfterMs === 0 || Math.abs(Date.now() - this.#inputAtMs) < this.#lockAfterMs) return;
    this.covered = true;
    // Where this fails, the shell locks by its own clock.
    this.#backend.ownerLock().catch(() => undefined);
  }

  /** Rejects with `wrong_pin` and the time to wait. */
  async unlock(pin: string): Promise<void> {
    await this.#backend.ownerUnlock(pin);
    this.#uncover();
  }

  /** The window came to the front: an owner's PIN at the till may have unlocked it. */
  async look(): Promise<void> {
    if (!this.covered) return;
    try {
      await this.#backend.ownerTouch();
      this.#uncover();
    } catch (error) {
      this.#refused(error);
    }
  }

  /** The backend for the pages: what is refused as locked covers the window, waits for the PIN, and is asked again. */
  behind(): Backend {
    return new Proxy(this.#backend, {
      get: (backend, name) => {
        const call: unknown = Reflect.get(backend, name);
        if (typeof call !== "function" || FREE.has(name)) return call;
        return (...args: unknown[]) => this.#ask(() => Reflect.apply(call, backend, args) as Promise<unknown>);
      },
    });
  }

  async #ask<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      if (this.covered) await new Promise<void>((go) => this.#waiting.push(go));
      try {
        return await call();
      } catch (error) {
        if (!this.#refused(error)) throw error;
      }
    }
  }

  /** Whether it was refused because the window is locked: then it is covered. */
  #refused(error: unknown): boolean {
    const locked = error instanceof Refused && error.code === "locked";
    if (locked) this.covered = true;
    return locked;
  }

  #uncover(): void {
    this.#inputAtMs = this.#touchedAtMs = Date.now();
    this.covered = false;
    for (const go of this.#waiting.splice(0)) go();
  }
}
