// How both windows are built and unit-tested: two entry pages, one bundle, messages compiled on the way.
// Mode `fake` adds the in-browser shop (src/shared/backend/fake); the app's own build never contains it.
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Where the page tests are served; each port has its own build, so two runs at once don't disturb each other. */
const port = Number(process.env["PAGES_PORT"] ?? 4173);
/** What the in-browser shop's SQLite needs beyond the app's policy: to be fetched and compiled. */
const FAKE_CSP: Record<string, string> = { "script-src": "'wasm-unsafe-eval'", "connect-src": "'self'" };
/** The app's own content security policy, so that the page tests run under it too. */
function appCsp(): string {
  const app = JSON.parse(readFileSync(here("../tauri.conf.json"), "utf8")) as { app: { security: { csp: Record<string, string> } } };
  return Object.entries(app.app.security.csp)
    .map(([what, from]) => [what, from, FAKE_CSP[what]].filter(Boolean).join(" "))
    .join("; ");
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => {
  const fake = mode === "fake" || mode === "test";
  return {
    plugins: [
      // Under test the messages are compiled beforehand (`npm test`): the plugin's watcher would keep Vitest alive.
      mode !== "test" &&
        paraglideVitePlugin({
          project: here("./project.inlang"),
          outdir: here("./src/paraglide"),
          strategy: ["localStorage", "preferredLanguage", "baseLocale"],
        }),
      svelte(),
      svelteTesting(),
    ],
    define: { __FAKE_BACKEND__: JSON.stringify(fake) },
    clearScreen: false,
    // The in-browser shop runs the store's own migrations; SQLite's WebAssembly must not be pre-bundled.
    server: { port: 5173, strictPort: true, fs: { allow: [".", "../migrations"] } },
    optimizeDeps: { exclude: ["@sqlite.org/sqlite-wasm"] },
    preview: { port, strictPort: true, headers: mode === "fake" ? { "Content-Security-Policy": appCsp() } : {} },
    build: {
      outDir: mode === "fake" ? `dist-fake/${port}` : "dist",
      emptyOutDir: true,
      // WebKitGTK 2.44, WKWebView of Safari 17.5 and WebView2 of the same spring: all know `light-dark()`.
      target: ["safari17.5", "chrome123"],
      modulePreload: { polyfill: false },
      // Fonts and scripts stay files: the windows' CSP allows no `data:` but images.
      assetsInlineLimit: 0,
      rollupOptions: { input: { till: here("./index.html"), owner: here("./owner.html") } },
    },
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.ts"],
      setupFiles: ["./tests/setup.ts"],
      restoreMocks: true,
      // A busy machine is slow, not wrong.
      testTimeout: 60_000,
      env: { TZ: "UTC" },
    },
  };
});
