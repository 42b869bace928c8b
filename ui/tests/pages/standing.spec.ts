// How it stands with a member's mail: on the cashier's card and on the owner's page of a member.
import { test as plain, type Page } from "@playwright/test";
import { expectAccessible, lookUp, openAs } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };
test.describe.configure({ timeout: 90_000 });
const SAYS = [
  ["unconfirmed", "Yes, not confirmed yet"],
  ["confirmed", "Yes, confirmed"],
  ["stopped", "Stopped"],
] as const;

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

for (const [standing, words] of SAYS) {
  test(`the cashier's card says: ${standing}`, async ({ page }) => {
    await openAs(page, "ana", `&standing=${standing}`);
    await lookUp(page, "maria lopez");
    await expect(page.getByTestId("mail-standing")).toHaveText(`Mail: ${words}`);
    await expectAccessible(page);
    await picture(page, `standing-card-${standing}`);
  });

  plain(`the owner's page of a member says: ${standing}`, async ({ page }) => {
    await page.goto(`/owner.html?members=40&standing=${standing}#/members?show=email`);
    await page.getByTestId("member-row").first().click(READY);
    await expect(page.getByTestId("member-mail")).toHaveText(words, READY);
    await expectAccessible(page);
    await picture(page, `standing-owner-${standing}`);
  });
}

test("where nothing is known of the address a yes is a yes", async ({ page }) => {
  await openAs(page, "ana");
  await lookUp(page, "maria lopez");
  await expect(page.getByTestId("mail-standing")).toHaveText("Mail: Yes");
});
