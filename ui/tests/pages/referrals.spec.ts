// Referrals: who sent somebody, at the counter; what came of it, in the owner's window.
import type { Page } from "@playwright/test";
import { expect, test } from "./test";
import { expectAccessible, lookUp, openAs, scan, TYPING } from "./helpers";

const READY = { timeout: 45_000 };

async function owner(page: Page, query = "members=60"): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?${query}#/referrals`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

test("a new member says who sent them", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.type("6195550199", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await page.getByTestId("enrol-sent").fill("nobody at all");
  await page.getByTestId("enrol-go").click();
  await expect(page.getByTestId("enrol-card")).toContainText("Nobody is known by this code");
  await expectAccessible(page);
  await page.getByTestId("enrol-sent").fill("Maria Lopez");
  await page.getByTestId("enrol-go").click();
  await expect(page.getByTestId("member-card")).toBeVisible();
  await lookUp(page, "maria");
  await expect(page.getByTestId("waiting")).toContainText("50 points more");
  await expectAccessible(page);
});

test("a scanned card fills in who sent them", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.type("6195550199", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("enrol-card")).toBeVisible();
  await scan(page, "7KQ2M9XRA");
  await expect(page.getByTestId("enrol-sent")).toHaveValue("7KQ2M9XRA");
  await expect(page.getByTestId("enrol-card")).toBeVisible();
});

test("a member's link is shown, as a picture too", async ({ page }) => {
  await openAs(page, "ana");
  await lookUp(page, "maria");
  await page.getByTestId("share-open").click();
  await expect(page.getByTestId("share-url")).toHaveValue(/\/ref\//);
  await expect(page.getByTestId("share-picture")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("share-dialog")).toHaveCount(0);
});

test("the owner sees the way from a click to a reward", async ({ page }) => {
  await owner(page);
  await expect(page.getByTestId("nav-referrals")).toHaveAttribute("aria-current", "page");
  const total = page.getByTestId("funnel-total").getByRole("cell");
  await expect(total.nth(2)).toHaveText("6");
  await expect(total.nth(4)).toHaveText("1");
  await expect(total.nth(5)).toHaveText("50");
  for (const state of ["rewarded", "pending", "review"]) await expect(page.locator(`[data-state=${state}]`)).toHaveCount(1);
  await expect(page.getByTestId("unbrought")).toContainText("Was a member already");
  await expectAccessible(page);
  await page.locator('[data-code="solare"] a').click();
  await expect(page.getByTestId("referral-row")).toHaveCount(1);
  await page.getByTestId("referrals-clear").click();
  await expect(page.getByTestId("referral-row")).toHaveCount(6);
});

test("what seems odd waits for the owner", async ({ page }) => {
  await owner(page);
  await expect(page.getByTestId("odd-row")).toContainText("6 friends joined through this code within a day");
  await page.getByTestId("odd-reject").click();
  await expect(page.locator("[data-state=review]")).toHaveCount(0);
  await expect(page.getByTestId("odd-row")).toHaveCount(0);
});

test("a shop without referrals says what to do", async ({ page }) => {
  await owner(page, "shop=empty");
  await expect(page.locator("main")).toContainText("Nobody has come through a friend yet");
  await expectAccessible(page);
});

test("the owner makes a link; a taken name is refused kindly, with others", async ({ page }) => {
  await owner(page);
  await page.getByTestId("link-new").click();
  await expect(page.getByTestId("link-code")).toBeFocused();
  await page.getByTestId("link-code").fill("solare");
  await page.getByTestId("link-make").click();
  await expect(page.getByTestId("link-dialog")).toContainText("Somebody has this name already");
  await expectAccessible(page);
  await page.getByTestId("link-free").getByRole("button").first().click();
  await page.getByTestId("link-make").click();
  await expect(page.getByTestId("share-url")).toHaveValue(/\/ref\/solare-/);
  await expect(page.getByTestId("share-picture")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("share-dialog")).toHaveCount(0);
  await expect(page.getByTestId("links")).toContainText("solare-corner");
});

test("the owner sees who brings friends, whom, and why some do not count", async ({ page }) => {
  await owner(page);
  const first = page.getByTestId("sender-row").first();
  await expect(first).toBeVisible();
  await first.locator("summary").click();
  await expect(first.getByTestId("tree").getByRole("listitem").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "Why not" })).toBeVisible();
  await expectAccessible(page);
  await page.getByTestId("senders-csv").click();
  await expect(page.locator("body")).toContainText("referrers.csv");
});
