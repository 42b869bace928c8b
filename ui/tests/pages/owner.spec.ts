// The owner's window against the in-browser shop.
import { expect, test } from "@playwright/test";

test("the owner's page opens", async ({ page }) => {
  await page.goto("/owner.html");
  await expect(page).toHaveTitle("Regulars");
});
