// The rules in the owner's window: completion with the keyboard alone, tidying, mending everything at once, versions
// held against each other and put back, a typed sale tried, and the draft tested on the shop's past and stopped.
import { expect, test, type Page } from "@playwright/test";
import { expectAccessible } from "./helpers";

test.describe.configure({ timeout: 90_000 });

async function open(page: Page, hash = "rules", query = "members=60"): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?${query}#/${hash}`);
  await expect(page.getByTestId("versions")).toBeVisible({ timeout: 45_000 });
}

test("what fits is offered, chosen by arrows and taken by Enter or Tab; Esc closes it", async ({ page }) => {
  await open(page);
  const text = page.getByTestId("rules-text");
  const offers = page.getByTestId("rules-offers");
  await text.fill("");
  await text.pressSequentially("Sk");
  await expect(offers.getByRole("option")).toHaveText(["Skip sales under $2"]);
  await expect(text).toHaveAttribute("aria-activedescendant", /-0$/);
  await expectAccessible(page);
  await page.keyboard.press("Tab");
  await expect(text).toHaveValue("Skip sales under $2");
  await expect(text).toBeFocused();
  await expect(offers).toHaveCount(0);

  // Behind a whole word nothing is chosen, so that Enter is a new line.
  await page.keyboard.press("Enter");
  await page.keyboard.type("Hold sales ");
  await expect(offers.getByRole("option")).toHaveText(["under", "over"]);
  await expect(text).not.toHaveAttribute("aria-activedescendant");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("Skip sales under $2\nHold sales over");
  await page.keyboard.press("Control+z");
  await expect(text).toHaveValue("Skip sales under $2\nHold sales ");
  await page.keyboard.type("o");
  await expect(offers).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(offers).toHaveCount(0);
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Control+Space");
  await expect(offers.getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("Skip sales under $2\nHold sales \n");
});

test("a mouse takes an offer too", async ({ page }) => {
  await open(page);
  const text = page.getByTestId("rules-text");
  await text.fill("");
  await text.pressSequentially("Ea");
  await page.getByRole("option", { name: "Earn 1 point per $1" }).click();
  await expect(text).toHaveValue("Earn 1 point per $1");
  await expect(text).toBeFocused();
});

test("every mistake is mended at once, and the text is tidied without changing what it says", async ({ page }) => {
  await open(page);
  const text = page.getByTestId("rules-text");
  await text.fill("Earn 2 pionts per $1\nReward 100 ponts: Free coffee\n");
  await expect(page.getByTestId("rules-mend")).toHaveCount(2);
  await expect(page.getByTestId("rules-format")).toHaveAttribute("aria-disabled", "true");
  await page.getByTestId("rules-mend-all").click();
  await expect(text).toHaveValue("Earn 2 points per $1\nReward 100 points: Free coffee\n");
  await text.fill("Earn   2 points per $1   ");
  await expect(page.getByTestId("rules-summary")).toBeVisible();
  await page.getByTestId("rules-format").click();
  await expect(text).toHaveValue("Earn 2 points per $1\n");
  await expect(page.getByTestId("rules-tidied")).toBeVisible();
  await expectAccessible(page);
});

test("a draft outlives a look at another page", async ({ page }) => {
  await open(page);
  await page.getByTestId("rules-text").fill("Earn 5 points per $1\n");
  await page.getByTestId("nav-ledger").click();
  await page.getByTestId("nav-rules").click();
  await expect(page.getByTestId("rules-text")).toHaveValue("Earn 5 points per $1\n");
  await page.getByTestId("rules-discard").click();
  await expect(page.getByTestId("rules-text")).toHaveValue(/Earn 1 point per \$1/);
});

test("any two versions are held against each other, and an older one comes back in one press and a yes", async ({ page }) => {
  await open(page, "rules?version=1");
  await expect(page.getByTestId("old-version")).toContainText("Put in force");
  await page.getByTestId("version-against").selectOption("2");
  await expect(page).toHaveURL(/version=1&against=2/);
  await expect(page.getByTestId("old-version")).toContainText("What changed from version 1 to version 2:");
  await expect(page.getByTestId("old-version").locator(".new").first()).toBeVisible();
  await expectAccessible(page);
  await page.getByTestId("rollback").click();
  await expect(page.getByTestId("rollback-confirm")).toBeFocused();
  await expectAccessible(page);
  await page.getByTestId("rollback-keep").click();
  await expect(page.getByTestId("rollback")).toBeFocused();
  await page.getByTestId("rollback").click();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Version 3 is in force.", { exact: false }).first()).toBeVisible();
  await expect(page.getByTestId("rules-text")).toHaveValue("Earn 1 point per $1\nReward 100 points: Free coffee\n");
  await expect(page.getByTestId("versions").getByRole("listitem")).toHaveCount(3);
});

test("a typed sale shows its move, points and why, by the draft and in force", async ({ page }) => {
  await open(page);
  await page.getByTestId("rules-text").fill("Earn 2 points per $1\nSkip sales under $2\nHold sales over $100\nTier Gold at 500 points a year: earn x1.5\n");
  await page.getByTestId("try-total").fill("12.50");
  await expect(page.getByTestId("try-draft")).toContainText("+25");
  await expect(page.getByTestId("try-draft")).toContainText("25 = 2 per $1");
  await expect(page.getByTestId("try-in-force")).toContainText("+12");
  await page.getByTestId("try-tier").selectOption("Gold");
  await expect(page.getByTestId("try-draft")).toContainText("+37");
  await page.getByTestId("try-member").pressSequentially("sofi");
  await expect(page.getByRole("listbox").getByRole("option").first()).toContainText("Sofía");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("try-in-force")).toContainText("Balance after");
  await page.getByText("Tax and tip").click();
  await page.getByTestId("try-tip").fill("2");
  await page.getByTestId("try-item-add").click();
  await expect(page.getByTestId("try-item-name")).toBeFocused();
  await page.keyboard.type("Flat white");
  await expectAccessible(page);
  await page.getByTestId("try-total").fill("101");
  await expect(page.getByTestId("try-draft")).toHaveAttribute("data-move", "hold");
  await expect(page.getByTestId("try-draft")).toContainText("Held: over $100");
  await page.getByTestId("try-total").fill("1");
  await expect(page.getByTestId("try-draft")).toHaveAttribute("data-move", "skip");
  await page.getByTestId("try-total").fill("one");
  await expect(page.getByTestId("try")).toContainText("This is not an amount.");
  await page.getByTestId("rules-text").fill("Earn 2 pionts per $1");
  await page.getByTestId("try-total").fill("5");
  await expect(page.getByTestId("try")).toContainText("things to mend");
  await expectAccessible(page);
});

test("a draft is tested on the past: the answer, the figures, the months, who gains and who loses", async ({ page }) => {
  await open(page);
  await page.getByTestId("rules-text").fill("Earn 3 points per $2\nSkip sales under $6\nReward 100 points: Free coffee, costs $1.20\n");
  await page.getByTestId("backtest-run").click();
  await expect(page.getByTestId("backtest-answer")).toContainText(/You would have given [\d,]+ points instead of [\d,]+ points: \d+% more\./);
  await expect(page.getByTestId("backtest-figures").getByRole("row")).toHaveCount(7);
  await expect(page.getByTestId("backtest-winners").getByRole("link").first()).toBeVisible();
  const chart = page.getByRole("slider", { name: "Points by month" });
  await expect(chart.locator("svg")).toBeVisible();
  await chart.focus();
  await page.keyboard.press("Home");
  expect(await chart.getAttribute("aria-valuetext")).toMatch(/^\w{3} 2025: [\d,]+ as it was, [\d,]+ by the draft$/);
  await expectAccessible(page);
  await page.getByTestId("backtest-table").click();
  await expect(page.getByRole("region", { name: "Points by month" })).toBeVisible();
  await expectAccessible(page);
  await page.getByTestId("rules-text").fill("Earn 1 point per $2\n");
  await expect(page.getByTestId("backtest-stale")).toBeVisible();
  await page.getByTestId("nav-today").click();
  await page.getByTestId("nav-rules").click();
  await expect(page.getByTestId("backtest-answer")).toBeVisible();
});

test("a back-test shows how far it is and stops", async ({ page }) => {
  await open(page, "rules", "members=400");
  await page.evaluate(() => {
    // The made-up shop is small: its test waits for a breath between batches, and here that breath waits for the test.
    const timer = window.setTimeout.bind(window);
    Object.assign(window, { setTimeout: (work: () => void, ms?: number) => timer(work, ms === 0 ? 250 : ms) });
  });
  await page.getByTestId("backtest-run").click();
  await expect(page.getByTestId("backtest-progress")).toContainText(/\d+ of [\d,]+ sales/);
  const bar = page.getByTestId("backtest").getByRole("progressbar");
  await expect(bar).toBeVisible();
  const share = (): Promise<number> => bar.evaluate((it: HTMLProgressElement) => it.value / it.max);
  const before = await share();
  await expect.poll(share).toBeGreaterThan(before);
  expect(await share()).toBeLessThanOrEqual(1);
  await expectAccessible(page);
  await page.getByTestId("backtest-stop").click();
  await expect(page.getByTestId("backtest")).toContainText("Stopped. Nothing was changed.");
  await expect(page.getByTestId("backtest-answer")).toHaveCount(0);
  await expect(bar).toHaveCount(0);
});
