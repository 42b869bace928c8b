// The lock of the in-browser owner's window, as the shell's: after idling, or when told, nothing is answered until the
// owner's PIN comes again. `?lock=5` sets the seconds.
import { Refused, type OwnerBackend } from "../index";

type LockCalls = "ownerTouch" | "ownerLock" | "ownerUnlock";
/** What is answered at any time. */
const FREE = ["onArrival", "exportStop", "rulesBacktestStop", "close"];
const PIN = "4321";
const WAIT_MS = 1_000;

/** `owner`, which refuses with `locked` while nobody is there. */
export function lockable(owner: Omit<OwnerBackend, LockCalls>, lockAfterS: number): OwnerBackend {
  let seen: number | null = Date.now();
  const must = (): void => {
    if (seen !== null && Math.abs(Date.now() - seen) > lockAfterS * 1_000) seen = null;
    if (seen === null) throw new Refused("locked");
  };
  const guarded = Object.entries(owner).map(([name, call]) => {
    if (FREE.includes(name)) return [name, call];
    const asked = call as (...args: unknown[]) => Promise<unknown>;
    return [name, async (...args: unknown[]) => (must(), asked(...args))];
  });
  return {
    ...(Object.fromEntries(guarded) as typeof owner),
    ownerTouch: async () => {
      must();
      seen = Date.now();
    },
    ownerLock: async () => {
      seen = null;
    },
    ownerUnlock: async (pin) => {
      if (pin !== PIN) throw new Refused("wrong_pin", "pin", "", WAIT_MS);
      seen = Date.now();
    },
  };
}
