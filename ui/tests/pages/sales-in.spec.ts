// Sales coming in, in both windows: the settings with their secret and senders, the import screen from a dropped file
// to the rows to fix, a refund shown before it is done, and a sale that appears by itself.
import { expect, test, type Page } from "@playwright/test";
import { expectAccessible, lookUp, openAs } from "./helpers";

const READY = { timeout: 45_000 };
const EUROPEAN = [
  "Receipt no;Date;Customer phone;Sum;Items",
  "1;03/04/2026 09:00;6195550101;12,50;Coffee x2",
  "2;04/04/2026 09:05;12;4,00;",
  "3;05/04/2026 09:10;;1.007,99;Beans; 1 kg",
].join("\n");

async function open(page: Page, hash: string, query = "members=20"): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?${query}#/${hash}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function expectTargets(page: Page): Promise<void> {
  const small = await page.locator("main :is(button, select, input:not([type=checkbox], [type=radio], .sr), .button, label:has([type=radio]))").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 48).map((one) => one.outerHTML.slice(0, 120)),
  );
  expect(small, "targets under 48 px").toEqual([]);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test.describe("the settings", () => {
  test.describe.configure({ timeout: 90_000 });

  test("from nothing to a port that listens, the secret shown once", async ({ page }) => {
    await open(page, "settings", "members=20&in=0");
    await expect(page.getByTestId("webhook-state")).toContainText("Off");
    await expectAccessible(page);
    await page.getByTestId("webhook-on").check();
    await page.getByTestId("webhook-save").click();
    await expect(page.getByTestId("webhook-state")).toContainText("need a secret");
    await page.getByTestId("secret-make").click();
    await expect(page.getByTestId("secret")).toHaveValue(/^whsec_/);
    await expect(page.getByTestId("secret")).toBeFocused();
    await expect(page.getByTestId("webhook-state")).toContainText("127.0.0.1:4180");
    await expectAccessible(page);
    await picture(page, "settings-secret");
    await page.getByTestId("secret-taken").click();
    await expect(page.getByTestId("secret")).toHaveCount(0);
    await expect(page.locator("main")).not.toContainText("whsec_");
  });

  test("a new secret says until when the old one works", async ({ page }) => {
    await open(page, "settings");
    await page.getByTestId("secret-new").click();
    await page.getByTestId("secret-confirm").click();
    await expect(page.getByTestId("secret-until")).toContainText("still works until");
    await expectAccessible(page);
  });

  test("a port that is none is refused in place; the network says what it means", async ({ page }) => {
    await open(page, "settings");
    await page.getByTestId("webhook-port").fill("70000");
    await page.getByTestId("webhook-save").click();
    await expect(page.getByTestId("webhook-port")).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator("#webhook-wrong")).toContainText("1 to 65535");
    await page.getByTestId("webhook-port").fill("4181");
    await page.getByTestId("webhook-network").check();
    await expect(page.locator("main")).toContainText("Only those that know the secret are heard");
    await page.getByTestId("webhook-save").click();
    await expect(page.getByTestId("webhook-state")).toContainText("http://192.168.1.20:4181/pos/sale");
    await expectAccessible(page);
  });

  test("a taken port is a line with what to do", async ({ page }) => {
    await open(page, "settings", "members=20&trouble=port_taken");
    await expect(page.getByTestId("webhook-state")).toContainText("port for incoming sales is taken");
    await expect(page.getByTestId("webhook-state")).toContainText("choose another port");
    await expectAccessible(page);
    await picture(page, "settings-trouble");
  });

  test("senders are set up and taken away; what came lately says why", async ({ page }) => {
    await open(page, "settings");
    await expect(page.getByTestId("arrived")).toHaveCount(6);
    await expect(page.locator('[data-outcome="refused"]').first()).toContainText("/phone, /items/0/price");
    await expectAccessible(page);
    await expectTargets(page);
    await picture(page, "settings");
    await page.getByTestId("sender-add-mapped").click();
    await page.getByTestId("mapped-name").fill("Kiosk 1");
    await page.getByTestId("mapped-total").fill("sum");
    await page.getByTestId("sender-save").click();
    await expect(page.getByTestId("mapped-name")).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
    await page.getByTestId("mapped-name").fill("kiosk");
    await page.getByTestId("sender-save").click();
    await expect(page.getByTestId("mapped-total")).toHaveAttribute("aria-invalid", "true");
    await picture(page, "settings-mapped");
    for (const [field, at] of [["total", "/sum"], ["sale_id", "/n"], ["occurred_at", "/t"]]) await page.getByTestId(`mapped-${field}`).fill(at ?? "");
    await page.getByTestId("sender-save").click();
    await expect(page.getByTestId("senders")).toContainText("/hooks/kiosk");
    await page.getByRole("button", { name: "Remove Square" }).click();
    await expect(page.getByTestId("senders")).not.toContainText("Square");
  });

  test("a folder is watched, or said not to be there", async ({ page }) => {
    await open(page, "settings", "members=20&in=0");
    await page.getByTestId("watch-folder").fill("Exports");
    await page.getByTestId("watch-save").click();
    await expect(page.locator("#watch-wrong")).toContainText("no such folder");
    await page.getByTestId("watch-folder").fill("/home/ana/Exports");
    await page.getByTestId("watch-save").click();
    await expect(page.getByTestId("watch-state")).toContainText("Watched");
    await page.getByTestId("watch-stop").click();
    await expect(page.getByTestId("watch-state")).toHaveCount(0);
  });
});

test.describe("the import screen", () => {
  test.describe.configure({ timeout: 90_000 });
  const file = { name: "monday.csv", mimeType: "text/csv", buffer: Buffer.from(EUROPEAN) };

  test("what was found is corrected, rehearsed and brought in, and the rows to fix are listed", async ({ page }) => {
    await open(page, "import");
    await expectAccessible(page);
    await picture(page, "import-choose");
    await page.getByTestId("file-input").setInputFiles(file);
    await expect(page.getByTestId("file-missing")).toContainText("total");
    await expect(page.getByTestId("column-total")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByTestId("file-go")).toHaveAttribute("aria-disabled", "true");
    await expect(page.locator("#file-dates-unsure")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "import-missing");
    await page.getByTestId("column-total").selectOption("Sum");
    await page.getByTestId("file-dates").selectOption("day_first");
    await expect(page.getByTestId("file-row")).toHaveCount(3);
    await expect(page.getByTestId("file-row").first()).toContainText("$12.50");
    await expect(page.getByTestId("file-row").first()).toContainText("Apr 3");
    await expect(page.getByTestId("file-row").nth(1)).toContainText("Customer phone “12”: This is not a phone number");
    await expect(page.locator("#file-dates-unsure")).toHaveCount(0);
    await expectAccessible(page);
    await expectTargets(page);
    await picture(page, "import-preview");

    const outcome = page.getByTestId("file-outcome");
    await page.clock.resume();
    await page.getByTestId("file-rehearse").click();
    await expect(outcome).toHaveAttribute("data-state", "done");
    await expect(outcome).toContainText("Nothing was recorded");
    await page.getByTestId("file-go").click();
    await expect(outcome.getByRole("progressbar")).toBeVisible();
    await picture(page, "import-running");
    await expect(outcome).toHaveAttribute("data-state", "done");
    await expect(page.getByTestId("file-rejects")).toContainText("monday.rejected.csv");
    await expect(page.getByTestId("file-rejected")).toContainText("This is not a phone number");
    await expectAccessible(page);
    await page.getByTestId("file-outcome").scrollIntoViewIfNeeded();
    await picture(page, "import-done");

    // The next file of this source needs no word.
    await page.getByTestId("file-other").click();
    await page.getByTestId("file-input").setInputFiles({ ...file, name: "tuesday.csv" });
    await expect(page.getByTestId("file-found")).toContainText("Read as the last file of pos");
    await expect(page.getByTestId("file-go")).not.toHaveAttribute("aria-disabled", "true");
  });

  test("it stops when told to, and says how to go on", async ({ page }) => {
    await open(page, "import");
    await page.clock.resume();
    const text = `sale_id,occurred_at,phone,total\n${Array.from({ length: 100 }, (_, n) => `S-${n},2026-11-20 09:00,,5.00`).join("\n")}`;
    await page.getByTestId("file-input").setInputFiles({ ...file, buffer: Buffer.from(text) });
    await page.getByTestId("file-go").click();
    await page.getByTestId("file-stop").click();
    await expect(page.getByTestId("file-outcome")).toHaveAttribute("data-state", "stopped");
    await expect(page.getByTestId("file-outcome")).toContainText("Import the same file again");
  });

  test("a file is taken by the keyboard and by dropping it", async ({ page }) => {
    await open(page, "import");
    await page.getByTestId("file-input").focus();
    await expect(page.locator(".chooser")).toHaveCSS("outline-style", "solid");
    const data = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
      return transfer;
    }, EUROPEAN);
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: data });
    await expect(page.locator("main")).toContainText("dropped.csv");
    await expect(page.getByTestId("file-preview").or(page.getByTestId("file-missing"))).toBeVisible();
  });
});

test.describe("at the till", () => {
  test("a refund is shown before it is done", async ({ page }) => {
    await openAs(page, "ana");
    await lookUp(page, "5550123");
    await page.getByTestId("amount").fill("12.50");
    await page.keyboard.press("Enter");
    const line = page.getByTestId("line").first();
    const before = Number((await page.getByTestId("balance").innerText()).replace(",", ""));
    await line.getByTestId("refund").click();
    await expect(page.getByTestId("refund-amount")).toHaveValue("12.50");
    await expect(page.getByTestId("refund-amount")).toBeFocused();
    await expect(page.getByTestId("refund-preview")).toContainText("12 points are taken");
    await expectAccessible(page);
    await page.getByTestId("refund-amount").fill("99");
    await expect(page.locator("#refund-wrong")).toContainText("Only $12.50 of this sale is left");
    await expect(page.getByTestId("refund-confirm")).toHaveAttribute("aria-disabled", "true");
    await page.getByTestId("refund-amount").fill("6.25");
    await expect(page.getByTestId("refund-preview")).toContainText("6 points are taken");
    await expect(page.getByTestId("refund-preview")).toContainText("$6.25 of this sale stays");
    await picture(page, "refund");
    await page.getByTestId("refund-confirm").click();
    await expect(page.getByTestId("refund-dialog")).toHaveCount(0);
    await expect(page.getByTestId("balance")).toHaveText(String(before - 6));
    await expect(page.getByTestId("line").first()).toHaveAttribute("data-kind", "refund");
    await picture(page, "refund-done");
  });

  test("a reward given right after a sale is given back with the last of its money", async ({ page }) => {
    await openAs(page, "ana");
    await lookUp(page, "5550123");
    await page.getByTestId("amount").fill("12.50");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("notice")).toContainText("Maria");
    await page.getByTestId("redeem-1").click();
    await page.getByTestId("redeem-confirm").click();
    const sale = page.locator('[data-testid="line"][data-kind="earn"]').first();
    await sale.getByTestId("refund").click();
    await expect(page.getByTestId("refund-preview")).toContainText("is given back, too.");
    await page.getByTestId("refund-amount").fill("6.25");
    await expect(page.getByTestId("refund-preview")).not.toContainText("is given back");
    await page.getByTestId("refund-amount").fill("12.50");
    await expect(page.getByTestId("refund-preview")).toContainText("is given back, too.");
    await page.getByTestId("refund-confirm").click();
    await expect(page.getByTestId("refund-dialog")).toHaveCount(0);
    await expect(page.locator('[data-testid="line"][data-kind="reverse"]').first()).toBeVisible();
  });

  test("a sale that came in by itself appears in Activity at once", async ({ page }) => {
    await openAs(page, "ana");
    await page.getByTestId("activity-open").click();
    const lines = page.getByTestId("activity").getByTestId("line");
    await expect(page.getByTestId("activity")).toContainText("Nothing has been done today yet.");
    await page.evaluate(() => dispatchEvent(new Event("fake-arrival")));
    await expect(lines).toHaveCount(1);
    await picture(page, "activity");
    const before = await lines.count();
    await page.evaluate(() => dispatchEvent(new Event("fake-arrival")));
    await expect(lines).toHaveCount(before + 1);
    await expect(lines.first()).toContainText("#W-1");
  });
});
