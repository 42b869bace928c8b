// Stamp cards, points that become money in lots, and birthdays, at the counter.
import { expect, test } from "./test";
import { expectAccessible, lookUp, openAs, TYPING } from "./helpers";

test("a full stamp card is redeemed for no points, and undone", async ({ page }) => {
  await openAs(page, "ana", "&cards=1");
  await lookUp(page, "maria");
  await expect(page.getByTestId("stamps-4")).toHaveText("1 full · 2 of 9 stamps");
  await expectAccessible(page);
  await page.getByTestId("redeem-4").click();
  await expect(page.getByTestId("redeem-what")).toHaveText("1 Flat white free?");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("notice")).toContainText("1 Flat white free for Maria Lopez");
  await expect(page.getByTestId("balance")).toHaveText("120");
  await expect(page.getByTestId("to-go-4")).toHaveText("7 to go");
  await page.keyboard.press("Control+z");
  await expect(page.getByTestId("notice")).toContainText("Taken back for Maria Lopez");
  await expect(page.getByTestId("redeem-4")).toBeVisible();
});

test("what gives stamps is counted beside the amount, and goes with the sale", async ({ page }) => {
  await openAs(page, "ana", "&cards=1");
  await lookUp(page, "maria");
  await page.getByTestId("amount").fill("9.50");
  await expect(page.getByTestId("bought-fewer-1")).toHaveAttribute("aria-disabled", "true");
  await page.getByTestId("bought-more-1").click();
  await page.getByTestId("bought-more-1").click();
  await page.getByTestId("bought-more-1").click();
  await page.getByTestId("bought-fewer-1").click();
  await expect(page.getByTestId("bought-1")).toHaveText("2");
  await expectAccessible(page);
  await page.getByTestId("credit").click();
  await expect(page.getByTestId("stamps-4")).toHaveText("1 full · 4 of 9 stamps");
  await expect(page.getByTestId("bought-1")).toHaveText("0");
});

test("points become money in as many lots as there are points for", async ({ page }) => {
  await openAs(page, "ana", "&cards=1");
  await lookUp(page, "maria");
  await page.getByTestId("redeem-3").click();
  await expect(page.getByTestId("redeem-what")).toHaveText("$1.00 off?");
  await expect(page.getByTestId("lots-fewer")).toHaveAttribute("aria-disabled", "true");
  await page.getByTestId("lots-more").click();
  await expect(page.getByTestId("lots-takes")).toHaveText("2 × 20 points");
  await page.getByTestId("redeem-confirm").focus();
  for (let n = 0; n < 9; n += 1) await page.keyboard.press("ArrowUp");
  await expect(page.getByTestId("redeem-what")).toHaveText("$6.00 off?");
  await expect(page.getByTestId("lots-more")).toHaveAttribute("aria-disabled", "true");
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("redeem-what")).toHaveText("$5.00 off?");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("notice")).toContainText("5 × $1 off for Maria Lopez");
  await expect(page.getByTestId("balance")).toHaveText("20");
});

test("a birthday is told when adding, and corrected on the card", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.type("6195550199", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("enrol-card")).toBeVisible();
  await page.getByTestId("birthday-day").fill("30");
  await page.getByTestId("enrol-go").click();
  await expect(page.getByText("This is not a birthday.")).toBeVisible();
  await page.getByTestId("birthday-month").selectOption("12");
  await expectAccessible(page);
  await page.getByTestId("enrol-go").click();
  await expect(page.getByTestId("member-card")).toBeVisible();
  await page.getByTestId("edit-open").click();
  await expect(page.getByTestId("birthday-month")).toHaveValue("12");
  await expect(page.getByTestId("birthday-day")).toHaveValue("30");
  await page.getByTestId("birthday-year").fill("1984");
  await expectAccessible(page);
  await page.getByTestId("edit-save").click();
  await page.getByTestId("edit-open").click();
  await expect(page.getByTestId("birthday-year")).toHaveValue("1984");
});
