// What the page tests share: opening the shop, looking somebody up, axe, and a scanner's keys.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Slower than any scanner: a person's typing. */
export const TYPING = { delay: 45 };

/** Opens the till with `person` signed in. */
export async function openAs(page: Page, person: string, more = ""): Promise<void> {
  await page.goto(`/?as=${person}${more}`);
  await expect(page.getByTestId("search")).toBeFocused();
}

/** Types `query` as a person would and presses Enter. */
export async function lookUp(page: Page, query: string): Promise<void> {
  await page.keyboard.type(query, TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("member-card")).toBeVisible();
  await expect(page.getByTestId("amount")).toBeFocused();
}

/** Keys as a scanner sends them: 5 ms apart by their own stamps, however busy this machine is. */
export async function scan(page: Page, code: string): Promise<void> {
  const wire = await page.context().newCDPSession(page);
  const startS = Date.now() / 1_000;
  const keys = [...[...code].map((key) => ({ key, text: key })), { key: "Enter", text: "\r", windowsVirtualKeyCode: 13 }];
  for (const [n, key] of keys.entries()) {
    await wire.send("Input.dispatchKeyEvent", { type: "keyDown", timestamp: startS + n * 0.005, ...key });
    await wire.send("Input.dispatchKeyEvent", { type: "keyUp", timestamp: startS + n * 0.005 + 0.002, ...key });
  }
  await wire.detach();
}

/** No violation of WCAG 2.2 AA that axe can find, and nothing that scrolls sideways. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours move for a moment; axe reads them as they stand.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join("\n")}`)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}
