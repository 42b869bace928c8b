// A counter over the in-browser shop: what is done once, what is kept, what is refused.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { StorageFailed, type Backend, type Session, type Shop } from "../../shared/backend";
import { openFake } from "../../shared/backend/fake";
import { Counter } from "./counter.svelte";

const MARIA = "member-1";

async function counterOf(backend: Backend, locked = vi.fn()): Promise<Counter> {
  const startup = await backend.startup();
  if (startup.state !== "ready" || !startup.session) throw new Error("the shop of this test starts signed in");
  const { shop, session }: { shop: Shop; session: Session | null } = startup;
  return new Counter({ backend, shop: () => shop, session, locale: "en-US", onLocked: locked, onChange: vi.fn() });
}

function shopAs(person: string): Backend {
  return openFake(new URLSearchParams({ as: person }));
}

describe("Counter", () => {
  let backend: Backend;
  let counter: Counter;

  beforeEach(async () => {
    localStorage.clear();
    backend = shopAs("ana");
    counter = await counterOf(backend);
    await counter.open(MARIA);
  });

  it("credits what was typed, offers undo, and is ready for the next customer", async () => {
    counter.sale.type("12,50", MARIA);
    await counter.credit();
    expect(counter.card?.balance).toBe(132);
    expect(counter.notice).toMatchObject({ tone: "earn", text: "12 points to Maria Lopez" });
    expect(counter.focus.to).toBe("search");
    expect(counter.sale.typed).toBe("");
    await counter.undoLast();
    expect(counter.card?.balance).toBe(120);
    expect(counter.undo.entryId).toBeNull();
  });

  it("credits once, however often Enter is pressed", async () => {
    const credit = vi.spyOn(backend, "credit");
    counter.sale.type("12.50", MARIA);
    await Promise.all([counter.credit(), counter.credit(), counter.credit()]);
    expect(credit).toHaveBeenCalledTimes(1);
    expect(counter.card?.balance).toBe(132);
  });

  it("sends a retry under the first id, after a failure and after a lost answer", async () => {
    const ids: string[] = [];
    const credit = backend.credit.bind(backend);
    let broken = 2;
    vi.spyOn(backend, "credit").mockImplementation(async (input) => {
      ids.push(input.op_id);
      if (broken-- === 2) throw new StorageFailed({ code: "busy", path: "", detail: "" });
      const done = await credit(input);
      if (broken === 0) throw new Error("the answer got lost");
      return done;
    });
    counter.sale.type("12.50", MARIA);
    await counter.credit();
    expect(counter.notice?.tone).toBe("wrong");
    expect(counter.sale.typed).toBe("12.50");
    await counter.credit();
    await counter.credit();
    expect(new Set(ids).size).toBe(1);
    expect(counter.card?.balance).toBe(132);
  });

  it("says that a sale number was credited before, and adds nothing", async () => {
    for (let n = 0; n < 2; n += 1) {
      counter.sale.type("12.50", MARIA);
      counter.sale.saleId = "A-1001";
      await counter.credit();
    }
    expect(counter.card?.balance).toBe(132);
    expect(counter.notice?.text).toMatch(/^This sale was already credited at .+ \(12 points\)\. Nothing was added\.$/);
    expect(counter.undo.entryId).toBeNull();
  });

  it("complains in place about what is no amount", async () => {
    counter.sale.type("12.345", MARIA);
    await counter.credit();
    expect(counter.sale.complaint).toBe(true);
    expect(counter.card?.balance).toBe(120);
  });

  it("redeems once, after one Confirm", async () => {
    const redeem = vi.spyOn(backend, "redeem");
    counter.askRedeem(1);
    expect(counter.redeeming).toBeNull();
    counter.typeSearch("r1");
    expect(counter.redeeming).toBe(0);
    expect(counter.search.query).toBe("");
    await Promise.all([counter.redeem(), counter.redeem()]);
    expect(redeem).toHaveBeenCalledTimes(1);
    expect(counter.card?.balance).toBe(20);
    expect(counter.redeeming).toBeNull();
  });

  it("names the sale to come with a reward that is given before it, until that sale is there", async () => {
    const [redeem, credit] = [vi.spyOn(backend, "redeem"), vi.spyOn(backend, "credit")];
    counter.typeSearch("r1");
    await counter.redeem();
    const given = redeem.mock.calls[0]?.[0];
    const visit = given?.visit;
    expect([given?.with, visit]).toEqual([null, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    for (const amount of ["200", "7"]) {
      counter.sale.type(amount, MARIA);
      await counter.credit();
    }
    expect(credit.mock.calls.map(([sale]) => sale.visit)).toEqual([visit, null]);
    // After a sale a reward goes with that one.
    counter.typeSearch("r1");
    await counter.redeem();
    expect(redeem.mock.calls[1]?.[0]).toMatchObject({ with: expect.any(String) as string, visit: null });
    // Another customer has nothing to do with it.
    await counter.open("member-2");
    await counter.open(MARIA);
    counter.typeSearch("r1");
    await counter.redeem();
    await counter.open("member-2");
    counter.sale.type("7", "member-2");
    await counter.credit();
    expect(credit.mock.calls[2]?.[0].visit).toBeNull();
  });

  it("drops an amount typed for somebody else, and keeps it for the same member", async () => {
    counter.sale.type("7", MARIA);
    await counter.open(MARIA);
    expect(counter.sale.typed).toBe("7");
    await counter.open("member-2");
    expect(counter.sale.typed).toBe("");
  });

  it("holds and skips as the rules say, without an undo", async () => {
    counter.sale.type("1.50", MARIA);
    await counter.credit();
    expect(counter.notice).toMatchObject({ tone: "plain", detail: "Skipped: under $2" });
    counter.sale.type("900", MARIA);
    await counter.credit();
    expect(counter.notice?.tone).toBe("held");
    expect(counter.undo.entryId).toBeNull();
    expect(counter.card?.balance).toBe(120);
  });

  it("takes a line back once; another's line needs a manager", async () => {
    const bens = counter.card?.recent.find((line) => line.by_name === "Ben" && line.kind === "earn");
    expect(bens?.may_reverse).toBe(false);
    await counter.reverse(bens?.entry_id ?? "");
    expect(counter.notice?.text).toBe("Your role does not allow this. Ask a manager.");
    const own = counter.card?.recent.find((line) => line.may_reverse)?.entry_id ?? "";
    await counter.reverse(own);
    await counter.reverse(own);
    expect(counter.notice?.text).toBe("This was already reversed. Nothing was changed.");
  });

  it("locks when the store says so", async () => {
    const locked = vi.fn();
    counter = await counterOf(backend, locked);
    await backend.signOut();
    await counter.open(MARIA);
    expect(locked).toHaveBeenCalledTimes(1);
  });

  it("goes back one step at a time", async () => {
    counter.askRedeem(0);
    counter.back();
    expect(counter.redeeming).toBeNull();
    counter.sale.type("5", MARIA);
    counter.back();
    expect([counter.sale.typed, counter.pane]).toEqual(["", "card"]);
    counter.back();
    expect(counter.pane).toBe("none");
  });

  it("never keeps personal data on the disk", async () => {
    counter.offer = { phone: "+16195550199", display: "" };
    vi.spyOn(backend, "enrol").mockRejectedValue(new StorageFailed({ code: "disk_full", path: "", detail: "" }));
    expect(await counter.enrol("+16195550199", "Rosa Diaz", "rosa@example.com", true)).toBeInstanceOf(StorageFailed);
    expect(JSON.stringify({ ...localStorage })).not.toMatch(/Rosa|rosa|6195550199/);
  });
});
