// Regulars who stay away: the list, a choice and its undo, what is usual, who came back; and what stands there without
// a rule, without anybody, and without a relay.
import type { Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function open(page: Page, query: string, hash = ""): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?members=120&${query}#/winback${hash}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test.describe("win back", () => {
  test.describe.configure({ timeout: 90_000 });

  test("lists who stays away; a choice is made, changed and taken back", async ({ page }) => {
    await open(page, "relay=in_sync&lapsing=on");
    await expect(page.getByTestId("nav-winback")).toHaveAttribute("aria-current", "page");
    const due = page.locator('[data-testid="winback-row"][data-next="nudge"]', { hasText: "next weekly look" }).first();
    const code = await due.getByRole("link").getAttribute("href");
    const row = page.getByTestId("winback-row").filter({ has: page.locator(`a[href="${code}"]`) });
    await expect(row.getByTestId("winback-next")).toContainText("A mail");
    await expect(page.locator('[data-next="enough"]').first()).toContainText("Got as many mails as your rules allow");
    await expect(page.locator('[data-next="wait"]').first()).toContainText("not 14 days old");
    await expect(page.getByText("No address, or mail not wanted").first()).toBeVisible();
    await expectAccessible(page);
    await picture(page, "winback");
    // No points are set, so there is no bonus to choose.
    await expect(row.locator('option[value="bonus"]')).toBeDisabled();
    await row.getByTestId("winback-choose").selectOption("rest");
    await expect(row).toHaveAttribute("data-next", "rest_chosen");
    await expect(row).toContainText("Chosen by Ana");
    await expect(page.getByTestId("winback-says")).toContainText("leave in peace");
    await expectAccessible(page);
    await picture(page, "winback-chosen");
    await page.getByTestId("winback-undo").click();
    await expect(row).toHaveAttribute("data-next", "nudge");
    await expect(row.getByTestId("winback-choose")).toHaveValue("");
    await expect(page.getByTestId("winback-says")).toContainText("Taken back");
    await expect(page.getByTestId("winback-undo")).toHaveCount(0);
    // Among those to be written to, whoever is left in peace leaves the list, and the keyboard is not lost.
    await page.getByTestId("range-next").click();
    await expect(page.locator('[data-next="enough"]')).toHaveCount(0);
    await row.getByTestId("winback-choose").selectOption("rest");
    await expect(row).toHaveCount(0);
    await expect(page.getByTestId("winback-says")).toBeFocused();
    await page.getByTestId("range-rest").click();
    await expect(row).toHaveAttribute("data-chosen", "rest");
    await page.getByTestId("winback-csv").click();
    await expect(page.getByText("winback.csv")).toBeVisible();
  });

  test("chooses for everybody listed, takes it back, and sorts", async ({ page }) => {
    await open(page, "relay=in_sync&lapsing=on", "?show=next");
    const rows = page.getByTestId("winback-row");
    const count = await rows.count();
    expect(count).toBeGreaterThan(1);
    await rows.first().getByTestId("winback-choose").selectOption("nudge");
    await expect(rows.first()).toHaveAttribute("data-chosen", "nudge");
    const all = page.getByTestId("winback-for-all");
    // Looking through the choices does nothing yet.
    await all.selectOption("rest");
    await expect(rows).toHaveCount(count);
    await page.getByTestId("winback-for-all-go").click();
    await expect(page.getByTestId("winback-says")).toContainText(`${count} members: leave in peace.`);
    await expect(rows).toHaveCount(0);
    await expect(page.getByTestId("winback-says")).toBeFocused();
    await page.getByTestId("winback-undo").click();
    await expect(rows).toHaveCount(count);
    await expect(rows.first()).toHaveAttribute("data-chosen", "nudge");
    await expect(page.locator('[data-chosen="rest"]')).toHaveCount(0);
    await page.getByTestId("range-all").click();
    const names = (): Promise<string[]> => rows.getByRole("link").allInnerTexts();
    await page.getByTestId("sort-name").click();
    await expect(page).toHaveURL(/sort=name/);
    const sorted = await names();
    const nameless = (name: string): boolean => name.startsWith("Phone");
    expect(sorted).toEqual([...sorted].sort((a, b) => Number(nameless(a)) - Number(nameless(b)) || a.localeCompare(b, "en")));
    await page.getByTestId("sort-weeks").click();
    await expect(page.getByRole("columnheader", { name: "Weeks away" })).toHaveAttribute("aria-sort", "descending");
    expect(await names()).not.toEqual(sorted);
    await expectAccessible(page);
    await picture(page, "winback-all");
  });

  test("what is usual is set, and then a bonus can be chosen", async ({ page }) => {
    await open(page, "relay=in_sync&lapsing=on");
    await expect(page.getByTestId("winback-usual-nudge")).toBeChecked();
    await expect(page.getByTestId("winback-save")).toHaveAttribute("aria-disabled", "true");
    await page.getByTestId("winback-usual-bonus").check();
    await page.getByTestId("winback-save").click();
    await expect(page.getByText("Say how many points a bonus is")).toBeVisible();
    await expect(page.getByTestId("winback-bonus")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "winback-usual");
    await page.getByTestId("winback-bonus").fill("twenty");
    await page.getByTestId("winback-save").click();
    await expect(page.getByText("Type a whole number up to 100,000")).toBeVisible();
    await page.getByTestId("winback-bonus").fill("25");
    await page.getByTestId("winback-save").click();
    await expect(page.getByTestId("winback-saved")).toHaveText("Saved.");
    const bonus = page.locator('[data-testid="winback-row"][data-next="bonus"]').first();
    await expect(bonus).toContainText("As usual (25 points and a mail)");
    await expect(bonus.locator('option[value="bonus"]')).toBeEnabled();
    await expectAccessible(page);
  });

  test("who came back is counted and named, with what it brought", async ({ page }) => {
    await open(page, "relay=in_sync&lapsing=on");
    await expect(page.getByTestId("winback-count")).toHaveText("4");
    await expect(page.getByTestId("winback-results")).toContainText("$106.40");
    await expect(page.getByTestId("winback-back-row")).toHaveCount(4);
    await page.getByTestId("winback-back").scrollIntoViewIfNeeded();
    await picture(page, "winback-back");
    await page.getByTestId("winback-back-csv").click();
    await expect(page.getByText("cameback.csv")).toBeVisible();
    await page.getByTestId("winback-back-row").first().getByRole("link").click();
    await expect(page.getByTestId("member-balance")).toBeVisible();
  });

  for (const [query, words, name] of [
    ["relay=in_sync", "Your rules don’t say who stays away", "rule"],
    ["relay=in_sync&lapsing=nobody", "Nobody stays away", "nobody"],
    ["lapsing=new", "Nothing is mailed until this till is connected", "alone"],
  ] as const) {
    test(`says what to do: ${words}`, async ({ page }) => {
      await open(page, query);
      await expect(page.getByText(words).first()).toBeVisible();
      await expect(page.getByTestId("winback-results")).toHaveCount(0);
      await expectAccessible(page);
      await picture(page, `winback-${name}`);
      if (name === "rule") {
        await expect(page.getByTestId("winback-example")).toContainText("Lapsing after 60 days");
        await page.getByRole("link", { name: "Go to Rules" }).click();
        await expect(page.getByTestId("rules-text")).toBeVisible();
      }
      if (name === "alone") await expect(page.getByTestId("winback-row").first()).toBeVisible();
    });
  }
});
