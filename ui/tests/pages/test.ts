// The page tests' own `test`: a page that logged an error, threw, or broke the content policy fails its test.
import { test as base } from "@playwright/test";

export { expect } from "@playwright/test";

export const test = base.extend({
  page: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
    });
    await use(page);
    if (errors.length > 0) throw new Error(`the page complained:\n${errors.join("\n")}`);
  },
});
