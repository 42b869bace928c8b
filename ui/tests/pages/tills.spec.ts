// Several tills as one shop, in both windows: connecting, a code for a new till, renaming and removing, and the word in
// the till's status bar.
import type { Page } from "@playwright/test";
import { expectAccessible, lookUp, openAs } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function open(page: Page, query: string): Promise<void> {
  await page.clock.install({ time: new Date("2026-11-20T22:00:00Z") });
  await page.goto(`/owner.html?members=20${query}#/tills`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test.describe("the owner's tills", () => {
  test.describe.configure({ timeout: 90_000 });

  test("a shop alone says what several tills are for, and connects", async ({ page }) => {
    await open(page, "");
    await expect(page.getByTestId("tills-connect")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "tills-alone");
    await page.getByTestId("tills-connect").click();
    await expect(page.getByTestId("tills-address")).toBeFocused();
    await page.getByTestId("tills-address").fill("http://relay.example");
    await page.getByTestId("tills-code").fill("K7QM-2XRA");
    await page.getByTestId("tills-connect").click();
    await expect(page.locator("#tills-address-error")).toContainText("https://");
    await page.getByTestId("tills-address").fill("https://away.example");
    await page.getByTestId("tills-connect").click();
    await expect(page.getByRole("alert").filter({ hasText: "can’t be reached" })).toBeVisible();
    await page.getByTestId("tills-address").fill("https://relay.example");
    await page.getByTestId("tills-code").fill("no");
    await page.getByTestId("tills-connect").click();
    await expect(page.locator("#tills-code-error")).toContainText("Make a new one");
    await expectAccessible(page);
    await page.getByTestId("tills-code").fill("k7qm2xra");
    await page.getByTestId("tills-connect").click();
    await expect(page.getByTestId("tills-relay")).toContainText("Connecting");
  });

  test("lists the tills with what each has waiting and holds", async ({ page }) => {
    await open(page, "&relay=in_sync");
    await expect(page.getByTestId("tills-relay")).toContainText("In sync");
    await expect(page.getByTestId("till-row")).toHaveCount(4);
    const terrace = page.locator('[data-testid="till-row"][data-name="Terrace"]');
    await expect(terrace).toContainText("640");
    await expect(terrace).toContainText("clock is off by 7 min");
    await expect(page.locator('[data-testid="till-row"][data-name="Bar"]')).toContainText("Never");
    await expect(page.locator('[data-testid="till-row"][data-name="Till 1"]').getByTestId("till-revoke")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "tills");
  });

  test("a code is shown large, counts down, and ends", async ({ page }) => {
    // Longer than the code works: the window would lock before.
    await open(page, "&relay=in_sync&lock=3600");
    await page.getByTestId("till-add").click();
    await expect(page.getByTestId("till-code")).toHaveText("K7QM-2XRA");
    await expect(page.getByTestId("till-code-left")).toContainText(/10:00|9:5\d/);
    await expectAccessible(page);
    await picture(page, "tills-code");
    await page.clock.runFor(10 * 60_000 + 2_000);
    await expect(page.getByTestId("till-code-over")).toBeVisible();
    await expect(page.getByTestId("till-code")).toHaveCount(0);
    await page.getByTestId("till-add-new").click();
    await expect(page.getByTestId("till-code")).toBeVisible();
    await page.getByTestId("till-add-done").click();
    await expect(page.getByTestId("till-add")).toBeVisible();
  });

  test("renames in place, and removes only after saying what it costs", async ({ page }) => {
    await open(page, "&relay=in_sync");
    const terrace = page.locator('[data-testid="till-row"][data-name="Terrace"]');
    await terrace.getByTestId("till-rename").click();
    await expect(page.getByTestId("till-name")).toBeFocused();
    await page.getByTestId("till-name").fill(" ");
    await page.getByTestId("till-rename-save").click();
    await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
    await page.getByTestId("till-name").fill("Garden");
    await page.getByTestId("till-rename-save").click();
    const garden = page.locator('[data-testid="till-row"][data-name="Garden"]');
    await garden.getByTestId("till-revoke").click();
    await expect(page.getByTestId("till-revoke-keep")).toBeFocused();
    await expect(page.getByText("640 points could be spent")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "tills-remove");
    await page.getByTestId("till-revoke-confirm").click();
    await expect(garden).toContainText("Removed");
  });

  test("gives a till up after saying what waits then, and releases that after saying what it may cost", async ({ page }) => {
    await open(page, "&relay=in_sync");
    const terrace = page.locator('[data-testid="till-row"][data-name="Terrace"]');
    await terrace.getByTestId("till-lose").click();
    await expect(page.getByTestId("till-exposure")).toContainText("655 points of 12 members wait");
    await expectAccessible(page);
    await picture(page, "tills-lose");
    await page.getByTestId("till-lose-confirm").click();
    await expect(terrace.getByTestId("till-lost")).toContainText("655 points wait");
    await expectAccessible(page);
    await terrace.getByTestId("till-release").click();
    await expect(page.getByTestId("till-exposure")).toContainText("up to 655 points a second time");
    await picture(page, "tills-release");
    await page.getByTestId("till-release-confirm").click();
    await expect(terrace.getByTestId("till-lost")).toHaveText("Lost");
    await terrace.getByTestId("till-find").click();
    await expect(terrace.getByTestId("till-lost")).toHaveCount(0);
  });

  test("says that it is offline, or was removed, and tries again when asked", async ({ page }) => {
    await open(page, "&relay=offline");
    await expect(page.getByTestId("tills-relay")).toContainText("Offline, 3 waiting");
    await page.getByTestId("tills-try").click();
    await page.getByTestId("till-add").click();
    await expect(page.getByRole("alert").filter({ hasText: "can’t be reached" })).toBeVisible();
    await expectAccessible(page);
    await open(page, "&relay=revoked");
    await expect(page.getByText("This till was removed from the shop")).toBeVisible();
    await expectAccessible(page);
  });

  test("a till that the relay forgot connects again where it was", async ({ page }) => {
    await open(page, "&relay=unknown_device");
    await expect(page.getByText("does not know this till").first()).toBeVisible();
    await expect(page.getByTestId("tills-address")).toHaveValue("https://relay.example");
    await expectAccessible(page);
    await picture(page, "tills-again");
    await page.getByTestId("tills-code").fill("k7qm2xra");
    await page.getByTestId("tills-connect").click();
    await expect(page.getByTestId("tills-relay")).toContainText("Connecting");
    await expect(page.getByTestId("tills-connect")).toHaveCount(0);
  });

  test("a till whose file does not fit the others' starts over after saying what that means", async ({ page }) => {
    await open(page, "&relay=unfit");
    await expect(page.getByText("was put back from a copy").first()).toBeVisible();
    await expectAccessible(page);
    await picture(page, "tills-over");
    await page.getByTestId("tills-start-over").click();
    await expect(page.getByRole("alert").filter({ hasText: /\S/ })).toHaveCount(0);
  });
});

for (const [way, words] of [
  ["in_sync", "In sync"],
  ["beginning", "Connecting"],
  ["waiting", /3 waiting since \S/],
  ["offline", /Offline, 3 waiting since \S/],
  ["revoked", "Not in sync"],
] as const) {
  test(`the till's bar with its relay ${way}`, async ({ page }) => {
    await openAs(page, "ana", `&relay=${way}&held=2`);
    await expect(page.getByTestId("relay")).toContainText(words);
    await expectAccessible(page);
    await picture(page, `bar-${way}`);
  });
}

test("a shop without a relay has no word for it in the bar", async ({ page }) => {
  await openAs(page, "ana");
  await expect(page.getByTestId("storage-health")).toBeVisible();
  await expect(page.getByTestId("relay")).toHaveCount(0);
});

for (const [name, query, words] of [
  ["another till", "&unseen=26&till=Till%202", /as of .*, Till 2 unseen for 26 min/],
  ["this till", "&relay=offline&unseen=200", /as of .*, no contact with the other tills for 3 hr/],
] as const) {
  test(`a balance that may be old because of ${name} says since when`, async ({ page }) => {
    await openAs(page, "ana", query);
    await lookUp(page, "maria lopez");
    await expect(page.getByTestId("as-of")).toContainText(words);
    await expectAccessible(page);
    await picture(page, `as-of-${name.replace(" ", "-")}`);
  });
}

test("a clock that is off is said in the bar", async ({ page }) => {
  await openAs(page, "ana", "&relay=in_sync&skew=-420");
  await expect(page.getByTestId("clock-off")).toContainText("Clock 7 min slow");
  await expectAccessible(page);
  await picture(page, "clock-off");
});
