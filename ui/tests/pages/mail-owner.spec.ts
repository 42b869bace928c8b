// The owner's mail: what is about to go out and stopping it, what went out, jobs, the words with their preview and
// versions, how it is sent; and what stands there without a relay, or with one that can't do it.
import type { Locator, Page } from "@playwright/test";
import { expectAccessible } from "./helpers";
import { expect, test } from "./test";

const READY = { timeout: 45_000 };

async function open(page: Page, mail: string, part = ""): Promise<void> {
  await page.clock.setFixedTime(new Date("2026-11-20T22:00:00Z"));
  await page.goto(`/owner.html?members=40&relay=in_sync${mail && `&mail=${mail}`}#/mail${part && `?part=${part}`}`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible(READY);
  await expect(page.locator(".bones")).toHaveCount(0, READY);
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["REGULARS_SCREENSHOTS"];
  const size = page.viewportSize();
  if (folder && size) await page.screenshot({ path: `${folder}/${name}-${size.width}.png` });
}

test.describe("the owner's mail", () => {
  test.describe.configure({ timeout: 90_000 });

  test("shows what is about to go out, stops one and all of a kind, and takes it back", async ({ page }) => {
    await open(page, "on");
    const points = page.locator('[data-testid="mail-kind"][data-kind="balance"]');
    await expect(points).toContainText("9 mails");
    await expect(points.getByTestId("mail-waiting").first()).toContainText("Their points changed");
    await expect(page.locator('[data-kind="reward_earned"]')).toContainText("Enough points for Free coffee");
    await expect(page.locator('[data-kind="reward_earned"]')).toContainText("quiet hours");
    // By name, as the till knows them: the relay tells no names.
    await expect(points.getByTestId("mail-waiting").first().getByRole("link")).toHaveText(/\S/);
    await expectAccessible(page);
    await picture(page, "mail-tonight");
    await points.getByTestId("mail-stop").first().click();
    await expect(points.getByText("1 mail is stopped")).toBeVisible();
    await expect(points.locator('[data-state="stopped"]')).toHaveCount(1);
    await points.getByTestId("mail-stop-all").click();
    await expect(points.locator('[data-state="stopped"]')).toHaveCount(9);
    await expect(points.getByTestId("mail-stop-all")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "mail-stopped");
    await points.getByTestId("mail-undo").first().click();
    await expect(points.locator('[data-state="stopped"]')).toHaveCount(8);
    await points.getByTestId("mail-undo-all").click();
    await expect(points.locator('[data-state="stopped"]')).toHaveCount(0);
    await expect(page.getByTestId("mail-ends")).toContainText("1,284");
    await page.getByTestId("mail-show").selectOption("failed");
    await expect(page.getByTestId("mail-gone")).toHaveCount(1);
    await expect(page.getByTestId("mail-gone")).toContainText("There is no such mailbox (550 5.1.1)");
    for (const [state, words] of [
      ["bounced", "There is no such mailbox, its mail service says (5.1.1)"],
      ["bounced_softly", "could not take it this time (4.2.2)"],
      ["complained", "They reported it as spam"],
    ] as const) {
      await page.getByTestId("mail-show").selectOption(state);
      await expect(page.getByTestId("mail-gone")).toHaveCount(1);
      await expect(page.getByTestId("mail-gone")).toContainText(words);
      await expect(page.getByTestId("mail-gone")).not.toContainText("Sent");
    }
    await page.getByTestId("mail-show").selectOption("cancelled");
    await expect(page.getByTestId("mail-gone").filter({ hasText: "They don’t want this kind of mail." })).toHaveCount(1);
    await page.getByTestId("mail-show").selectOption("all");
    await page.getByTestId("mail-gone").last().scrollIntoViewIfNeeded();
    await picture(page, "mail-gone");
  });

  test("says plainly what is stuck, paused or not set yet", async ({ page }) => {
    await open(page, "stuck");
    await expect(page.getByTestId("mail-stuck")).toContainText("1 mail should have gone out by now");
    await expect(page.getByTestId("mail-stuck")).toContainText("the name or the password (535)");
    await expectAccessible(page);
    await picture(page, "mail-stuck");
    await open(page, "paused");
    await expectAccessible(page);
    await picture(page, "mail-paused");
    await page.getByTestId("mail-resume").click();
    await expect(page.getByTestId("mail-paused")).toHaveCount(0);
    await open(page, "unset");
    await expect(page.getByTestId("mail-unset")).toBeVisible();
    await expect(page.getByText("Nothing waits")).toBeVisible();
    await expectAccessible(page);
    await picture(page, "mail-unset");
  });

  for (const [mail, words] of [
    ["", "Mail needs a relay"],
    ["old", "It is older than this app"],
    ["offline", "The relay can’t be reached"],
  ] as const) {
    test(`says what to do ${mail ? `with a relay that is ${mail}` : "without a relay"}`, async ({ page }) => {
      await open(page, mail);
      await expect(page.getByText(words).first()).toBeVisible();
      await expectAccessible(page);
      await picture(page, `mail-none-${mail || "alone"}`);
    });
  }

  test("the relay's own backups are seen, and one is asked for, once an hour", async ({ page }) => {
    await open(page, "on", "jobs");
    const state = page.getByTestId("relay-backup-state");
    await expect(state).toContainText("Last good backup");
    await page.getByTestId("relay-backup").getByText("The last ones").click();
    await expect(page.getByTestId("relay-backup-run")).toHaveCount(3);
    await expect(page.getByTestId("relay-backup-run").nth(1)).toContainText("not made");
    await expect(page.getByTestId("mail-runs")).not.toContainText("ackup");
    await page.getByTestId("relay-backup-now").click();
    await expect(state).toContainText("One was asked for");
    await page.getByTestId("relay-backup-now").click();
    await expect(page.getByTestId("relay-backup-wrong")).toContainText("within the hour");
    await expectAccessible(page);
    await picture(page, "mail-backups");
  });

  test("jobs say when they run, are changed, run now and switched off", async ({ page }) => {
    await open(page, "on", "jobs");
    const job = page.locator('[data-testid="mail-job"][data-job="balance"]');
    await expect(job.getByTestId("job-calendar")).toHaveText(/Every day at 7:00.PM/);
    await expectAccessible(page);
    await picture(page, "mail-jobs");
    await job.getByTestId("job-change").click();
    await expect(job.getByTestId("job-often")).toBeFocused();
    await job.getByTestId("job-often").selectOption("weekly");
    await job.getByTestId("job-weekday").selectOption("5");
    await job.getByTestId("job-time").fill("18:30");
    await expectAccessible(page);
    await picture(page, "mail-job-change");
    await job.getByTestId("job-save").click();
    await expect(job.getByTestId("job-calendar")).toHaveText(/Every Friday at 6:30.PM/);
    await job.getByTestId("job-change").click();
    await job.getByTestId("job-often").selectOption("own");
    await job.getByTestId("job-fields").fill("every day");
    await job.getByTestId("job-save").click();
    await expect(job.getByText("These are not five fields")).toBeVisible();
    await expect(job.getByTestId("job-fields")).toHaveAttribute("aria-invalid", "true");
    await expectAccessible(page);
    await job.getByTestId("job-off").click();
    await expect(job.getByText("Off", { exact: true })).toBeVisible();
    await job.getByTestId("job-run").click();
    await expect(job.getByTestId("job-ran")).toHaveText("It ran. 12 mails were queued.");
    await expect(page.getByTestId("mail-runs").getByRole("row")).toHaveCount(6);
  });

  for (const [name, title, usual, next, changed, words] of [
    ["lapsing", "Who stayed away", /Every Monday at 9:00.AM/, "Nov 23", "weekly", /Every Wednesday at 10:15.AM/],
    ["summary", "Monthly summary", /On the first Monday of the month at 9:00.AM/, "Dec 7", "monthly", /On the first Wednesday of the month at 10:15.AM/],
  ] as const) {
    test(`the job ${name} says when it runs and what was missed, is changed, switched off and on, and run now`, async ({ page }) => {
      await open(page, "on", "jobs");
      const job = page.locator(`[data-testid="mail-job"][data-job="${name}"]`);
      const runs = page.getByTestId("mail-runs");
      await expect(job.getByRole("heading", { level: 2 })).toContainText(title);
      await expect(job.getByTestId("job-calendar")).toHaveText(usual);
      await expect(job).toContainText(next);
      const before = runs.getByRole("row").filter({ hasText: title });
      await expect(before).toHaveCount(1);
      await expect(before).toContainText(name === "lapsing" ? /Done.*7/ : /more than two weeks late.*0/);
      await job.getByTestId("job-change").click();
      await expect(job.getByTestId("job-often")).toHaveValue(changed);
      await expect(job.getByTestId("job-weekday")).toHaveValue("1");
      await job.getByTestId("job-weekday").selectOption("3");
      await job.getByTestId("job-time").fill("10:15");
      await expectAccessible(page);
      await job.scrollIntoViewIfNeeded();
      await picture(page, `mail-job-${name}`);
      await job.getByTestId("job-save").click();
      await expect(job.getByTestId("job-calendar")).toHaveText(words);
      await expect(job.getByTestId("job-change")).toBeFocused();
      await job.getByTestId("job-change").click();
      await job.getByTestId("job-off").click();
      await expect(job.getByText("Off", { exact: true })).toBeVisible();
      await expect(job.getByTestId("job-calendar")).toHaveCount(0);
      // Off is off by the calendar alone.
      await job.getByTestId("job-run").click();
      await expect(job.getByTestId("job-ran")).toContainText("It ran.");
      await expect(before).toHaveCount(2);
      await expect(before.first()).toContainText(/Done.*12/);
      await expectAccessible(page);
      await runs.scrollIntoViewIfNeeded();
      await picture(page, `mail-job-${name}-ran`);
      await job.getByTestId("job-change").click();
      await job.getByTestId("job-save").click();
      await expect(job.getByTestId("job-calendar")).toHaveText(/\S/);
      await expect(job.getByText("Off", { exact: true })).toHaveCount(0);
    });
  }

  test("whether mail arrives is said in words, with each record to enter and a way to copy it", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(page, "on", "settings");
    const look = page.getByTestId("mail-arrives-look");
    const found = (what: string): Locator => page.locator(`[data-testid="mail-finding"][data-what="${what}"]`);
    await look.click();
    await expect(page.getByTestId("mail-finding")).toHaveCount(5);
    await expect(page.getByTestId("mail-arrives-sum")).toContainText("Some things are to be done");
    await expect(found("server")).toContainText("lets you in");
    await expect(found("spf")).toContainText("does not name smtp.example.com");
    await expect(found("mx").getByText("In order")).toBeVisible();
    await expect(found("mx").getByTestId("mail-record-copy")).toHaveCount(0);
    await expectAccessible(page);
    await found("spf").scrollIntoViewIfNeeded();
    await picture(page, "mail-arrives");
    const text = await found("dmarc").getByRole("textbox").inputValue();
    expect(text).toBe("v=DMARC1; p=none; rua=mailto:ana@harbour.example");
    await found("dmarc").getByTestId("mail-record-copy").click();
    await expect(found("dmarc").getByTestId("mail-record-copy")).toHaveText("Copied");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
    // Not at once again: what it found stays.
    await look.click();
    await expect(page.getByText("Wait ten seconds")).toBeVisible();
    await expect(page.getByTestId("mail-finding")).toHaveCount(5);
    await expectAccessible(page);
    // What is not saved yet can't be looked at.
    await page.getByTestId("mail-sender").fill("hello@other.example");
    await expect(look).toHaveAttribute("aria-disabled", "true");
    await open(page, "stuck", "settings");
    await look.click();
    await expect(found("server")).toContainText("(535)");
    await expect(found("spf")).toContainText("more than ten look-ups");
    // A newer relay's finding is said in its own words.
    await expect(found("mx")).toContainText("In English.");
    await expectAccessible(page);
    await page.getByTestId("mail-arrives").scrollIntoViewIfNeeded();
    await picture(page, "mail-arrives-stuck");
  });

  test("in a Spanish window what the relay found is Spanish", async ({ page }) => {
    await page.addInitScript(() => localStorage.setItem("PARAGLIDE_LOCALE", "es"));
    await open(page, "on", "settings");
    await page.getByTestId("mail-arrives-look").click();
    await expect(page.locator('[data-testid="mail-finding"][data-what="spf"]')).toContainText("Su registro SPF no nombra a smtp.example.com");
    await expectAccessible(page);
    await page.getByTestId("mail-arrives").scrollIntoViewIfNeeded();
    await picture(page, "mail-arrives-es");
    await open(page, "on", "voice");
    const text = page.getByTestId("voice-text");
    await text.fill((await text.inputValue()).replace("{{ name }}", "{{ naem }}"));
    await expect(page.getByTestId("rules-errors")).toContainText("Nada se llama «naem». ¿Quería decir «name»?");
    await picture(page, "mail-voice-wrong-es");
  });

  test("the words are mended at their places, previewed, published and rolled back", async ({ page }) => {
    await open(page, "on", "voice");
    const text = page.getByTestId("voice-text");
    const sheet = page.getByTestId("mail-view");
    await expect(page.getByTestId("preview-subject")).toHaveText("You have earned: Free coffee");
    await expect(sheet).toContainText("Free coffee");
    await expectAccessible(page);
    await picture(page, "mail-voice");
    await text.fill((await text.inputValue()).replace("{{ name }}", "{{ naem }}"));
    await expect(page.getByText("1 thing to mend")).toBeVisible();
    await expect(page.getByTestId("rules-errors")).toContainText("Did you mean");
    await expect(page.getByTestId("voice-publish")).toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await picture(page, "mail-voice-wrong");
    await page.getByTestId("rules-mend").click();
    await expect(page.getByTestId("rules-errors")).toHaveCount(0);
    await text.fill((await text.inputValue()).replace("You have earned", "Come and get it"));
    await expect(page.getByTestId("preview-subject")).toHaveText("Come and get it: Free coffee");
    await page.getByTestId("voice-publish").click();
    await expect(page.getByTestId("voice-confirm")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "mail-voice-publish");
    await page.getByTestId("voice-confirm").click();
    await expect(page.getByText("Version 3 is in force")).toBeVisible();
    await page.getByTestId("versions").getByRole("link", { name: /Version 1/ }).click();
    await expect(page.getByTestId("old-version")).toContainText("Version 1");
    await expectAccessible(page);
    await picture(page, "mail-voice-version");
    await page.getByTestId("rollback").click();
    await page.getByTestId("rollback-confirm").click();
    await expect(page.getByText("Version 4 is in force")).toBeVisible();
  });

  test("a mail is shown to a real member, on a phone and a desk, in light and dark, and leads nowhere", async ({ page }) => {
    await open(page, "on", "voice");
    const sheet = page.getByTestId("mail-view");
    await page.getByTestId("preview-member").pressSequentially("a");
    await page.locator(".picker-item[role=option]").first().click();
    const name = await page.getByTestId("preview-member-clear").innerText();
    await expect(sheet).toContainText(`Hello ${name.split(" ", 1).join("")}`);
    expect((await sheet.boundingBox())?.width).toBeLessThanOrEqual(376);
    const paper = (): Promise<string> => sheet.locator(".host").evaluate((host) => getComputedStyle(host.shadowRoot?.querySelector("td") ?? host).backgroundColor + getComputedStyle(host.shadowRoot?.querySelector("table table td") ?? host).backgroundColor);
    const light = await paper();
    await sheet.scrollIntoViewIfNeeded();
    await picture(page, "mail-preview-phone");
    await page.getByTestId("preview-dark").click();
    await page.getByTestId("preview-desk").click();
    expect(await paper()).not.toBe(light);
    expect((await sheet.boundingBox())?.width).toBeGreaterThan(500);
    await expectAccessible(page);
    await sheet.scrollIntoViewIfNeeded();
    await picture(page, "mail-preview-dark");
    expect(await sheet.locator("a, script, style, img, form").count()).toBe(0);
  });

  test("how it is sent is checked field by field; the password is never shown, and the test says how it went", async ({ page }) => {
    await open(page, "on", "settings");
    await expect(page.getByTestId("mail-password")).toHaveValue("");
    await expect(page.getByTestId("mail-save")).toHaveAttribute("aria-disabled", "true");
    await expectAccessible(page);
    await picture(page, "mail-settings");
    await page.getByTestId("mail-sender").fill("nobody");
    await page.getByTestId("mail-save").click();
    await expect(page.locator("#mail-sender-error")).toContainText("not an email address");
    await expect(page.getByTestId("mail-sender")).toBeFocused();
    await expectAccessible(page);
    await picture(page, "mail-settings-wrong");
    await page.getByTestId("mail-sender").fill("hello@harbour.example");
    await page.getByTestId("mail-host").fill("192.168.1.4");
    await page.getByTestId("mail-save").click();
    await expect(page.locator("#mail-host-error")).toContainText("private network");
    await page.getByTestId("mail-host").fill("mail.example.com");
    await page.getByTestId("mail-save").click();
    await expect(page.locator("#mail-password-error")).toContainText("anew");
    await page.getByTestId("mail-password").fill("hunter2");
    await page.getByTestId("mail-security").selectOption("starttls");
    await expect(page.getByTestId("mail-port")).toHaveValue("587");
    await page.getByTestId("mail-save").click();
    await expect(page.getByTestId("mail-saved")).toHaveText("Saved.");
    await expect(page.getByTestId("mail-password")).toHaveValue("");
    await page.getByTestId("mail-test").click();
    await expect(page.getByTestId("mail-saved")).toContainText("ana@harbour.example");
    await open(page, "stuck", "settings");
    await page.getByTestId("mail-test").click();
    await expect(page.getByRole("alert")).toContainText("(535)");
    await expectAccessible(page);
    await open(page, "unset", "settings");
    await expect(page.getByTestId("mail-test")).toHaveCount(0);
    await expectAccessible(page);
    await picture(page, "mail-settings-new");
  });
});
