// The mails as they are sent, kept beside this file by the tests of crates/mail: what axe finds, on a phone and a desk,
// in light and in dark, and that nothing of them is fetched from anywhere.
import { readFileSync } from "node:fs";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const kept = (name: string): string => readFileSync(new URL(`relay/${name}.html`, import.meta.url), "utf8");

for (const name of ["mail-confirm", "mail-sign-in", "mail-welcome", "mail-reward", "mail-month", "mail-document"]) {
  for (const scheme of ["light", "dark"] as const) {
    test(`the mail ${name} is accessible in ${scheme}, on a phone and on a desk`, async ({ page }) => {
      const fetched: string[] = [];
      page.on("request", (request) => fetched.push(request.url()));
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width: 320, height: 640 });
      await page.setContent(kept(name));
      await expectAccessible(page);
      await page.setViewportSize({ width: 1280, height: 800 });
      const box = await page.locator(".card").boundingBox();
      expect(box?.width).toBeLessThanOrEqual(600);
      await expectAccessible(page);
      expect(fetched.filter((url) => url.startsWith("http"))).toEqual([]);
    });
  }
}
