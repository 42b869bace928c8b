// Every refusal that the store knows has a sentence of its own here.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Refused } from "../backend";
import { failureWords, REFUSALS } from "./failures";

/** The codes as `loyalty::Code` lists them: `BadPhone = "bad_phone" => "…"`. */
const codes = [...readFileSync("../crates/loyalty/src/refusal.rs", "utf8").matchAll(/^ {4}[A-Z]\w+ = "([a-z_]+)" => "/gm)].map((found) => found[1] ?? "");

it("reads the closed list", () => {
  expect(codes.length).toBeGreaterThan(30);
  expect(codes).toContain("bad_phone");
});

it.each(codes)("%s has a sentence", (code) => {
  expect(Object.keys(REFUSALS)).toContain(code);
  expect(failureWords(new Refused(code))).not.toBe(failureWords(new Refused("no_such_code")));
});

it("has no sentence for a code that is gone", () => {
  expect(Object.keys(REFUSALS).filter((code) => !codes.includes(code))).toEqual([]);
});
