// The in-browser first start of a till that joins a shop: with `?join=stuck` the relay goes away in the middle, with
// `?join=new_pin` the shop's PINs don't come along (as with an operator's code).
import type { RelayState, Startup } from "../bindings";
import { Refused, type JoinBackend } from "../index";
import { seed } from "./seed";
import { asked } from "./tills";
import type { World } from "./world";

const ALL = 12_400;
/** How much comes between two looks. */
const STEP = 4_000;

/** How far the made-up download is; null where there is none. Each look finds it further. */
export function joining(world: World, params: URLSearchParams): Startup | null {
  if (world.joined === null) return null;
  const stuck = params.get("join") === "stuck" && world.joined >= STEP;
  if (!stuck) world.joined += STEP;
  if (world.joined >= ALL) {
    world.joined = null;
    seed(world, Date.now());
    world.needsPin = params.get("join") === "new_pin";
    return null;
  }
  const relay: RelayState = { way: stuck ? "offline" : "beginning", pending: 0, waiting_since: null, seen_at: null, skew_s: 0, code: stuck ? "offline" : null };
  return { state: "joining", shop_name: "Harbour Coffee", address: "https://relay.example", done: world.joined, of: ALL, relay };
}

export function joinOf(world: World, startup: () => Startup): JoinBackend {
  return {
    joinShop: async ({ address, code }) => {
      asked(address, code);
      world.joined = 0;
      return startup();
    },
    joinRetry: async () => undefined,
    joinLeave: async () => {
      world.joined = null;
      world.shop = null;
      return startup();
    },
    ownerPin: async ({ staff_id, pin }) => {
      const owner = world.staff.find((s) => s.id === staff_id && s.role === "owner");
      if (!world.needsPin || !owner) throw new Refused("locked");
      owner.pin = pin;
      world.needsPin = false;
      world.session = { staff_id, name: owner.name, role: owner.role };
      return startup();
    },
  };
}

