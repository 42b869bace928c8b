// A birthday in its fields, and in words.
import { describe, expect, it } from "vitest";
import { birthdayOf, birthdayWords, partsOf } from "./birthday";

describe("birthdays", () => {
  it("are read into fields and back", () => {
    for (const birthday of ["", "02-29", "1984-02-29", "12-01"]) expect(birthdayOf(partsOf(birthday))).toBe(birthday);
    expect(partsOf("1984-02-09")).toEqual({ year: "1984", month: "02", day: "9" });
  });

  it("stay wrong where they are half said", () => {
    expect(birthdayOf({ year: "", month: "", day: "5" })).toBe("?-05");
    expect(birthdayOf({ year: "1984", month: "02", day: "" })).toBe("1984-02-00");
  });

  it("are said in words, whole days whatever the clock here", () => {
    expect(birthdayWords("02-29", "en-US")).toBe("February 29");
    expect(birthdayWords("1984-12-01", "en-US")).toBe("December 1, 1984");
    expect(birthdayWords("12-01", "es-ES")).toBe("1 de diciembre");
    expect(birthdayWords("", "en-US")).toBe("");
  });
});
