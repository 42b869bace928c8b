// The locale on machines with and without one.
import { expect, it } from "vitest";
import { machineLocale } from "./locale";

it("takes the first language that is one", () => {
  expect(machineLocale(["de-DE", "en"])).toBe("de-DE");
  expect(machineLocale(["C", "es-ES"])).toBe("es-ES");
  expect(machineLocale(["C"])).toBe("en-US");
  expect(machineLocale(["en_US.UTF-8", "xx"])).toBe("en-US");
  expect(machineLocale([])).toBe("en-US");
});
