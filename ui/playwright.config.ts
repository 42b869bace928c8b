// The page tests: the build with the in-browser shop, in the machine's own Chromium, at both sizes.
import { defineConfig } from "@playwright/test";
import { execFileSync } from "node:child_process";

const port = process.env["PAGES_PORT"] ?? "4173";

/** The browser named by CHROMIUM, else the first one found on the path. Never a downloaded one. */
function chromium(): string {
  if (process.env["CHROMIUM"]) return process.env["CHROMIUM"];
  for (const name of ["chromium", "chromium-browser", "google-chrome", "chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      continue;
    }
  }
  throw new Error("No Chromium on this machine. Install one, or name it in CHROMIUM.");
}

export default defineConfig({
  testDir: "tests/pages",
  outputDir: `test-results/${port}`,
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  retries: 0,
  reporter: "list",
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    locale: "en-US",
    timezoneId: "Europe/Berlin",
    launchOptions: { executablePath: chromium(), args: ["--no-sandbox"] },
    trace: "retain-on-failure",
  },
  projects: [
    { name: "1280x800", use: { viewport: { width: 1280, height: 800 } } },
    { name: "1024x768", use: { viewport: { width: 1024, height: 768 }, colorScheme: "dark" } },
  ],
  webServer: { command: "npx vite preview --mode fake --host 127.0.0.1", url: `http://127.0.0.1:${port}`, reuseExistingServer: false },
});
