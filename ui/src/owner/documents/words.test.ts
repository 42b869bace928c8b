// Documents elsewhere: a sentence for every code that the relay has.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Refused, type DocumentProblem } from "../../shared/backend";
import { makerName } from "../names";
import { documentFailure, PROBLEMS, problemWords, REFUSALS } from "./words";

const problem: DocumentProblem = { code: "document_not_shared", since: "2026-11-20T22:00:00Z", line: 0, column: 0, words: "x", suggestion: null, said: "reader@shop.example" };

describe("documents elsewhere", () => {
  it("have a sentence for everything that can be wrong and for every refusal", () => {
    const source = readFileSync("../crates/sync/src/documents.rs", "utf8");
    const [problems = [], refusals = []] = [...source.matchAll(/CODES: &\[&str\] = &\[([^\]]*)\]/g)].map(([, list = ""]) => [...list.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code));
    expect(problems.length).toBeGreaterThan(15);
    expect(Object.keys(PROBLEMS).sort()).toEqual(problems.sort());
    expect(Object.keys(REFUSALS).sort()).toEqual(refusals.sort());
  });

  it("say whom to share with, and where it does not read", () => {
    expect(problemWords(problem)).toContain("Share it with reader@shop.example");
    const bad = { ...problem, code: "document_bad", line: 2, column: 18, words: "Expected a day.", suggestion: " Tuesday" };
    expect(problemWords(bad)).toBe("Line 2, column 18: Expected a day. Did you mean “Tuesday”?");
    expect(problemWords({ ...bad, suggestion: null })).toBe("Line 2, column 18: Expected a day.");
    // A newer relay's.
    expect(problemWords({ ...problem, code: "document_new", words: "Something else." })).toBe("Something else.");
  });

  it("are named where the store says who published", () => {
    expect(makerName("job:document https://harbour.example.com/rules.txt")).toBe("document at harbour.example.com/rules.txt");
    expect(makerName("job:import")).toBe("automatic");
  });

  it("say what was refused, in the relay's words where it broke meanwhile", () => {
    expect(documentFailure(new Refused("document_bad_address", "address"))).toContain("no address of a document");
    expect(documentFailure(new Refused("document_bad", "", "Expected a day."))).toBe("Expected a day.");
    expect(documentFailure(new Refused("offline"))).toMatch(/\.$/);
  });
});
