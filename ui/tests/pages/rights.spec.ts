// Points that several tills hold: what the card says of them at the till, fetching them, the owner's limits and a
// manager's PIN; in the owner's window what is left to settle, the limits, and a lost till.
import type { Page } from "@playwright/test";
import { expectAccessible, lookUp, openAs, TYPING } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

async function maria(page: Page, query: string): Promise<void> {
  await openAs(page, "ana", query);
  await lookUp(page, "maria lopez");
}

test.describe("at the till", () => {
  test("points at a till that is away: where, since when, and what to do", async ({ page }) => {
    await maria(page, "&relay=in_sync&rest=40&at=far");
    const rest = page.getByTestId("elsewhere");
    await expect(rest).toContainText(/40 of 120 points are at Till 2, not seen since .+\. Redeem there, or try again when it is back online\./);
    await expect(page.getByTestId("redeem-1")).toHaveCount(0);
    await expect(page.getByTestId("to-go-1")).toHaveText("20 elsewhere");
    await expect(page.getByTestId("to-go-2")).toHaveText("130 to go");
    await page.getByTestId("elsewhere-again").click();
    await expect(rest).toBeVisible();
    await expectAccessible(page);
    await picture(page, "rest-far");
  });

  for (const [at, words] of [
    ["lost", "which is lost"],
    ["offline", "this till is offline"],
  ] as const) {
    test(`points that can't be had: ${at}`, async ({ page }) => {
      await maria(page, `&relay=${at === "offline" ? "offline" : "in_sync"}&rest=40&at=${at}`);
      await expect(page.getByTestId("elsewhere")).toContainText(words);
      await expect(page.getByTestId("redeem-1")).toHaveCount(0);
      await expectAccessible(page);
      await picture(page, `rest-${at}`);
    });
  }

  test("points that are near are fetched while it says so, once", async ({ page }) => {
    await maria(page, "&relay=in_sync&rest=40&at=slow");
    await expect(page.getByTestId("elsewhere")).toHaveText(/40 of 120 points are at Till 2\. They are fetched when you redeem\./);
    await page.getByTestId("redeem-1").click();
    await page.getByTestId("redeem-confirm").dblclick();
    await expect(page.getByTestId("fetching")).toHaveText("Fetching points from Till 2…");
    await expect(page.getByTestId("redeem-confirm")).toHaveAttribute("aria-disabled", "true");
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("fetching")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "rest-fetching");
    await page.evaluate(() => dispatchEvent(new Event("fake-fetched")));
    await expect(page.getByTestId("notice")).toContainText("Free coffee for Maria Lopez");
    await expect(page.getByTestId("balance")).toHaveText("20");
    await expect(page.getByTestId("elsewhere")).toHaveCount(0);
  });

  test("points that don't come say where they are, and nothing is taken", async ({ page }) => {
    await maria(page, "&relay=in_sync&rest=40&at=gone");
    await page.getByTestId("redeem-1").click();
    await page.getByTestId("redeem-confirm").click();
    await expect(page.getByTestId("notice")).toContainText("Nothing was taken: 40 points at Till 2 could not be fetched.");
    await expect(page.getByTestId("elsewhere")).toHaveAttribute("data-way", "far");
    await expect(page.getByTestId("balance")).toHaveText("120");
    await expectAccessible(page);
    await picture(page, "rest-gone");
  });

  for (const [limit, words] of [
    ["days", "offline for more than 7 days"],
    ["cap", "may redeem 30 more points"],
    ["none", "has redeemed all it may"],
  ] as const) {
    test(`the owner's limit says what to do: ${limit}`, async ({ page }) => {
      await maria(page, `&relay=offline&limit=${limit}`);
      await page.getByTestId("redeem-1").click();
      await page.getByTestId("redeem-confirm").click();
      await expect(page.getByTestId("notice")).toContainText(words);
      await expect(page.getByTestId("balance")).toHaveText("120");
      await expectAccessible(page);
    });
  }

  test("above a limit a manager's PIN is asked for, and a wrong one waits", async ({ page }) => {
    await maria(page, "&relay=offline&limit=pin");
    await page.getByTestId("redeem-1").click();
    await page.getByTestId("redeem-confirm").click();
    const gate = page.getByTestId("manager-gate");
    await expect(gate).toContainText("more than 50 points");
    await expectAccessible(page);
    await gate.getByText("Ben").click();
    await expect(page.getByTestId("pin")).toBeFocused();
    await page.keyboard.type("9999", TYPING);
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("pin-words")).toContainText("Wrong PIN");
    await expectAccessible(page);
    await picture(page, "manager-pin");
    await expect(page.getByTestId("pin-wait")).toHaveText("", { timeout: 10_000 });
    await page.keyboard.type("2222", TYPING);
    await page.keyboard.press("Enter");
    await expect(gate).toHaveCount(0);
    await expect(page.getByTestId("balance")).toHaveText("20");
  });

  test("the manager's PIN can be put away, and nothing is taken", async ({ page }) => {
    await maria(page, "&relay=offline&limit=pin");
    await page.getByTestId("redeem-1").click();
    await page.getByTestId("redeem-confirm").click();
    await expect(page.getByTestId("manager-gate")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("manager-gate")).toHaveCount(0);
    await expect(page.getByTestId("balance")).toHaveText("120");
    await expect(page.getByTestId("redeem-1")).toBeVisible();
  });
});

test.describe("in the owner's window", () => {
  test.describe.configure({ timeout: 90_000 });

  async function open(page: Page, where: string, query = ""): Promise<void> {
    await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
    await page.goto(`/owner.html?members=20${query}#/${where}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
    await expect(page.locator(".bones")).toHaveCount(0, READY);
  }

  test("each conflict says what happened, and is settled in place", async ({ page }) => {
    await open(page, "settle");
    await expect(page.getByTestId("conflict")).toHaveCount(4);
    await expect(page.getByTestId("nav-settle-count")).toContainText("4");
    const of = (about: string): ReturnType<Page["locator"]> => page.locator(`[data-testid="conflict"][data-about="${about}"]`);
    await expect(of("lost_spend")).toContainText("Free coffee was redeemed a second time at Terrace");
    await expect(of("lost_spend")).toContainText("100 points lost by the shop");
    await expect(of("sale_twice")).toContainText("Sale A-1004 was recorded at Till 1 and again at Terrace");
    await expect(of("reversal_twice").getByTestId("conflict-forgive")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "settle");

    const below = of("below_zero");
    await below.getByTestId("conflict-forgive").click();
    await expect(page.getByTestId("conflict-words")).toBeFocused();
    await page.getByTestId("conflict-go").click();
    await expect(page.getByTestId("conflict-words")).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
    await picture(page, "settle-forgive");
    await page.keyboard.press("Escape");
    await expect(below.getByTestId("conflict-forgive")).toBeFocused();
    await page.keyboard.press("Enter");
    await page.getByTestId("conflict-words").fill("Our mistake");
    await page.keyboard.press("Enter");
    const says = page.getByTestId("settle-says");
    await expect(says).toContainText("Forgiven: 60 points of Priya Nair.");
    await expect(says).toBeFocused();
    await expect(page.getByTestId("nav-settle-count")).toContainText("3");
    await expect(page.getByTestId("settled-one")).toContainText("Our mistake");
    await page.getByTestId("settle-undo").click();
    await expect(says).toContainText("It waits here again.");
    await expect(page.getByTestId("conflict")).toHaveCount(4);

    await of("lost_spend").getByTestId("conflict-owe").click();
    await expect(page.getByTestId("conflict-form")).toContainText("can’t be undone");
    await page.getByTestId("conflict-go").click();
    await expect(says).toContainText("Debited at the next visit: 100 points of Omar Pereira.");
    await expect(page.getByTestId("settle-undo")).toHaveCount(0);
    await expectAccessible(page);

    await of("sale_twice").getByTestId("conflict-ask").click();
    await page.getByTestId("conflict-words").fill("Ask Ana whether there were two coffees");
    await page.getByTestId("conflict-go").click();
    await expect(of("sale_twice").getByTestId("conflict-note")).toContainText("two coffees");
    await of("reversal_twice").getByTestId("conflict-noted").click();
    await expect(says).toContainText("Closed.");
    await page.getByTestId("settled-undo").first().click();
    await expect(of("reversal_twice")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "settle-after");
  });

  test("what the relay must settle says when it can't be reached, and stays", async ({ page }) => {
    await open(page, "settle", "&relay=offline&conflicts=1");
    await page.getByTestId("conflict-forgive").click();
    await page.getByTestId("conflict-words").fill("Sorry");
    await page.getByTestId("conflict-go").click();
    await expect(page.getByTestId("settle-says")).toContainText("can’t be reached");
    await expect(page.getByTestId("conflict")).toHaveCount(1);
    await expectAccessible(page);
  });

  test("where nothing is to settle, it says what would be", async ({ page }) => {
    await open(page, "settle", "&conflicts=0");
    await expect(page.locator("main")).toContainText("Nothing to settle.");
    await expect(page.getByTestId("nav-settle-count")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "settle-none");
  });

  test("the limits say what they mean while they are typed", async ({ page }) => {
    await open(page, "settings", "&relay=in_sync");
    const means = page.getByTestId("away-means");
    await expect(means).toContainText("redeems for 7 days");
    await expect(page.getByTestId("away-save")).toHaveAttribute("aria-disabled", "true");
    await page.getByTestId("away-days").fill("0");
    await expect(means).toHaveText("A till that is cut off does not redeem at all.");
    await page.getByTestId("away-days").fill("two");
    await page.getByTestId("away-save").click();
    await expect(page.getByTestId("away-days")).toBeFocused();
    await expect(page.locator("#away-wrong")).toContainText("from 0 to 3650");
    await page.getByTestId("away-days").fill("2");
    await page.getByTestId("away-per_member").fill("200");
    await page.getByTestId("away-pin_above").fill("100");
    await expect(means).toContainText("Of one member it redeems 200 points at most");
    await expect(means).toContainText("Above 100 points at once it asks for a manager’s PIN.");
    await page.getByTestId("away-save").click();
    await expect(page.getByTestId("away-saved")).toContainText("Saved.");
    await expectAccessible(page);
    await page.getByTestId("away").scrollIntoViewIfNeeded();
    await picture(page, "away-limits");
    await page.getByTestId("away-default").click();
    await expect(page.getByTestId("away-days")).toHaveValue("7");
  });

  test("a shop without a relay has no limits to set", async ({ page }) => {
    await open(page, "settings");
    await expect(page.getByTestId("webhook-state")).toBeVisible();
    await expect(page.getByTestId("away")).toHaveCount(0);
  });

  test("a till is given up after what that exposes and costs was said", async ({ page }) => {
    await open(page, "tills", "&relay=in_sync");
    await page.locator('[data-testid="till-row"][data-name="Terrace"]').getByTestId("till-lose").click();
    await expect(page.getByTestId("till-exposure")).toContainText("655");
    await expect(page.getByTestId("till-exposure")).toContainText("In rewards that is at most $13.10.");
    await expectAccessible(page);
    await picture(page, "tills-lose");
  });
});
