// Around the counter: first start, problems, the lock, staff, menus.
import { expect, test } from "./test";
import { expectAccessible, openAs, TYPING } from "./helpers";

test("first start: name, PIN twice, done", async ({ page }) => {
  await page.goto("/?start=fresh");
  await expectAccessible(page);
  await page.getByTestId("start-go").click();
  await expect(page.getByTestId("start-shop_name")).toBeFocused();
  await expect(page.getByTestId("start-shop_name")).toHaveAttribute("aria-invalid", "true");
  await expectAccessible(page);
  await page.getByTestId("start-shop_name").fill("Corner Bakery");
  await page.getByTestId("start-owner_name").fill("Olga");
  await page.getByTestId("start-owner_pin").fill("4321");
  await page.getByTestId("start-again").fill("4322");
  await page.getByTestId("start-go").click();
  await expect(page.getByText("The two PINs differ.")).toBeVisible();
  await page.getByTestId("start-again").fill("4321");
  await page.getByTestId("start-go").click();
  await expect(page.getByTestId("shop-name")).toHaveText("Corner Bakery");
  await expect(page.getByTestId("search")).toBeFocused();
});

test("a shop nobody works in asks for its first owner, once", async ({ page }) => {
  await page.goto("/?start=unstaffed");
  await expect(page.getByTestId("first-owner")).toBeVisible();
  await expect(page.getByTestId("owner-name")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.type("Olga", TYPING);
  await page.keyboard.press("Tab");
  await page.keyboard.type("4321", TYPING);
  await page.keyboard.press("Tab");
  await page.keyboard.type("4322", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByText("The two PINs differ.")).toBeVisible();
  await expect(page.getByTestId("owner-again")).toBeFocused();
  await expectAccessible(page);
  await page.getByTestId("owner-again").fill("4321");
  await page.getByTestId("owner-go").click();
  await expect(page.getByTestId("search")).toBeFocused();
  await page.getByTestId("staff-menu").click();
  await page.getByTestId("lock").click();
  await expect(page.locator("[data-testid=staff-tile][data-name=Olga]")).toBeVisible();
});

test("a day with the keyboard alone: unlock, find, redeem, reverse, lock", async ({ page }) => {
  await page.goto("/");
  await page.evaluate(() => {
    addEventListener("pointerdown", () => (document.title = "a mouse was used"), true);
  });
  await expect(page.locator("[data-testid=staff-tile]").first()).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator("[data-testid=staff-tile][data-name=Ana]")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("pin")).toBeFocused();
  await page.keyboard.type("1111", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("search")).toBeFocused();
  await page.keyboard.type("maria", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("balance")).toHaveText("120");
  await page.keyboard.type("r1", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("balance")).toHaveText("20");

  await page.keyboard.press("F2");
  await expect(page.getByTestId("activity").getByTestId("lines")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("reverse").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("line-reversed")).toBeVisible();
  await expect(page.getByTestId("activity").getByTestId("lines")).toBeFocused();
  await page.keyboard.press("F2");
  await expect(page.getByTestId("balance")).toHaveText("120");
  await page.keyboard.press("Control+l");
  await expect(page.getByTestId("pin")).toBeFocused();
  await expect(page).not.toHaveTitle("a mouse was used");
});

for (const code of ["disk_full", "read_only", "in_use", "busy", "damaged", "too_new", "io"]) {
  test(`a store that is ${code} says what happened and what to do`, async ({ page }) => {
    await page.goto(`/?start=problem&code=${code}`);
    await expect(page.getByTestId("problem")).toHaveAttribute("data-code", code);
    await expect(page.getByTestId("problem-retry")).toBeEnabled();
    await expectAccessible(page);
  });
}

test("the lock: tile, PIN by keys, a wrong one waits", async ({ page }) => {
  await page.goto("/");
  await expectAccessible(page);
  await page.locator("[data-testid=staff-tile][data-name=Ana]").click();
  await expect(page.getByTestId("pin")).toBeFocused();
  await page.keyboard.type("9999", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("pin-words")).toHaveText("Wrong PIN.");
  await expect(page.getByTestId("pin-1")).toBeDisabled();
  await expectAccessible(page);
  await expect(page.getByTestId("pin-1")).toBeEnabled();
  for (let n = 0; n < 4; n += 1) await page.getByTestId("pin-1").click();
  await page.getByTestId("pin-enter").click();
  await expect(page.getByTestId("search")).toBeFocused();
});

test("an idle till locks, offers who was there, and keeps what was typed", async ({ page }) => {
  await openAs(page, "ana", "&lock=2");
  await page.keyboard.type("mari", TYPING);
  await expect(page.getByTestId("lock-screen")).toBeVisible({ timeout: 6_000 });
  await expect(page.getByTestId("pin")).toBeFocused();
  await page.keyboard.type("1111", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("search")).toHaveValue("mari");
});

test("staff: a manager adds somebody; an owner's line is an owner's", async ({ page }) => {
  await openAs(page, "ben");
  await page.getByTestId("staff-menu").click();
  await expectAccessible(page);
  await page.getByTestId("staff-open").click();
  await expect(page.locator("[data-testid=staff-row][data-name=Olga]")).toContainText("Only an owner");
  await page.getByTestId("staff-add").click();
  await page.getByTestId("staff-name").fill("Caro");
  await page.getByTestId("staff-pin").fill("12");
  await page.getByTestId("staff-save").click();
  await expect(page.getByTestId("staff-form")).toContainText("A PIN is 4 to 8 digits.");
  await expectAccessible(page);
  await page.getByTestId("staff-pin").fill("5678");
  await page.getByTestId("staff-save").click();
  await expect(page.locator("[data-testid=staff-row][data-name=Caro]")).toContainText("Cashier");
  await page.getByTestId("staff-menu").click();
  await page.getByTestId("lock").click();
  await expect(page.locator("[data-testid=staff-tile][data-name=Caro]")).toBeVisible();
});

test("a cashier sees no staff; the owner's window wants an owner's PIN", async ({ page }) => {
  await openAs(page, "ana");
  await page.getByTestId("staff-menu").click();
  await expect(page.getByTestId("staff-open")).toHaveCount(0);
  await page.getByTestId("owner-open").click();
  await expect(page.getByTestId("owner-gate").getByTestId("pin")).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.type("1111", TYPING);
  await page.keyboard.press("Enter", TYPING);
  await expect(page.getByTestId("pin-words")).toHaveText("Wrong PIN.");
  await expect(page.getByTestId("pin-1")).toBeEnabled();
  const opened = page.waitForEvent("popup");
  await page.keyboard.type("4321", TYPING);
  await page.keyboard.press("Enter", TYPING);
  expect((await opened).url()).toContain("owner.html");
});

test("? shows the keys, Esc closes them, and the focus is back", async ({ page }) => {
  await openAs(page, "ana");
  await page.keyboard.press("?");
  await expect(page.getByTestId("keys")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("keys")).toHaveCount(0);
  await expect(page.getByTestId("search")).toBeFocused();
});

test("the store's health opens to the facts", async ({ page }) => {
  await openAs(page, "ana");
  await page.getByTestId("storage-health").click();
  await expect(page.getByText("51,200 MB free")).toBeVisible();
  await expectAccessible(page);
});
