// The counter's main flows in a browser: find, add, credit, redeem, undo, reverse, and the scanner.
import { expect, test } from "./test";
import { expectAccessible, lookUp, openAs, scan, TYPING } from "./helpers";

test("a sale with the keyboard alone: find, amount, Enter, undo", async ({ page }) => {
  await openAs(page, "ana");
  await expectAccessible(page);
  await page.keyboard.type("maria", TYPING);
  await expect(page.getByTestId("hit").first()).toContainText("Maria Lopez");
  await expectAccessible(page);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("balance")).toHaveText("120");
  await page.keyboard.type("12.50", TYPING);
  await expect(page.getByTestId("preview")).toHaveText("+12");
  await expect(page.getByTestId("preview-reason")).toHaveText("12 = 1 per $1");
  await expect(page.getByTestId("credit")).toContainText("Credit 12");
  await expectAccessible(page);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("balance")).toHaveText("132");
  await expect(page.getByTestId("notice")).toContainText("12 points to Maria Lopez");
  await expect(page.getByTestId("search")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Control+z");
  await expect(page.getByTestId("balance")).toHaveText("120");
  await expect(page.getByTestId("undo")).toHaveCount(0);
  await expect(page.getByTestId("line").nth(1).getByTestId("line-reversed")).toBeVisible();
});

test("arrows choose, Esc goes back, and typing anywhere searches", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.type("mar", TYPING);
  await expect(page.getByTestId("hit").nth(2)).toBeVisible();
  const third = (await page.getByTestId("hit").nth(2).locator(".strong").innerText()).trim();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("member-name")).toHaveText(third);
  await page.getByTestId("credit").focus();
  await page.keyboard.type("maria", TYPING);
  await expect(page.getByTestId("search")).toHaveValue("maria");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("search")).toHaveValue("");
});

test("a new number: Enter, Enter, and they are a member", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.type("619 555 0199", TYPING);
  await expect(page.getByTestId("enrol-offer")).toContainText("+1 619-555-0199");
  await expectAccessible(page);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("member-name-field")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("member-name")).toHaveText("··· 0199");
  await expect(page.getByTestId("balance")).toHaveText("0");
  await expect(page.getByTestId("amount")).toBeFocused();
  await expectAccessible(page);
});

test("name, email and consent go in with the number; a wrong email says so beside it", async ({ page }) => {
  await openAs(page, "ana");
  await page.getByTestId("search").fill("6195550188");
  await page.getByTestId("enrol-offer").click();
  await page.getByTestId("member-name-field").fill("Rosa Diaz");
  await page.getByTestId("member-email-field").fill("rosa@");
  await page.getByTestId("member-consent").check();
  await page.getByTestId("enrol-go").click();
  await expect(page.getByTestId("member-email-field")).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await page.getByTestId("member-email-field").fill("rosa@example.com");
  await page.getByTestId("enrol-go").click();
  await expect(page.getByTestId("member-name")).toHaveText("Rosa Diaz");
  await page.getByTestId("edit-open").click();
  await expect(page.getByTestId("member-consent")).toBeChecked();
  await page.getByTestId("member-name-field").fill("Rosa Diaz Ruiz");
  await page.getByTestId("edit-save").click();
  await expect(page.getByTestId("member-name")).toHaveText("Rosa Diaz Ruiz");
});

test("redeeming: R 1, Enter; a second tap by mistake cancels", async ({ page }) => {
  await openAs(page, "ana");
  await lookUp(page, "maria");
  await page.getByTestId("redeem-1").dblclick();
  await expect(page.getByTestId("redeem-1")).toBeVisible();
  await expect(page.getByTestId("balance")).toHaveText("120");
  await page.keyboard.type("r1", TYPING);
  await expect(page.getByTestId("redeem-confirm")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("balance")).toHaveText("20");
  await expect(page.getByTestId("notice")).toContainText("Free coffee for Maria Lopez");
  await expect(page.getByTestId("to-go-1")).toHaveText("80 to go");
  await page.getByTestId("undo").click();
  await expect(page.getByTestId("balance")).toHaveText("120");
});

test("a repeated sale number adds nothing and says so", async ({ page }) => {
  await openAs(page, "ana");
  for (let n = 0; n < 2; n += 1) {
    await lookUp(page, "maria");
    await page.keyboard.type("8#", TYPING);
    await expect(page.getByTestId("sale-id")).toBeFocused();
    await page.keyboard.type("A-77", TYPING);
    await page.keyboard.press("Enter", TYPING);
    await expect(page.getByTestId("search")).toBeFocused();
  }
  await expect(page.getByTestId("notice")).toContainText(/already credited at .+ \(8 points\)\. Nothing was added\./);
  await expect(page.getByTestId("balance")).toHaveText("128");
});

test("a scan opens the member, whatever has the focus, and leaks nowhere", async ({ page }) => {
  await openAs(page, "ana");
  await scan(page, "7KQ2M9XRA");
  await expect(page.getByTestId("member-name")).toHaveText("Maria Lopez");
  await page.keyboard.type("4.5", TYPING);
  await page.keyboard.press("End", { delay: 60 });
  await scan(page, "7KQ2M9XRA");
  await expect(page.getByTestId("search")).toHaveValue("7KQ2M9XRA");
  await expect(page.getByTestId("amount")).toHaveValue("4.5");
  await expect(page.getByTestId("balance")).toHaveText("120");
  await page.getByTestId("edit-open").click();
  await page.keyboard.press("End", { delay: 60 });
  await scan(page, "+16195551074");
  await expect(page.getByTestId("member-name")).not.toHaveText("Maria Lopez");
  await expect(page.getByTestId("edit-form")).toHaveCount(0);
});

test("reversing asks in place; another's line is refused a cashier, with the reason", async ({ page }) => {
  await openAs(page, "ana");
  await lookUp(page, "maria");
  await expect(page.getByTestId("reverse-refused").first()).toHaveText("Another’s line: ask a manager");
  await page.getByTestId("reverse").first().click();
  await expect(page.getByTestId("reverse-confirm")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("reverse-confirm")).toHaveCount(0);
  await page.getByTestId("reverse").first().click();
  await expectAccessible(page);
  await page.getByTestId("reverse-confirm").click();
  await expect(page.getByTestId("balance")).toHaveText("108");
  await expect(page.getByTestId("adjust-open")).toHaveCount(0);
});

test("a manager adjusts with a reason, and sees it in today's lines", async ({ page }) => {
  await openAs(page, "ben");
  await lookUp(page, "maria");
  await page.getByTestId("adjust-open").click();
  await page.getByTestId("adjust-points").fill("-20");
  await page.getByTestId("adjust-go").click();
  await expect(page.getByTestId("adjust-form")).toContainText("Say why, in a few words.");
  await expectAccessible(page);
  await page.getByTestId("adjust-reason").fill("Credited to the wrong person");
  await page.getByTestId("adjust-go").click();
  await expect(page.getByTestId("balance")).toHaveText("100");
  await page.getByTestId("activity-open").click();
  await expect(page.getByTestId("line").first()).toContainText("Credited to the wrong person");
  await expectAccessible(page);
  await page.getByTestId("line-member").first().click();
  await expect(page.getByTestId("member-card")).toBeVisible();
});

test("a full disk: the sale stays typed, and the bar says what to do", async ({ page }) => {
  await openAs(page, "ana", "&fail=disk_full");
  await lookUp(page, "maria");
  await page.keyboard.type("9", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("notice")).toContainText("The disk is full. Nothing was changed.");
  await expect(page.getByTestId("amount")).toHaveValue("9");
  await expect(page.getByTestId("storage-health")).toContainText("The disk is full.");
  await expectAccessible(page);
});
