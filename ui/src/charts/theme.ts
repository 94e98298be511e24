// The page's colours for what is painted.

import { useSyncExternalStore } from "react";
import { colourOf, isDark } from "../state/theme";

export interface Colours {
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly ground: string;
  readonly bad: string;
  readonly series: readonly string[];
}

// Told apart by people who see no red or no green too (after Okabe and Ito), darker on white.
const LIGHT = ["#0b6965", "#c45a00", "#4a5fc1", "#a8326f", "#8a6d00", "#2b7fb8", "#7a4ea3", "#3f7d20", "#b3261e", "#5d6b6e"];
const DARK = ["#5cc9c1", "#f0a04b", "#9aa8ff", "#f08abf", "#e3c94f", "#7fc4f0", "#c3a2f2", "#9ed67a", "#ff8f86", "#b7c3c4"];

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", listener);
  window.addEventListener("themechange", listener);
  return () => {
    media.removeEventListener("change", listener);
    window.removeEventListener("themechange", listener);
  };
}

let known: { readonly dark: boolean; readonly colours: Colours } | null = null;

/** The colours as they are now; the same object as long as they are. */
function coloursNow(): Colours {
  const dark = isDark();
  if (known?.dark !== dark) {
    known = { dark, colours: { ink: colourOf("--ink"), soft: colourOf("--ink-soft"), line: colourOf("--line"), ground: colourOf("--surface"), bad: colourOf("--bad"), series: dark ? DARK : LIGHT } };
  }
  return known.colours;
}

export const useColours = (): Colours => useSyncExternalStore(subscribe, coloursNow);

/** The colour of a series, again from the start where there are more than colours. */
export const seriesColour = (colours: Colours, index: number): string => colours.series[index % colours.series.length] ?? colours.ink;
