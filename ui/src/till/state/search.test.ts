// The search box: late answers, Enter before the answer, what Enter takes.
import { describe, expect, it, vi } from "vitest";
import type { Hit, SearchResult } from "../../shared/backend";
import { Search, type Pick } from "./search.svelte";

/** A backend that answers when told to, in any order. */
class Slow {
  readonly waiting = new Map<string, (result: SearchResult) => void>();
  search = (query: string): Promise<SearchResult> => new Promise((resolve) => this.waiting.set(query, resolve));
  async answer(query: string, result: Partial<SearchResult>): Promise<void> {
    this.waiting.get(query)?.({ query, hits: [], exact: null, enrol: null, ...result });
    await Promise.resolve();
    await Promise.resolve();
  }
}

const hit = (member_id: string): Hit => ({ member_id, name: member_id, phone_last4: "0123", email_hint: null, balance: 1, last_visit_at: null });

function searching(): { slow: Slow; search: Search; picked: Pick[] } {
  const slow = new Slow();
  const picked: Pick[] = [];
  const search = new Search(slow, {
    onPick: (pick) => picked.push(pick),
    onFail: (error) => {
      throw error;
    },
  });
  return { slow, search, picked };
}

describe("Search", () => {
  it("drops an answer that comes late", async () => {
    const { slow, search } = searching();
    search.type("ma");
    search.type("mar");
    await slow.answer("mar", { hits: [hit("maria")] });
    await slow.answer("ma", { hits: [hit("max")] });
    expect(search.result?.hits.map((h) => h.member_id)).toEqual(["maria"]);
  });

  it("drops an answer that comes after the box was cleared", async () => {
    const { slow, search } = searching();
    search.type("mar");
    search.clear();
    await slow.answer("mar", { hits: [hit("maria")] });
    expect(search.result).toBeNull();
  });

  it("remembers an Enter that came first, and only for its own query", async () => {
    const { slow, search, picked } = searching();
    search.type("mar");
    search.enter();
    await slow.answer("mar", { hits: [hit("maria")] });
    expect(picked).toEqual([{ open: "maria" }]);
    search.type("ben");
    search.enter();
    search.type("beno");
    await slow.answer("beno", { hits: [hit("benoit")] });
    expect(picked).toHaveLength(1);
  });

  it("takes the exact one, else the offer, else the best, else what the arrows chose", async () => {
    const { slow, search, picked } = searching();
    const offer = { phone: "+16195550199", display: "+1 619-555-0199" };
    search.type("a");
    await slow.answer("a", { hits: [hit("x"), hit("y")], exact: "y" });
    search.enter();
    search.type("b");
    await slow.answer("b", { hits: [hit("x")], enrol: offer });
    search.enter();
    search.move(-1);
    search.enter();
    search.move(1);
    search.move(1);
    search.enter();
    expect(picked).toEqual([{ open: "y" }, { enrol: offer }, { open: "x" }, { enrol: offer }]);
  });

  it("opens an exact match that is not among the hits shown", async () => {
    const { slow, search, picked } = searching();
    search.take("7KQ2M9XRA");
    await slow.answer("7KQ2M9XRA", { exact: "maria" });
    expect(picked).toEqual([{ open: "maria" }]);
  });

  it("finds a scan whose beginning was taken for a person's keys", async () => {
    const { slow, search, picked } = searching();
    search.type("7KQ");
    search.take("2M9XRA");
    await slow.answer("2M9XRA", {});
    expect(picked).toEqual([]);
    await slow.answer("7KQ2M9XRA", { exact: "maria" });
    await vi.waitFor(() => expect(picked).toEqual([{ open: "maria" }]));
    expect(search.query).toBe("7KQ2M9XRA");
  });

  it("takes a scan alone where what stood in the box was no part of it", async () => {
    const { slow, search, picked } = searching();
    search.type("mar");
    search.take("7KQ2M9XRA");
    await slow.answer("7KQ2M9XRA", { exact: "maria" });
    expect(picked).toEqual([{ open: "maria" }]);
    search.type("mar");
    search.take("6195550123");
    const enrol = { phone: "+16195550123", display: "+1 619-555-0123" };
    await slow.answer("6195550123", { enrol });
    await slow.answer("mar6195550123", {});
    await vi.waitFor(() => expect(picked.at(-1)).toEqual({ enrol }));
    expect(search.query).toBe("6195550123");
  });
});
