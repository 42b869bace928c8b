// Mails to other shops: the card where an owner looks first, choosing vendors, each mail as it goes out, changing it, yes
// and no to one and to all, taking it back, what became of them; and what stands there when it can't be done.
import { test as plain, type Locator, type Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function open(page: Page, query: string, at = "mail?part=outreach"): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?members=40&relay=in_sync&${query}#/${at}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test.describe("mails to other shops", () => {
  test.describe.configure({ timeout: 90_000 });

  // The charts of Today write a style that the page's policy does not let in; nothing on them needs it.
  plain("a card on Today and on Mail says how many wait, and leads to them", async ({ page }) => {
    await open(page, "mail=on&outreach=3", "today");
    const card = page.getByTestId("outreach-task");
    await expect(card).toContainText("3 mails to other shops wait for you");
    await expectAccessible(page);
    await picture(page, "outreach-today");
    await page.getByTestId("nav-mail").click();
    await expect(card).toContainText("3 mails");
    await page.getByTestId("outreach-go").click();
    await expect(page.getByTestId("outreach-draft")).toHaveCount(3);
    await expect(card).toHaveCount(0);
  });

  plain("there is no card on Today where nothing can be counted", async ({ page }) => {
    for (const query of ["mail=on&outreach=old", "mail=offline", ""]) {
      await open(page, query, "today");
      await expect(page.getByTestId("tile-came")).toBeVisible(READY);
      await expect(page.getByTestId("outreach-task")).toHaveCount(0);
    }
  });

  test("each mail is shown as it goes out, and approved, rejected and taken back", async ({ page }) => {
    await open(page, "mail=on&outreach=3");
    const solare = page.locator('[data-testid="outreach-draft"][data-code="solare"]');
    await expect(solare.getByTestId("outreach-subject")).toHaveText("Harbour Coffee and Solare Bakery");
    await expect(solare.getByTestId("mail-view")).toContainText("Some of our customers would like Solare Bakery");
    await expect(solare).toContainText("Drafted by Ana");
    await expectAccessible(page);
    await picture(page, "outreach-review");
    await solare.getByTestId("outreach-approve").click();
    const says = page.getByTestId("outreach-says");
    await expect(says).toHaveText("Approved. The mail to Solare Bakery goes out in a moment.");
    await expect(says).toBeFocused();
    await expect(page.getByTestId("outreach-draft")).toHaveCount(2);
    await expect(page.locator('[data-testid="outreach-row"][data-code="solare"]')).toContainText("Ana");
    await page.getByTestId("outreach-undo-last").click();
    await expect(page.getByTestId("outreach-draft")).toHaveCount(3);
    await expect(says).toContainText("Taken back");
    await page.locator('[data-testid="outreach-draft"][data-code="books"]').getByTestId("outreach-reject").click();
    await expect(says).toHaveText("Rejected. Pier Books gets no mail.");
    await expect(page.getByTestId("outreach-draft")).toHaveCount(2);
    await picture(page, "outreach-rejected");
    await page.getByTestId("outreach-approve-all").click();
    await expect(says).toHaveText("2 mails are approved. They go out in a moment.");
    await expect(page.getByTestId("outreach-draft")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "outreach-approved");
    await page.getByTestId("outreach-undo-last").click();
    await expect(page.getByTestId("outreach-draft")).toHaveCount(2);
    await page.getByTestId("outreach-reject-all").click();
    await expect(says).toHaveText("2 mails are rejected. None of them goes out.");
  });

  test("other words are checked and shown while they are typed", async ({ page }) => {
    await open(page, "mail=on&outreach=2");
    const solare = page.locator('[data-testid="outreach-draft"][data-code="solare"]');
    await solare.getByTestId("outreach-edit").click();
    const subject = solare.getByTestId("outreach-words-subject");
    await expect(subject).toBeFocused();
    await expect(subject).toHaveValue("{{ shop }} and {{ partner }}");
    await subject.fill("Bread and {{ cofee }}");
    await expect(solare).toContainText("Nothing is called `cofee`.");
    await expect(subject).toHaveAttribute("aria-invalid", "true");
    await subject.fill("Bread and coffee");
    const text = solare.getByTestId("outreach-words-text");
    await text.fill("Dear {{ partnr }},\n\nshall we?");
    await expect(solare.getByTestId("rules-errors")).toContainText("Line 1, column 9");
    await expect(solare.getByTestId("outreach-words-save")).toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await picture(page, "outreach-edit-wrong");
    await solare.getByTestId("rules-mend").click();
    await expect(text).toHaveValue("Dear {{ partner }},\n\nshall we?");
    await expect(solare.getByTestId("outreach-tried-subject")).toHaveText("Bread and coffee");
    await expect(solare.getByTestId("mail-view")).toContainText("Dear Solare Bakery,");
    await expectAccessible(page);
    await picture(page, "outreach-edit");
    await solare.getByTestId("outreach-words-save").click();
    await expect(solare.getByTestId("outreach-edit")).toBeFocused();
    await expect(solare.getByTestId("outreach-subject")).toHaveText("Bread and coffee");
    await expect(solare).toContainText("Edited by Ana");
  });

  test("what was changed meanwhile is not approved, and is shown as it is now", async ({ page }) => {
    await open(page, "mail=on&outreach=2&outreach_changed=yes");
    await page.getByTestId("outreach-approve").first().click();
    await expect(page.getByTestId("outreach-says")).toContainText("Somebody has changed a mail since you read it. Nothing was approved.");
    await expect(page.getByTestId("outreach-draft")).toHaveCount(2);
    await expectAccessible(page);
  });

  test("vendors are chosen with their address, from their link or here; who stopped it is not", async ({ page }) => {
    await open(page, "mail=on&outreach=0", "referrals");
    const link = page.getByTestId("link-row").first();
    await link.scrollIntoViewIfNeeded();
    await expect(link.getByTestId("link-write")).toHaveAttribute("href", /part=outreach&to=/);
    await picture(page, "outreach-links");
    await open(page, "mail=on&outreach=0", "mail?part=outreach&to=solare");
    const vendor = (code: string): Locator => page.locator(`[data-testid="outreach-vendor"][data-code="${code}"]`);
    await expect(vendor("solare").getByTestId("outreach-name")).toBeFocused();
    await expect(vendor("tailor").getByTestId("outreach-take")).toBeDisabled();
    await expect(vendor("tailor")).toContainText("They stopped your mails.");
    await expect(vendor("cinema")).toContainText("Mail to hello@cinema.example came back.");
    await vendor("bakery").getByTestId("outreach-take").check();
    await expect(vendor("bakery").getByTestId("outreach-address")).toHaveValue("hello@bakery.example");
    await expectAccessible(page);
    await picture(page, "outreach-choose");
    await page.getByTestId("outreach-draft-go").click();
    await expect(vendor("solare").getByTestId("outreach-address")).toBeFocused();
    await expect(vendor("solare").getByTestId("outreach-address")).toHaveAttribute("aria-invalid", "true");
    await vendor("solare").getByTestId("outreach-name").fill("Solare Bakery");
    await vendor("solare").getByTestId("outreach-address").fill("hello@solare.example");
    await expectAccessible(page);
    await page.getByTestId("outreach-draft-go").click();
    await expect(page.getByTestId("outreach-draft")).toHaveCount(2);
    await expect(vendor("solare")).toContainText("A mail to them waits for you already.");
    await expectAccessible(page);
  });

  test("what became of each says who and when and why; its text can be read", async ({ page }) => {
    await open(page, "mail=on&outreach=0");
    const row = (code: string): Locator => page.locator(`[data-testid="outreach-row"][data-code="${code}"]`);
    await expect(row("bakery")).toContainText("Sent");
    await expect(row("cinema")).toContainText("There is no such mailbox, its mail service says (5.1.1)");
    await expect(row("tailor")).toContainText("They don’t want this kind of mail.");
    await expect(row("books")).toContainText("Ben");
    await expect(row("flowers")).toContainText("quiet hours");
    await page.getByTestId("outreach-past").scrollIntoViewIfNeeded();
    await expectAccessible(page);
    await picture(page, "outreach-past");
    await row("bakery").getByTestId("outreach-show").click();
    await expect(page.getByTestId("outreach-dialog").getByTestId("mail-view")).toContainText("The Bakery");
    await expectAccessible(page);
    await picture(page, "outreach-shown");
    await page.getByTestId("dialog-close").click();
    await row("flowers").getByTestId("outreach-undo").click();
    await expect(page.locator('[data-testid="outreach-draft"][data-code="flowers"]')).toBeVisible();
  });

  test("says what to do without vendors, without mail, and with an older relay", async ({ page }) => {
    await open(page, "mail=on&outreach=none");
    await expect(page.getByText("No vendors yet")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "outreach-none");
    await open(page, "mail=unset&outreach=0");
    await expect(page.getByTestId("outreach-choose")).toContainText("No mail goes out yet");
    await open(page, "mail=on&outreach=old");
    await expect(page.getByText("then you can write to other shops here")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "outreach-old");
    await open(page, "mail=offline");
    await expect(page.getByText("The relay can’t be reached").first()).toBeVisible();
  });
});
