// Held sales in both windows: why they wait, deciding them exactly, with another number or not at all, once, and
// taking a decision back. At the till a cashier only looks.
import { expect, test, type Page } from "@playwright/test";
import { expectAccessible, lookUp, openAs, TYPING } from "./helpers";

test.describe("in the owner's window", () => {
  test.describe.configure({ timeout: 90_000 });

  async function openReview(page: Page, query = "members=60"): Promise<void> {
    await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
    await page.goto(`/owner.html?${query}#/review`);
    await expect(page.getByTestId("waiting").or(page.getByText("Nothing waits."))).toBeVisible({ timeout: 45_000 });
  }

  test("an approval is exact, counted in the sections, and can be undone", async ({ page }) => {
    await openReview(page);
    await expect(page.getByTestId("nav-waiting")).toContainText("3");
    const first = page.getByTestId("held-sale").first();
    await expect(first).toContainText("over $500");
    await expectAccessible(page);
    await first.getByTestId("approve").focus();
    await page.keyboard.press("Enter");
    const says = page.getByTestId("review-says");
    await expect(says).toContainText(/Approved: [\d,]+ points to /);
    await expect(says).toBeFocused();
    await expect(page.getByTestId("nav-waiting")).toContainText("2");
    await expect(page.getByTestId("held-sale")).toHaveCount(2);
    await expectAccessible(page);
    await page.getByTestId("review-undo").click();
    await expect(says).toContainText("Taken back");
    await expect(page.getByTestId("decided-sale").first()).toContainText("taken back");
  });

  test("another number and a rejection each want a reason, which stays readable", async ({ page }) => {
    await openReview(page);
    const first = page.getByTestId("held-sale").first();
    await first.getByTestId("approve-edited").click();
    await expect(page.getByTestId("decide-points")).toBeFocused();
    await page.getByTestId("decide-go").click();
    await expect(page.getByTestId("decide-points")).toHaveAttribute("aria-invalid", "true");
    await page.getByTestId("decide-points").fill("61");
    await page.getByTestId("decide-go").click();
    await expect(page.getByTestId("decide-reason")).toBeFocused();
    await expect(first).toContainText("Say why, in a few words.");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(first.getByTestId("approve-edited")).toBeFocused();
    await page.keyboard.press("Enter");
    await page.getByTestId("decide-points").fill("61");
    await page.getByTestId("decide-reason").fill("One digit too many");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("review-says")).toContainText("Approved: 61 points");
    await expect(page.getByTestId("decided-sale").first()).toContainText("One digit too many");

    await page.getByTestId("held-sale").first().getByTestId("reject").click();
    await page.getByTestId("decide-reason").fill("Not a sale");
    await page.getByTestId("decide-go").click();
    await expect(page.getByTestId("review-says")).toContainText("Rejected: no points");
    await expect(page.getByTestId("decided-sale").first()).toContainText("Not a sale");
    await expect(page.getByTestId("decided-sale").first()).toContainText("over $500");
    await expectAccessible(page);
  });

  test("a decided sale is taken back in place, asked once", async ({ page }) => {
    await openReview(page);
    const approved = page.getByTestId("decided-sale").filter({ hasText: "approved" }).first();
    await approved.getByTestId("take-back").click();
    await expect(approved.getByTestId("take-back-confirm")).toBeFocused();
    await page.keyboard.press("Escape");
    await approved.getByTestId("take-back").click();
    await approved.getByTestId("take-back-confirm").click();
    await expect(page.getByTestId("review-says")).toContainText("Taken back");
    await expect(page.getByTestId("decided-sale").filter({ hasText: "taken back" })).toHaveCount(1);
    await expectAccessible(page);
  });

  test("where nothing waits, it says what would", async ({ page }) => {
    await openReview(page, "members=60&held=0");
    await expect(page.locator("main")).toContainText("Hold sales over $500");
    await expect(page.getByTestId("nav-waiting")).toHaveCount(0);
    await expectAccessible(page);
  });
});

test.describe("at the till", () => {
  test("a held sale says why and what comes next; a cashier looks, a manager decides and can undo", async ({ page }) => {
    await openAs(page, "ana");
    await lookUp(page, "maria");
    await page.keyboard.type("612", TYPING);
    await expect(page.getByTestId("preview-reason")).toContainText("over $500");
    await page.keyboard.press("Enter", TYPING);
    await expect(page.getByTestId("notice")).toContainText("Held: over $500");
    await expect(page.getByTestId("notice")).toContainText("A manager decides");
    await expect(page.getByTestId("balance")).toHaveText("120");
    await expect(page.getByTestId("held-open")).toHaveText("1 held");
    await page.getByTestId("held-open").click();
    await expect(page.getByTestId("held-manager")).toBeVisible();
    await expect(page.getByTestId("approve")).toHaveCount(0);
    await expectAccessible(page);
  });

  test("a manager approves what waits and takes it back", async ({ page }) => {
    await openAs(page, "ben", "&held=2");
    await page.getByTestId("held-open").click();
    await expect(page.getByTestId("held-sale")).toHaveCount(2);
    await expectAccessible(page);
    await page.getByTestId("approve").first().click();
    await expect(page.getByTestId("notice")).toContainText("Approved: 612 points to Maria Lopez");
    await expect(page.getByTestId("held-sale")).toHaveCount(1);
    await expect(page.getByTestId("held-open")).toHaveText("1 held");
    await page.getByTestId("held-member").click();
    await expect(page.getByTestId("member-card")).toBeVisible();
    await page.keyboard.press("Control+z");
    await expect(page.getByTestId("notice")).toContainText("612 points taken back from Maria Lopez");
    await page.getByTestId("held-open").click();
    await page.getByTestId("reject").click();
    await page.getByTestId("decide-reason").fill("Rung up twice");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("notice")).toContainText("Rejected: no points");
    await expect(page.getByText("No sale is held.")).toBeVisible();
    await expectAccessible(page);
  });

  test("a reward that comes within reach is announced large, and stands out where it is redeemed", async ({ page }) => {
    await openAs(page, "ana");
    await lookUp(page, "maria");
    await page.keyboard.type("130", TYPING);
    await page.keyboard.press("Enter", TYPING);
    const notice = page.getByTestId("notice");
    await expect(notice).toHaveAttribute("data-tone", "reward");
    await expect(notice).toContainText("$5 off for Maria Lopez!");
    await expect(notice.locator(".text")).toHaveCSS("font-size", "28px");
    await expectAccessible(page);
  });
});
