// How long a code still works, as it is shown.
import { expect, it } from "vitest";
import { countdown } from "./tills.svelte";

it("counts minutes and seconds down to nothing", () => {
  expect(countdown(600_000)).toBe("10:00");
  expect(countdown(599_001)).toBe("10:00");
  expect(countdown(599_000)).toBe("9:59");
  expect(countdown(1)).toBe("0:01");
  expect(countdown(0)).toBe("0:00");
  expect(countdown(-5_000)).toBe("0:00");
});
