// Light or dark: as the system says, unless the reader has chosen; the choice is kept in this browser.

export type Theme = "system" | "light" | "dark";

const NAME = "artifactd-theme";

export function chosenTheme(): Theme {
  const kept = localStorage.getItem(NAME);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(NAME);
  else localStorage.setItem(NAME, theme);
  applyTheme(theme);
  window.dispatchEvent(new Event("themechange"));
}

/** Whether the page is dark now; charts and graphs, which are painted, ask. They listen for `themechange`. */
export function isDark(): boolean {
  const chosen = chosenTheme();
  return chosen === "system" ? window.matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
}

/** A colour of styles/tokens.css, such as `--accent`, as it is now: for what is painted and knows no style sheet. */
export function colourOf(name: `--${string}`): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
