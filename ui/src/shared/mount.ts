// How a window comes up: fonts and tokens, the page's language, the backend, the first component.
import "@fontsource-variable/inter/standard.css";
import { mount, type Component } from "svelte";
import { getLocale } from "../paraglide/runtime";
import { openBackend, type Backend } from "./backend";
import { applyTheme } from "./theme";
import "./styles/tokens.css";
import "./styles/base.css";

/** Mounts `app` into the page, handing it the backend. */
export async function mountWindow(app: Component<{ backend: Backend }>): Promise<void> {
  document.documentElement.lang = getLocale();
  applyTheme();
  const target = document.getElementById("app");
  if (!target) throw new Error("the page has no #app");
  mount(app, { target, props: { backend: await openBackend() } });
}
