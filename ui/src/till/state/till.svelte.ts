// The till's window as a whole: how the store started, who is signed in, locking when idle, the status bar, and each
// person's counter.
import type { Backend, FirstStart, JoinShop, Session, Shop, StaffTile, Startup, Status, StorageProblem } from "../../shared/backend";
import { SvelteMap } from "svelte/reactivity";
import { Refused, StorageFailed } from "../../shared/backend";
import { machineLocale } from "../../shared/format/locale";
import { Intents } from "../logic/intents";
import { memoryStorage } from "../logic/memory-storage";
import { Counter } from "./counter.svelte";

/** How often the store hears that somebody is here, at most. */
const TOUCH_EVERY_MS = 10_000;
const STATUS_EVERY_MS = 15_000;
/** Sales that come in within this are shown with one reading. */
const ARRIVALS_TOGETHER_MS = 200;

export class Till {
  readonly backend: Backend;
  readonly locale: string;
  startup = $state.raw<Startup | null>(null);
  shop = $state.raw<Shop | null>(null);
  staff = $state.raw<StaffTile[]>([]);
  /** An owner must choose a PIN anew before anybody can sign in. */
  needsPin = $state(false);
  status = $state.raw<Status | null>(null);
  counter = $state.raw<Counter | null>(null);
  /** The person last signed in: the lock offers them first. */
  lastStaffId = $state<string | null>(null);
  now = $state(Date.now());
  readonly #intents = new Intents(memoryStorage());
  readonly #counters = new SvelteMap<string, Counter>();
  #inputAtMs = Date.now();
  #touchedAtMs = 0;
  #statusAtMs = 0;
  #arrivals: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend, locale: string = machineLocale()) {
    this.backend = backend;
    this.locale = locale;
  }

  get session(): Session | null {
    return this.counter?.world.session ?? null;
  }

  /** Asks how things stand; asking again tries again. */
  async start(): Promise<void> {
    try {
      this.#take(await this.backend.startup());
    } catch (error) {
      this.#take({ state: "problem", problem: problemOf(error) });
    }
  }

  /** Makes the shop. Rejects with the refusal, for the form. */
  async firstStart(input: FirstStart): Promise<void> {
    this.#take(await this.backend.firstStart(input));
  }

  /** Makes this machine a till of a shop that runs already. Rejects with the refusal, for the form. */
  async joinShop(input: JoinShop): Promise<void> {
    this.#take(await this.backend.joinShop(input));
  }

  /** Tries to reach the relay now. */
  async joinRetry(): Promise<void> {
    await this.backend.joinRetry();
    await this.start();
  }

  /** Gives up joining. Rejects where that fails. */
  async joinLeave(): Promise<void> {
    this.#take(await this.backend.joinLeave());
  }

  /** Sets an owner's PIN anew; they are signed in. Rejects with the refusal, for the form. */
  async ownerPin(staffId: string, pin: string): Promise<void> {
    const content = { staff_id: staffId, pin };
    try {
      this.#take(await this.backend.ownerPin({ op_id: this.#intents.idFor("owner-pin", content), ...content }));
    } catch (error) {
      if (error instanceof Refused) this.#intents.settle("owner-pin");
      throw error;
    }
  }

  /** Makes the first owner of a shop that has no staff; they are signed in. Rejects with the refusal, for the form. */
  async firstOwner(name: string, pin: string): Promise<void> {
    const content = { staff_id: null, name, role: "owner", pin, active: true } as const;
    try {
      await this.backend.staffEdit({ op_id: this.#intents.idFor("owner", content), ...content });
    } catch (error) {
      if (error instanceof Refused) this.#intents.settle("owner");
      // Somebody became the owner meanwhile: then this till is locked, not empty.
      if (!(error instanceof Refused && error.code === "locked")) throw error;
    }
    await this.start();
  }

  /** Rejects with `wrong_pin` and the time to wait. */
  async signIn(staffId: string, pin: string): Promise<void> {
    const session = await this.backend.signIn(staffId, pin);
    await this.#enter(session);
  }

  async lock(): Promise<void> {
    if (!this.counter) return;
    this.lastStaffId = this.counter.world.session.staff_id;
    this.counter.undo.drop();
    this.counter = null;
    try {
      await this.backend.signOut();
    } finally {
      await this.start();
    }
  }

  /** Somebody pressed or moved something. */
  input(): void {
    this.#inputAtMs = Date.now();
    if (!this.counter || this.#inputAtMs - this.#touchedAtMs < TOUCH_EVERY_MS) return;
    this.#touchedAtMs = this.#inputAtMs;
    this.backend.touch().catch((error: unknown) => this.counter?.fail(error));
  }

  /** Once a second: the clock, the idle lock, now and then the status bar. */
  tick(): void {
    this.now = Date.now();
    const lockAfterMs = (this.shop?.lock_after_s ?? 0) * 1_000;
    if (this.counter && lockAfterMs > 0 && this.now - this.#inputAtMs >= lockAfterMs) void this.lock();
    else if (this.counter && this.now - this.#statusAtMs >= STATUS_EVERY_MS) void this.look();
  }

  /** A sale or a file came in by itself: what is on the screen is read again, once for many that come together. */
  arrived(): void {
    if (this.#arrivals !== undefined) return;
    this.#arrivals = setTimeout(() => {
      this.#arrivals = undefined;
      const { counter } = this;
      if (counter && !counter.busy) void Promise.all([this.look(), counter.refresh()]);
      // Whoever was hired or changed their PIN at another till.
      else if (!counter && this.startup?.state === "ready") void this.start();
    }, ARRIVALS_TOGETHER_MS);
  }

  /** Reads the status bar. */
  async look(): Promise<void> {
    this.#statusAtMs = Date.now();
    try {
      this.status = await this.backend.status();
    } catch (error) {
      this.counter?.fail(error);
    }
  }

  #take(startup: Startup): void {
    this.startup = startup;
    if (startup.state !== "ready") return;
    this.shop = startup.shop;
    this.staff = startup.staff;
    this.needsPin = startup.needs_pin;
    if (startup.session && !this.counter) void this.#enter(startup.session);
  }

  async #enter(session: Session): Promise<void> {
    this.#inputAtMs = Date.now();
    this.#touchedAtMs = Date.now();
    const kept = this.#counters.get(session.staff_id);
    const counter = kept?.world.session.role === session.role ? kept : this.#counterFor(session);
    this.#counters.set(session.staff_id, counter);
    counter.focus = { to: counter.pane === "card" ? "amount" : "search" };
    this.counter = counter;
    await Promise.all([this.look(), counter.refresh()]);
  }

  #counterFor(session: Session): Counter {
    return new Counter({
      backend: this.backend,
      shop: () => {
        if (!this.shop) throw new Error("a counter is only made once the shop is known");
        return this.shop;
      },
      session,
      locale: this.locale,
      onLocked: () => void this.lock(),
      onChange: () => void this.look(),
    });
  }
}

function problemOf(error: unknown): StorageProblem {
  return error instanceof StorageFailed ? error.problem : { code: "io", path: "", detail: String(error) };
}
