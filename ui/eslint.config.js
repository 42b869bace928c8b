// What the linter holds: typed rules for scripts and components, and the one folder that may talk to Tauri.
import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist", "dist-fake", "node_modules", "src/paraglide", "src/shared/backend/bindings.ts", "test-results", "playwright-report", "project.inlang"] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, __FAKE_BACKEND__: "readonly" } },
    rules: {
      "max-lines": ["error", { max: 450 }],
      "no-console": "error",
      "no-undef": "off",
      eqeqeq: "error",
      "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-imports": ["error", { patterns: [{ group: ["@tauri-apps/*"], message: "Only src/shared/backend may talk to Tauri." }] }],
    },
  },
  { files: ["src/shared/backend/**"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"], svelteConfig } },
  },
  { files: ["*.js", "*.ts", "tests/**"], languageOptions: { globals: globals.node } },
);
