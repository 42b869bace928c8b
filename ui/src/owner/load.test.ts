// Answers that come late or not at all: the newest reading wins, and a text is checked once for all that was typed meanwhile.
import { describe, expect, it } from "vitest";
import type { FileLook, FileMapping, OwnerBackend } from "../shared/backend";
import { ImportFile } from "./import/import-file.svelte";
import { Loaded } from "./load.svelte";
import { Checker } from "./rules/checker.svelte";

type Answer<T> = { give: (value: T) => void; fail: (error: Error) => void; promise: Promise<T> };
function answer<T>(): Answer<T> {
  let give!: (value: T) => void;
  let fail!: (error: Error) => void;
  const promise = new Promise<T>((resolve, reject) => {
    give = resolve;
    fail = reject;
  });
  return { give, fail, promise };
}

describe("a reading", () => {
  it("is not replaced by an older one that comes late", async () => {
    const loaded = new Loaded<string>();
    const [first, second] = [answer<string>(), answer<string>()];
    const runs = [loaded.run(() => first.promise), loaded.run(() => second.promise)];
    second.give("new");
    await runs[1];
    expect([loaded.value, loaded.busy]).toEqual(["new", false]);
    first.give("old");
    await runs[0];
    expect(loaded.value).toBe("new");
  });

  it("keeps what it had when the next one fails, and says so until one succeeds", async () => {
    const loaded = new Loaded<number>();
    await loaded.run(async () => 1);
    await loaded.run(() => Promise.reject(new Error("disk")));
    expect([loaded.value, loaded.failure]).toEqual([1, new Error("disk")]);
    await loaded.run(async () => 2);
    expect([loaded.value, loaded.failure]).toEqual([2, undefined]);
  });
});

describe("a file's corrections", () => {
  it("build on each other, also while the store is still looking", async () => {
    const asked: FileMapping[] = [];
    const late = [answer<FileLook>(), answer<FileLook>(), answer<FileLook>()];
    const found = { delimiter: ";", dates: "month_first", columns: { phone: "Phone" } } as unknown as FileMapping;
    const lookOf = (mapping: FileMapping): FileLook => ({ source: "pos", mapping }) as unknown as FileLook;
    const backend = {
      fileBegin: async () => "1",
      fileBytes: async () => undefined,
      fileLook: ({ mapping }: { mapping: FileMapping | null }) => {
        if (!mapping) return Promise.resolve(lookOf(found));
        asked.push(mapping);
        return late[asked.length - 1]?.promise;
      },
    } as unknown as OwnerBackend;
    const file = new ImportFile(backend);
    await file.choose(new File(["a"], "monday.csv"));
    const runs = [file.column("total", "Sum"), file.correct({ dates: "day_first" }), file.column("phone", null)];
    const whole = { delimiter: ";", dates: "day_first", columns: { total: "Sum" } };
    expect([asked[2], file.mapping]).toEqual([whole, whole]);
    late[2]?.give(lookOf(asked[2] as FileMapping));
    late[0]?.give(lookOf(asked[0] as FileMapping));
    late[1]?.fail(new Error("late"));
    await Promise.all(runs);
    expect([file.look?.mapping, file.mapping, file.wrong]).toEqual([whole, whole, ""]);
  });
});

describe("checking as one types", () => {
  it("asks one at a time and skips to the newest text", async () => {
    const asked: string[] = [];
    const first = answer<null>();
    const checker = new Checker(async (text) => {
      asked.push(text);
      if (text === "E") await first.promise;
      return { errors: [], summary: [text], formatted: null, tiers: [] };
    });
    const run = checker.check("E");
    void checker.check("Ea");
    void checker.check("Ear");
    void checker.check("Earn");
    first.give(null);
    await run;
    expect(asked).toEqual(["E", "Earn"]);
    expect(checker.found?.text).toBe("Earn");
  });

  it("goes on after a check that failed", async () => {
    let fails = true;
    const checker = new Checker(async (text) => {
      if (fails) throw new Error("gone");
      return { errors: [], summary: [text], formatted: null, tiers: [] };
    });
    await checker.check("a");
    expect(checker.failure).toEqual(new Error("gone"));
    fails = false;
    await checker.check("b");
    expect([checker.failure, checker.found?.text]).toEqual([undefined, "b"]);
  });
});
