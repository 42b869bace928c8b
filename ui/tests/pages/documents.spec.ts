// Rules and words in a document elsewhere: setting one, what is wrong with it, looking now, going on by hand, stopping; and
// what stands there without a relay that can do it.
import type { Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function open(page: Page, documents: string, where = "#/rules"): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?members=40&relay=in_sync&mail=on${documents && `&documents=${documents}`}${where}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png`, fullPage: true });
}

test.describe("a document elsewhere", () => {
  test.describe.configure({ timeout: 90_000 });

  test("is looked at before it is kept there, and says what it would change", async ({ page }) => {
    await open(page, "none");
    const panel = page.getByTestId("elsewhere");
    await expect(panel).toContainText("Write your rules in a Google Doc");
    const field = page.getByTestId("elsewhere-field");
    await field.fill("rules.txt");
    await page.getByTestId("elsewhere-try").click();
    await expect(panel).toContainText("no address of a document");
    await expect(field).toBeFocused();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
    await field.fill("https://harbour.example.com/bad");
    await page.keyboard.press("Enter");
    await expect(panel).toContainText("Line 2, column 18: Expected a day, such as Tuesday or 24 December. Did you mean “Tuesday”?");
    await field.fill("https://harbour.example.com/missing");
    await page.keyboard.press("Enter");
    await expect(panel).toContainText("There is no document at its address.");
    await panel.scrollIntoViewIfNeeded();
    await picture(page, "documents-refused");
    await field.fill("https://harbour.example.com/same");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("elsewhere-found")).toContainText("says what is in force already");
    await field.fill("https://harbour.example.com/rules.txt");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("elsewhere-found")).toContainText("Earn 2 points per $1");
    await expect(page.getByTestId("elsewhere-keep")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "documents-found");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("elsewhere-address")).toHaveText("https://harbour.example.com/rules.txt");
    await expect(page.getByTestId("elsewhere-says")).toHaveText("Kept there from now on.");
    await expect(page.locator("#elsewhere-title")).toBeFocused();
    // What the document says is in force at once, in the editor and in the history.
    await expect(page.getByTestId("rules-text")).toHaveValue(/^Earn 2 points per \$1\n/);
    await expect(page.getByTestId("versions").locator("li")).toHaveCount(3);
    // What is kept elsewhere stands above the text that it concerns.
    const [kept, editor] = [await panel.boundingBox(), await page.locator("#editor-title").boundingBox()];
    expect((kept?.y ?? 0) < (editor?.y ?? 0)).toBe(true);
  });

  test("shows how it stands, is looked at now and stopped", async ({ page }) => {
    await open(page, "kept");
    const panel = page.getByTestId("elsewhere");
    await expect(panel).toContainText("as version 4");
    await expect(page.getByTestId("elsewhere-hand")).toContainText("You can still write here.");
    await expectAccessible(page);
    await picture(page, "documents-kept");
    await page.getByTestId("elsewhere-now").click();
    await expect(page.getByTestId("elsewhere-says")).toHaveText("Looked at it just now.");
    await page.getByTestId("elsewhere-stop").click();
    await expect(panel).toContainText("What is in force stays.");
    await expect(page.getByTestId("elsewhere-stop-yes")).toBeFocused();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Go on looking" }).click();
    await expect(page.getByTestId("elsewhere-stop-yes")).toHaveCount(0);
    await page.getByTestId("elsewhere-stop").click();
    await page.getByTestId("elsewhere-stop-yes").click();
    await expect(page.getByTestId("elsewhere-says")).toContainText("not looked at any more");
    await expect(page.getByTestId("elsewhere-field")).toBeVisible();
  });

  test("says what is wrong, what holds meanwhile, and who was told", async ({ page }) => {
    await open(page, "problem");
    const problem = page.getByTestId("elsewhere-problem");
    await expect(problem).toContainText("could not be taken over");
    await expect(problem).toContainText("Line 2, column 18");
    await expect(problem).toContainText("the last good version stays");
    await expect(problem).toContainText("You are told of it by mail, once.");
    await expectAccessible(page);
    await picture(page, "documents-problem");
    await open(page, "problem", "#/mail?part=voice");
    await expect(page.getByTestId("elsewhere-problem")).toContainText("Line 2, column 18");
    await expectAccessible(page);
    await picture(page, "documents-voice");
    await page.getByTestId("elsewhere-now").click();
    await expect(page.getByTestId("elsewhere-problem")).toHaveCount(0);
  });

  test("is not written over by hand for ever: its text can be taken again", async ({ page }) => {
    await open(page, "hand");
    await expect(page.getByTestId("elsewhere-hand")).toContainText("Something else was put in force here since.");
    await picture(page, "documents-hand");
    await page.getByTestId("elsewhere-again").click();
    await expect(page.getByTestId("elsewhere-hand")).toContainText("You can still write here.");
    await expect(page.getByTestId("elsewhere-again")).toHaveCount(0);
  });

  test("of Google is read by a service account, which says with whom to share it", async ({ page }) => {
    await open(page, "none");
    const link = "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456789/edit";
    await page.getByTestId("elsewhere-field").fill(link);
    await page.getByTestId("elsewhere-try").click();
    await expect(page.getByTestId("elsewhere")).toContainText("needs a service account’s key");
    const key = (text: string): Promise<void> => page.getByTestId("elsewhere-key").setInputFiles({ name: "key.json", mimeType: "application/json", buffer: Buffer.from(text) });
    await key("{}");
    await expect(page.getByTestId("elsewhere")).toContainText("not the key of a service account");
    await key('{"type":"service_account"}');
    await expect(page.getByTestId("elsewhere-google")).toContainText("Share the document with this address, to read: reader@harbour-coffee");
    await expectAccessible(page);
    await picture(page, "documents-google");
    await page.getByTestId("elsewhere-try").click();
    await page.getByTestId("elsewhere-keep").click();
    await expect(page.getByTestId("elsewhere-address")).toHaveText(link);
    await open(page, "google");
    await expect(page.getByTestId("elsewhere-problem")).toContainText("Share it with reader@harbour-coffee");
    await expect(page.getByTestId("elsewhere-problem")).toContainText("write your address under Mail");
    await expectAccessible(page);
    await open(page, "nokey");
    await expect(page.getByTestId("elsewhere-google")).toContainText("This relay keeps no keys.");
  });

  test("is not there without a relay, and says so where the relay is away", async ({ page }) => {
    await open(page, "");
    await expect(page.getByTestId("rules-text")).toBeVisible();
    await expect(page.getByTestId("elsewhere")).toHaveCount(0);
    await open(page, "away");
    await expect(page.getByTestId("elsewhere")).toContainText("The relay can’t be reached");
    await expect(page.getByTestId("elsewhere-retry")).toBeVisible();
  });
});
