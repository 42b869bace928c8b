// The owner's window against a made-up shop in real SQLite: numbers that lead to their rows, state in the address,
// rules from a mistake to a new version, the keyboard alone, and no accessibility violations on any page.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";

// A year of sales goes into the browser's SQLite at the start of each test; a busy machine takes its time over it.
test.describe.configure({ timeout: 90_000 });
const READY = { timeout: 45_000 };
const NOW = new Date("2026-11-20T22:00:00Z");

async function open(page: Page, hash: string, query = "members=120"): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await page.goto(`/owner.html?${query}#/${hash}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

/** The first number in a text, as the page writes it. */
async function numberIn(page: Page, testId: string): Promise<string> {
  return /[\d,]+/.exec(await page.getByTestId(testId).innerText())?.[0] ?? "";
}

async function expectSound(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || (document.querySelector("main")?.scrollWidth ?? 0) > (document.querySelector("main")?.clientWidth ?? 0));
  expect(tooWide, "scrolls sideways").toBe(false);
  const small = await page.locator("button, select, input:not([type=checkbox], .sr), .button, nav a").evaluateAll((all) =>
    all.filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 48).map((one) => one.outerHTML.slice(0, 120)),
  );
  expect(small, "targets under 48 px").toEqual([]);
}

for (const hash of ["today", "today?range=day", "today?range=year", "members", "ledger", "rules", "rules?version=1"]) {
  test(`${hash} is sound`, async ({ page }) => {
    await open(page, hash);
    await expectSound(page);
  });
}

test("an empty shop says what to do, on every page", async ({ page }) => {
  for (const hash of ["today", "members", "ledger"]) {
    await open(page, hash, "shop=empty");
    await expect(page.locator("main")).toContainText(/at the till/);
    await expectSound(page);
  }
});

test("the first page's numbers are those of the lists behind them", async ({ page }) => {
  await open(page, "today");
  const came = await numberIn(page, "tile-came");
  const issued = await numberIn(page, "tile-issued");
  const redeemed = await numberIn(page, "tile-redeemed");
  const owed = await numberIn(page, "tile-owed");

  await page.getByTestId("tile-came").click();
  await expect(page).toHaveURL(/members\?show=month/);
  await expect(page.locator("main")).toContainText(`${came} members`);

  await page.goBack();
  await page.getByTestId("tile-issued").click();
  await expect(page.getByTestId("ledger-totals")).toContainText(`issued ${issued}`, { useInnerText: true });
  await page.goBack();
  await page.getByTestId("tile-redeemed").click();
  await expect(page.getByTestId("ledger-totals")).toContainText(`redeemed ${redeemed}`, { useInnerText: true });
  await page.getByTestId("ledger-clear").click();
  await expect(page.getByTestId("ledger-totals")).toContainText(`net +${owed}`, { useInnerText: true });
});

test("the period is kept in the address, and changes the numbers", async ({ page }) => {
  await open(page, "today");
  const month = await numberIn(page, "tile-issued");
  await page.getByTestId("range-year").click();
  await expect(page).toHaveURL(/range=year/);
  await expect(page.getByTestId("tile-issued")).not.toContainText(month);
  const year = await numberIn(page, "tile-issued");
  await page.reload();
  await expect(page.getByTestId("tile-issued")).toContainText(year, READY);
  await expect(page.getByTestId("range-year")).toHaveAttribute("aria-current", "true");
});

test("a chart is walked with the keyboard, opens its lines, and stands as a table", async ({ page }) => {
  await open(page, "today");
  const chart = page.getByRole("slider", { name: "Points by day" });
  await expect(chart.locator("svg")).toBeVisible();
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  const said = (await chart.getAttribute("aria-valuetext")) ?? "";
  expect(said).toMatch(/^Fri, Oct 23: [\d,]+ issued, [\d,]+ redeemed$/);
  await page.getByTestId("chart-points-table").click();
  const [, issued = ""] = /: ([\d,]+) issued/.exec(said) ?? [];
  await expect(page.getByRole("row").filter({ hasText: "Fri, Oct 23" })).toContainText(issued);
  await expectSound(page);
  await page.getByTestId("chart-points-table").click();
  await page.getByRole("slider", { name: "Points by day" }).focus();
  for (const key of ["Home", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await expect(page).toHaveURL(/ledger\?from=2026-10-23&to=2026-10-23/);
  await expect(page.getByTestId("ledger-totals")).toContainText(`issued ${issued}`, { useInnerText: true });
});

test("members are found, sorted, paged and written to a file, and the address keeps it all", async ({ page }) => {
  await open(page, "members");
  await page.getByTestId("members-find").fill("sofi");
  await expect(page).toHaveURL(/q=sofi/);
  await expect(page.getByTestId("member-row").first()).toContainText("Sofía");
  await page.getByTestId("members-find").fill("nobody at all");
  await expect(page.locator("main")).toContainText("Nobody fits.");
  await page.getByTestId("members-clear").click();

  await page.getByTestId("sort-points").click();
  await expect(page.getByRole("columnheader", { name: "Points" })).toHaveAttribute("aria-sort", "descending");
  await page.getByTestId("page-next").click();
  await expect(page).toHaveURL(/sort=points&page=2/);
  await expect(page.getByRole("navigation", { name: "Pages" })).toContainText("51 to 100 of 120");
  await page.reload();
  await expect(page.getByRole("navigation", { name: "Pages" })).toContainText("51 to 100 of 120", READY);

  await page.getByTestId("members-show").selectOption("slipping");
  await expect(page).toHaveURL(/show=slipping/);
  await page.getByTestId("export-members").click();
  await expect(page.getByText(/rows? written to .*members\.csv/)).toBeVisible();
});

test("a member's page has the points, the rewards and every line", async ({ page }) => {
  await open(page, "members?sort=points");
  const row = page.getByRole("row").nth(1);
  const points = (await row.getByRole("cell").nth(4).innerText()).trim();
  await row.getByTestId("member-row").click();
  await expect(page.getByTestId("member-balance")).toHaveText(points);
  await expect(page.getByTestId("line").first()).toBeVisible();
  await expectSound(page);
  await page.getByTestId("member-ledger").click();
  await expect(page.getByTestId("ledger-totals")).toContainText(`net +${points}`, { useInnerText: true });
  await page.goto("/owner.html?members=120#/members/NOBODY000");
  await expect(page.locator("main")).toContainText("No member has this code.", READY);
});

test("the ledger is filtered by what, whom, who, when and whether it was taken back", async ({ page }) => {
  await open(page, "ledger");
  await page.getByTestId("ledger-kind").selectOption("redeem");
  await page.getByTestId("ledger-from").getByRole("spinbutton").first().click();
  await page.keyboard.type("11012026");
  await expect(page).toHaveURL(/kind=redeem&from=2026-11-01/);
  await expect(page.getByTestId("line").first()).toContainText("−");
  await page.getByTestId("ledger-clear").click();

  await page.getByTestId("ledger-reversed").selectOption("yes");
  await expect(page.getByTestId("line").first()).toContainText("taken back later");
  await page.getByTestId("ledger-clear").click();

  await page.getByTestId("ledger-member").pressSequentially("sofi");
  await expect(page.getByRole("listbox").getByRole("option").first()).toContainText("Sofía");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/member=\w{9}/);
  await expect(page.getByTestId("ledger-member-clear")).toContainText("Sofía");
  await expectSound(page);
  await page.getByTestId("export-ledger").click();
  await expect(page.getByText(/rows? written to .*ledger\.csv/)).toBeVisible();
});

test("an export that takes long is stopped, and the button has the focus again", async ({ page }) => {
  for (const list of ["ledger", "members"]) {
    await open(page, list, "members=40&export=slow");
    await page.getByTestId(`export-${list}`).click();
    const stop = page.getByTestId(`export-${list}-stop`);
    await expect(stop).toHaveCSS("opacity", "1");
    await expectSound(page);
    await stop.click();
    await expect(page.getByText("Stopped. No file was written.")).toBeVisible();
    await expect(page.getByTestId(`export-${list}`)).toBeFocused();
    await expect(stop).toHaveCount(0);
  }
});

test("it locks when nobody is there, keeps the place and the draft, and asks for the owner's PIN", async ({ page }) => {
  await open(page, "rules", "members=40&lock=60");
  const text = page.getByTestId("rules-text");
  await text.fill("Earn 3 points per $1\n");
  await expect(page.getByTestId("rules-summary")).toContainText("earns 3 points");
  await page.clock.setFixedTime(new Date(NOW.getTime() + 59_000));
  await page.mouse.move(300, 300);
  await page.clock.setFixedTime(new Date(NOW.getTime() + 110_000));
  await expect(page.getByTestId("nav-today")).toBeVisible();
  await page.clock.setFixedTime(new Date(NOW.getTime() + 120_000));

  await expect(page.getByTestId("owner-lock")).toBeVisible();
  await expect(page.getByTestId("pin")).toBeFocused();
  await expect(text).toBeHidden();
  await expect(page.getByTestId("nav-today")).toBeHidden();
  await expectSound(page);
  // The keyboard stays on the cover, and the browser's own Back shows nothing either.
  for (const key of ["Tab", "Tab", "Tab"]) {
    await page.keyboard.press(key);
    expect(await page.evaluate(() => document.activeElement?.closest(".covered"))).toBeNull();
  }
  await page.getByTestId("pin").fill("1111");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("pin-words")).toContainText("Wrong PIN");
  await page.clock.setFixedTime(new Date(NOW.getTime() + 125_000));
  await expect(page.getByTestId("pin-wait")).toBeEmpty();
  await page.getByTestId("pin").fill("4321");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("owner-lock")).toHaveCount(0);
  await expect(text).toHaveValue("Earn 3 points per $1\n");
  await expect(text).toBeFocused();
  await page.getByTestId("nav-ledger").click();
  await expect(page.getByTestId("line").first()).toBeVisible();
});

test("rules go from a mistake to a new version in force", async ({ page }) => {
  await open(page, "rules");
  const text = page.getByTestId("rules-text");
  await text.fill("Earn 2 pionts per $1\nReward 100 points: Free coffee\n");
  await expect(page.getByTestId("rules-errors")).toContainText("Line 1, column 8");
  await expect(page.getByTestId("rules-publish")).toHaveAttribute("aria-disabled", "true");
  await expectSound(page);
  await page.getByTestId("rules-mend").click();
  await expect(text).toHaveValue("Earn 2 points per $1\nReward 100 points: Free coffee\n");
  await expect(page.getByTestId("rules-summary")).toContainText("earns 2 points");

  await page.getByTestId("rules-publish").click();
  await expect(page.getByTestId("rules-confirm")).toBeFocused();
  await expectSound(page);
  await page.getByTestId("rules-keep").click();
  await expect(text).toBeVisible();
  await page.getByTestId("rules-publish").click();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Version 3 is in force.", { exact: false }).first()).toBeVisible();
  await expect(page.getByTestId("versions").getByRole("listitem")).toHaveCount(3);

  await page.getByTestId("nav-today").click();
  await expect(page.locator("main")).toContainText("end a reward in the rules with");
});

test("the keyboard alone goes from section to section", async ({ page }) => {
  await open(page, "today");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await page.getByTestId("nav-ledger").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ledger");
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page).toHaveTitle(/Ledger · Harbour Coffee/);
});

test("a member's birthday is seen, set and changed, and a slip is said at its field", async ({ page }) => {
  await open(page, "members?sort=points");
  await page.getByTestId("member-row").first().click();
  await page.getByTestId("member-edit").click();
  await expect(page.getByTestId("member-name-field")).toBeFocused();
  await page.getByTestId("birthday-month").selectOption("02");
  await page.getByTestId("birthday-day").fill("32");
  await page.getByTestId("birthday-year").fill("");
  await page.getByTestId("member-save").click();
  await expect(page.getByTestId("member-form")).toContainText("This is not a birthday.");
  await expectSound(page);
  await page.getByTestId("birthday-day").fill("9");
  await page.getByTestId("member-name-field").fill("Ada Byron");
  await page.getByTestId("member-save").click();
  await expect(page.getByTestId("member-form")).toHaveCount(0);
  await expect(page.getByTestId("member-birthday")).toHaveText("February 9");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Ada Byron");
  await page.getByTestId("member-edit").click();
  await expect(page.getByTestId("birthday-day")).toHaveValue("9");
  await page.getByTestId("member-keep").click();
  await expectSound(page);
});

test("stamp cards are among the rewards, with what they cost", async ({ page }) => {
  await open(page, "today");
  await expect(page.locator("main")).toContainText("1 Flat white free");
  await expect(page.locator("main")).toContainText("9 stamps · costs $0.80");
  await expect(page.getByTestId("owed-stamps")).toContainText(/with \$\d+\.\d\d for stamps/);
});
