// The relay's own pages, as its tests keep them beside this file: what axe finds, at a phone's width, without scripts.
import { readFileSync } from "node:fs";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const kept = (name: string): string => readFileSync(new URL(`relay/${name}.html`, import.meta.url), "utf8");

for (const name of ["join", "join-wrong", "joined", "message", "mail-ask", "mail-stop", "me", "me-wrong", "me-card", "me-new"]) {
  test(`the relay's page ${name} is accessible and fits a phone`, async ({ page }) => {
    expect(kept(name)).not.toContain("<script");
    await page.setViewportSize({ width: 320, height: 640 });
    await page.setContent(kept(name));
    await expectAccessible(page);
  });
}

test("joining is phone-first, and agrees to nothing by itself", async ({ page }) => {
  await page.setContent(kept("join"));
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Phone number")).toBeFocused();
  await expect(page.getByRole("checkbox")).not.toBeChecked();
  for (const next of [page.locator("#name"), page.locator("#email"), page.getByRole("checkbox")]) {
    await page.keyboard.press("Tab");
    await expect(next).toBeFocused();
  }
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Join" })).toBeFocused();
  // What only programs fill in is neither seen nor reached.
  await expect(page.getByLabel("Leave this empty")).not.toBeInViewport();
});

test("stopping comes first, then choosing, all by the keyboard", async ({ page }) => {
  await page.setContent(kept("mail-stop"));
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "No quiero m\u00e1s correos" })).toBeFocused();
  const kinds = page.getByRole("group", { name: "O solo una parte" }).getByRole("checkbox");
  await expect(kinds).toHaveCount(4);
  for (const at of [0, 1, 2, 3]) {
    await page.keyboard.press("Tab");
    await expect(kinds.nth(at)).toBeFocused();
  }
  await expect(kinds.nth(2)).not.toBeChecked();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Guardar" })).toBeFocused();
  // What is asked about once has nothing to choose from.
  await page.setContent(kept("mail-ask"));
  await expect(page.getByRole("checkbox")).toHaveCount(0);
});
