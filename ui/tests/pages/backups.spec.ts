// The till's own backups in the owner's window: from nothing to the first one, the passphrase typed twice and printed,
// what went wrong and what to do, the list, and the word on the first page.
// The charts of the first page set styles inline: there the plain test of the runner is used.
import { test as plain, type Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };
const WORDS = "four plain words here";

async function open(page: Page, query: string, hash = "settings"): Promise<void> {
  await page.clock.install({ time: new Date("2026-11-20T22:00:00Z") });
  await page.goto(`/owner.html?members=20&${query}#/${hash}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (!folder || !size) return;
  await page.getByTestId("backup").scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

/** Lets a backup that was begun go through. */
async function goThrough(page: Page): Promise<void> {
  await page.clock.runFor(3_000);
}

test.describe("backups", () => {
  test.describe.configure({ timeout: 90_000 });

  test("from nothing to the first one, by the keyboard", async ({ page }) => {
    await open(page, "backups=off");
    const state = page.getByTestId("backup-state");
    await expect(state).toContainText("No backups are made");
    await expect(page.getByTestId("backup-now")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "backups-off");
    await page.getByTestId("backup-folder").fill("Backups");
    await page.keyboard.press("Enter");
    await expect(page.locator("#backup-wrong")).toContainText("Plug the disk in");
    await expect(page.getByTestId("backup-folder")).toHaveAttribute("aria-invalid", "true");
    await page.getByTestId("backup-folder").fill("/home/ana/.local/share/Regulars/backups");
    await page.keyboard.press("Enter");
    await expect(page.locator("#backup-wrong")).toContainText("inside the shop’s own folder");
    await page.getByTestId("backup-folder").fill("/home/ana/Synced");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("backup-saved")).toHaveText("Saved.");
    await expect(state).toContainText("There is no passphrase on this computer");
    await expect(page.getByTestId("backup-same-disk")).toBeVisible();
    await expect(page.getByTestId("backup-now")).toHaveAttribute("aria-disabled", "true");

    await page.getByTestId("pass").fill("short");
    await page.keyboard.press("Enter");
    await expect(page.locator("#pass-wrong")).toContainText("eight characters");
    await expect(page.getByTestId("pass")).toBeFocused();
    await page.getByTestId("pass").fill(WORDS);
    await page.getByTestId("pass-again").fill("four plain words her");
    await page.keyboard.press("Enter");
    await expect(page.locator("#pass-wrong")).toContainText("not the same");
    await expect(page.getByTestId("pass-again")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "backups-passphrase");
    await page.getByTestId("pass-again").fill(WORDS);
    await page.keyboard.press("Enter");
    await expect(state.getByRole("progressbar")).toBeVisible();
    await goThrough(page);
    await expect(state).toContainText("Last good backup");
    await expect(page.getByTestId("backup-run")).toHaveCount(1);
    await expect(page.getByTestId("backup-run")).toContainText("by hand");
    await expectAccessible(page);
    await picture(page, "backups-first");
  });

  test("the sheet is on paper alone, with the passphrase and the way back", async ({ page }) => {
    await open(page, "backups=on");
    await page.getByTestId("pass-change").click();
    await expect(page.getByTestId("pass")).toBeFocused();
    await expect(page.locator(".pass")).toContainText("Backups made before still open with the passphrase of then only");
    await page.getByTestId("pass").fill(WORDS);
    await page.getByTestId("pass-again").fill(WORDS);
    await page.getByTestId("pass-keep").click();
    await goThrough(page);
    await expect(page.getByTestId("sheet-print")).toBeVisible();
    await expect(page.getByTestId("sheet")).toBeHidden();
    await page.emulateMedia({ media: "print" });
    await expect(page.getByTestId("sheet")).toBeVisible();
    await expect(page.getByTestId("sheet")).toContainText(WORDS);
    await expect(page.getByTestId("sheet")).toContainText("regularsctl restore");
    await expect(page.getByTestId("sheet")).toContainText("/media/usb/Regulars");
    await expect(page.getByTestId("backup-runs")).toBeHidden();
    const folder = process.env["REGULARS_SCREENSHOTS"];
    if (folder) await page.screenshot({ path: `${folder}/backups-sheet-${page.viewportSize()?.width ?? 0}.png` });
    await page.emulateMedia({ media: "screen" });
    await expectAccessible(page);
    await page.getByTestId("sheet-taken").click();
    await expect(page.getByTestId("sheet")).toHaveCount(0);
    expect(await page.content()).not.toContain(WORDS);
  });

  test("what went wrong says what to do, and what is still there", async ({ page }) => {
    await open(page, "backups=missing");
    const state = page.getByTestId("backup-state");
    await expect(state).toContainText("The folder is not there.");
    await expect(state).toContainText("Plug the disk in");
    await expect(state).toContainText("The backups of before are still there.");
    await expect(state).toContainText("Last good backup");
    await expect(page.locator('[data-testid="backup-run"][data-made="false"]')).toHaveCount(2);
    await expectAccessible(page);
    await picture(page, "backups-missing");
    await page.getByTestId("backup-now").click();
    await expect(state.getByRole("progressbar")).toBeVisible();
    await goThrough(page);
    await expect(page.locator('[data-testid="backup-run"][data-made="false"]')).toHaveCount(3);
    for (const [code, words] of [["full", "no room"], ["not_allowed", "can’t be written"], ["damaged", "damaged"], ["secrets", "keyring"], ["passphrase", "no passphrase"]] as const) {
      await page.goto(`/owner.html?members=20&backups=${code}#/settings`);
      await expect(state).toContainText(words, READY);
    }
    await page.getByTestId("backup-stop").click();
    await expect(state).toContainText("No backups are made");
  });

  test("storage is set field by field, and its secret is never shown again", async ({ page }) => {
    await open(page, "backups=on");
    await page.getByTestId("backup-to-storage").check();
    const wrong = page.locator("#storage-wrong");
    await page.getByTestId("storage-endpoint").fill("s3.example.com");
    await page.getByTestId("storage-save").click();
    await expect(wrong).toContainText("with https://");
    await expect(page.getByTestId("storage-endpoint")).toBeFocused();
    await page.getByTestId("storage-endpoint").fill("https://s3.example.com");
    await page.getByTestId("storage-bucket").fill("Harbour Coffee");
    await page.keyboard.press("Enter");
    await expect(wrong).toContainText("small letters");
    await page.getByTestId("storage-bucket").fill("harbour");
    await page.getByTestId("storage-key_id").fill("AKID1");
    await page.keyboard.press("Enter");
    await expect(wrong).toContainText("Write the secret of this key");
    await expect(page.getByTestId("storage-secret")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "backups-storage");
    await page.getByTestId("storage-secret").fill("quite a secret");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("backup-state").getByRole("progressbar")).toBeVisible();
    await goThrough(page);
    await expect(page.getByTestId("backup-run").first()).toContainText("s3://harbour");
    await expect(page.getByTestId("storage-secret")).toHaveValue("");
    await expect(page.getByTestId("storage-secret")).toHaveAttribute("placeholder", /leave it empty/);
    for (const [code, words] of [["wrong_key", "does not know this key"], ["no_bucket", "no such bucket"], ["clock", "clock is wrong"], ["unreachable", "can’t be reached"], ["certificate", "certificate"]] as const) {
      await page.goto(`/owner.html?members=20&backups=${code}&storage=1#/settings`);
      await expect(page.getByTestId("backup-state")).toContainText(words, READY);
      await expect(page.getByTestId("storage-bucket")).toHaveValue("harbour");
    }
    await expectAccessible(page);
    await picture(page, "backups-storage-trouble");
  });

  test("where all is well it says so, and targets are large enough", async ({ page }) => {
    await open(page, "backups=on");
    await expect(page.getByTestId("backup-run")).toHaveCount(8, READY);
    await page.getByTestId("backup-how").click();
    const small = await page.getByTestId("backup").locator(":is(button, input:not([type=radio], [type=checkbox]), summary, label.check)").evaluateAll((all) =>
      all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 48).map((one) => one.outerHTML.slice(0, 120)),
    );
    expect(small, "targets under 48 px").toEqual([]);
    await expectAccessible(page);
    await picture(page, "backups-on");
  });
});

plain.describe("the first page", () => {
  plain.describe.configure({ timeout: 90_000 });

  plain("the first page says it, and leads there", async ({ page }) => {
    await open(page, "backups=full", "today");
    await expect(page.getByTestId("backup-alarm")).toContainText("The shop is not backed up.");
    await expect(page.getByTestId("backup-alarm")).toContainText("no room");
    await expectAccessible(page);
    const folder = process.env["REGULARS_SCREENSHOTS"];
    if (folder) await page.screenshot({ path: `${folder}/backups-today-${page.viewportSize()?.width ?? 0}.png` });
    await page.getByTestId("backup-alarm").getByRole("link").click();
    await expect(page.getByTestId("backup-state")).toContainText("no room");
  });

  plain("where all is well it says nothing of backups", async ({ page }) => {
    await open(page, "backups=on", "today");
    await expect(page.getByTestId("tile-came")).toBeVisible();
    await expect(page.getByTestId("backup-alarm")).toHaveCount(0);
  });
});
