// Light, dark, or as the machine says; kept on this machine.

export type Theme = "auto" | "light" | "dark";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

/** What was chosen here. */
export function theme(): Theme {
  const kept = localStorage.getItem("theme");
  return kept === "light" || kept === "dark" ? kept : "auto";
}

/** Puts the choice on the page. */
export function applyTheme(): void {
  const chosen = theme();
  if (chosen === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}

/** Goes to the next one, and answers it. */
export function nextTheme(): Theme {
  localStorage.setItem("theme", NEXT[theme()]);
  applyTheme();
  return theme();
}
