// One change at a time, and its undo: what was chosen before is chosen again.
import { expect, it } from "vitest";
import { Refused, type Away, type OwnerBackend, type WinBack, type WinBackChoice } from "../../shared/backend";
import { Regulars } from "./win-back.svelte";

function rig(): { regulars: Regulars; asked: (WinBackChoice | null)[]; maria: () => Away; fail: (error: Error | null) => void } {
  const asked: (WinBackChoice | null)[] = [];
  const member = { member_id: "m1", chosen: "bonus" } as Away;
  let failure: Error | null = null;
  const shown = (): WinBack => ({ away: [{ ...member }] }) as WinBack;
  const backend = {
    winBack: async () => shown(),
    winBackChoose: async (_members: string[], choice: WinBackChoice | null) => {
      asked.push(choice);
      if (failure) throw failure;
      member.chosen = choice;
      return shown();
    },
  } as OwnerBackend;
  return { regulars: new Regulars(backend), asked, maria: () => ({ ...member }), fail: (error) => (failure = error) };
}

it("takes a choice back to what was chosen before", async () => {
  const { regulars, asked, maria } = rig();
  await regulars.choose([maria()], "rest");
  expect(regulars.seen.value?.away[0]?.chosen).toBe("rest");
  await regulars.undo();
  expect(asked).toEqual(["rest", "bonus"]);
  expect(regulars.done?.kind).toBe("undone");
  await regulars.undo();
  expect(asked).toHaveLength(2);
});

it("does one thing at a time, and says what was refused", async () => {
  const { regulars, asked, maria, fail } = rig();
  await Promise.all([regulars.choose([maria()], "rest"), regulars.choose([maria()], "nudge")]);
  expect(asked).toEqual(["rest"]);
  fail(new Refused("bad_points", "bonus", "0"));
  await regulars.choose([maria()], "bonus");
  expect(regulars.done?.kind).toBe("failed");
  expect(regulars.busy).toBe(false);
  expect(maria().chosen).toBe("rest");
});

it("chooses for several, and takes each back to what was chosen for it", async () => {
  const said: [string[], WinBackChoice | null][] = [];
  const away = [["m1", null], ["m2", "bonus"], ["m3", "rest"], ["m4", null]].map(([member_id, chosen]) => ({ member_id, chosen }) as Away);
  const backend = { winBackChoose: async (members, choice) => (said.push([members, choice]), { away } as WinBack) } as OwnerBackend;
  const regulars = new Regulars(backend);
  await regulars.choose(away, "rest");
  // For the third it was chosen before.
  expect(said.splice(0)).toEqual([[["m1", "m2", "m4"], "rest"]]);
  await regulars.undo();
  expect(said).toEqual([[["m1", "m4"], null], [["m2"], "bonus"]]);
});
