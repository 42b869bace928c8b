// The first start of a till that joins a shop which runs already: what is typed wrong, the download, the relay going
// away in the middle, and a shop whose PINs did not come along.
import type { Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

async function join(page: Page, query = ""): Promise<void> {
  await page.goto(`/?start=fresh${query}`);
  await page.getByTestId("start-join").click();
  await expect(page.getByTestId("join-address")).toBeFocused();
  await page.getByTestId("join-address").fill("https://relay.example");
  await page.getByTestId("join-code").fill("k7qm2xra");
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test("says what is typed wrong, beside it, and goes back", async ({ page }) => {
  await page.goto("/?start=fresh");
  await picture(page, "start");
  await page.getByTestId("start-join").click();
  await expectAccessible(page);
  await picture(page, "join");
  await page.getByTestId("join-go").click();
  await expect(page.locator("#address-error")).toContainText("address");
  await page.getByTestId("join-address").fill("http://relay.example");
  await page.getByTestId("join-code").fill("no");
  await page.getByTestId("join-go").click();
  await expect(page.locator("#address-error")).toContainText("https://");
  await expect(page.getByTestId("join-address")).toBeFocused();
  await page.getByTestId("join-address").fill("https://relay.example");
  await page.getByTestId("join-go").click();
  await expect(page.locator("#code-error")).toContainText("Make a new one");
  await page.getByTestId("join-address").fill("https://away.example");
  await page.getByTestId("join-code").fill("K7QM-2XRA");
  await page.getByTestId("join-go").click();
  await expect(page.getByTestId("join-wrong")).toContainText("can’t be reached");
  await expectAccessible(page);
  await page.getByTestId("join-back").click();
  await expect(page.getByTestId("first-start")).toBeVisible();
});

test("shows how far the download is, and then who may sign in", async ({ page }) => {
  await join(page);
  await page.getByTestId("join-go").click();
  await expect(page.getByTestId("join-progress")).toContainText("of 12,400");
  await picture(page, "joining");
  await expect(page.getByTestId("lock-screen")).toBeVisible();
  await expect(page.getByTestId("staff-tile").first()).toBeVisible();
});

test("a relay that goes away in the middle is said, and can be left", async ({ page }) => {
  await join(page, "&join=stuck");
  await page.getByTestId("join-go").click();
  await expect(page.getByTestId("join-progress")).toContainText("goes on by itself");
  await expectAccessible(page);
  await picture(page, "joining-stuck");
  await page.getByTestId("join-retry").click();
  await page.getByTestId("join-leave").click();
  await expect(page.getByTestId("join-shop")).toBeVisible();
});

test("an owner chooses a PIN anew where the shop's did not come along", async ({ page }) => {
  await join(page, "&join=new_pin");
  await page.getByTestId("join-go").click();
  await expect(page.getByTestId("new-pin")).toBeVisible();
  await expectAccessible(page);
  await picture(page, "new-pin");
  await page.getByTestId("new-pin-pin").fill("2468");
  await page.getByTestId("new-pin-again").fill("2469");
  await page.getByTestId("new-pin-go").click();
  await expect(page.locator("#again-error")).not.toBeEmpty();
  await page.getByTestId("new-pin-again").fill("2468");
  await page.getByTestId("new-pin-go").click();
  await expect(page.getByTestId("search")).toBeVisible();
});
