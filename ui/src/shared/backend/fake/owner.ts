// The owner's half of the in-browser shop.
import type { OwnerContext } from "../contract";
import type { OwnerBackend } from "../index";
import { shopOf, type World } from "./world";

/** The owner's commands over `world`. Its reports are not SQL's: `select` knows no query yet and answers no rows. */
export function ownerOf(world: World, closePage: () => void): OwnerBackend {
  const context = (): OwnerContext => ({ shop: shopOf(world), reports: "fake", rules_text: world.rulesText });
  return {
    ownerContext: async () => context(),
    rulesCheck: async (text) => ({ errors: [], summary: text.split("\n").filter((line) => line && !line.startsWith("#")) }),
    rulesPublish: async (_opId, text) => {
      world.rulesText = text;
      shopOf(world).rules_version += 1;
      return context();
    },
    exportLedger: async () => ({ path: "/home/you/Downloads/ledger.csv", rows: world.entries.length }),
    close: async () => closePage(),
    select: async () => [],
  };
}
