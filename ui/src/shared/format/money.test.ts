// Amounts as people type them, and as windows show them.
import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { amountHint, moneySign, readAmount, showMoney, showPoints } from "./money";

describe("readAmount", () => {
  it.each([
    ["12.50", "en-US", "12.50"],
    ["12,50", "en-US", "12.50"],
    ["12,5", "de-DE", "12.50"],
    ["12", "en-US", "12"],
    ["12.", "en-US", "12"],
    [".50", "en-US", "0.50"],
    ["007", "en-US", "7"],
    ["1,250", "en-US", "1250"],
    ["1.250", "de-DE", "1250"],
    ["1.250,75", "de-DE", "1250.75"],
    ["1,250.75", "en-US", "1250.75"],
    ["1 250,75", "fr-FR", "1250.75"],
    ["1'250.75", "de-CH", "1250.75"],
    ["$12.50", "en-US", "12.50"],
    ["12,50 €", "de-DE", "12.50"],
    ["1,234,567", "en-US", "1234567"],
    ["12.500", "en-US", "12.50"],
  ])("reads %s (%s) as %s", (typed, locale, plain) => {
    expect(readAmount(typed, 2, locale)).toBe(plain);
  });

  it.each(["", ".", "-3", "1e3", "12.345", "1,2,3", "1.2.3", "12,34,567", "abc", "99999999999", "1,25.3,1"])("refuses %s", (typed) => {
    expect(readAmount(typed, 2, "en-US")).toBeNull();
  });

  it("knows currencies without decimals, and with three", () => {
    expect(readAmount("1200", 0, "ja-JP")).toBe("1200");
    expect(readAmount("12.5", 0, "ja-JP")).toBeNull();
    expect(readAmount("1.234", 3, "en-KW")).toBe("1.234");
  });

  it("never answers what the store would refuse, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789.,-'$ e"), maxLength: 14 }), fc.constantFrom("en-US", "de-DE", "fr-FR"), (typed, locale) => {
        const plain = readAmount(typed, 2, locale);
        if (plain !== null) expect(plain).toMatch(/^(0|[1-9]\d*)(\.\d{2})?$/);
      }),
    );
  });

  it("reads back what it shows", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_147_483_647 }), fc.constantFrom("en-US", "de-DE", "fr-FR", "es-ES"), (minor, locale) => {
        const shown = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 }).format(minor / 100);
        expect(Number(readAmount(shown, 2, locale))).toBeCloseTo(minor / 100, 2);
      }),
    );
  });
});

describe("showing", () => {
  it("writes money, signs and points as the locale does", () => {
    expect(showMoney(1250, "USD", 2, "en-US")).toBe("$12.50");
    expect(showMoney(1250, "EUR", 2, "de-DE")).toBe("12,50\u00a0€");
    expect(moneySign("USD", "en-US")).toBe("$");
    expect(amountHint(2, "de-DE")).toBe("0,00");
    expect(showPoints(12, "en-US")).toBe("+12");
    expect(showPoints(-100, "en-US")).toBe("−100");
    expect(showPoints(0, "en-US")).toBe("0");
  });
});
