// The head of the page: where to go, the namespace, the search, light or dark, and signing out.

import { useState } from "react";
import { signOut } from "../api/key";
import { Link } from "../parts/link";
import { METRICS_PATH, type View } from "../state/routes";
import { chooseTheme, chosenTheme, type Theme } from "../state/theme";
import { NamespacePicker } from "./namespace-picker";
import { SearchBox } from "./search-box";

const PLACES = [
  { to: "/artifacts", title: "Artifacts", views: ["artifacts", "artifact"] },
  { to: "/runs", title: "Runs", views: ["runs", "run"] },
  { to: "/tasks", title: "Tasks", views: ["tasks", "task"] },
  { to: METRICS_PATH, title: "Metrics", views: ["metrics"] },
] as const;

interface HeadProps {
  readonly view: View;
  readonly hasKey: boolean;
  readonly isKeyWanted: boolean;
}

export function Head({ view, hasKey, isKeyWanted }: HeadProps) {
  return (
    <header className="head">
      <Link to="/" className="brand" label="artifactd, home">
        <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M9 10.5 16 16M9 21.5 16 16M16 16h7.5" /><circle cx="8.5" cy="10" r="3" /><circle cx="8.5" cy="22" r="3" /><circle cx="23.5" cy="16" r="3" /></svg>
        <span>artifactd</span>
      </Link>
      <nav aria-label="Views">
        {PLACES.map(({ to, title, views }) => (
          <Link key={to} to={to} current={views.some((name) => name === view.name)}>{title}</Link>
        ))}
      </nav>
      <div className="head-tools">
        {!isKeyWanted && <SearchBox />}
        {!isKeyWanted && <NamespacePicker />}
        <ThemeSwitch />
        {hasKey && !isKeyWanted && <button type="button" className="quiet" onClick={signOut}>Sign out</button>}
      </div>
    </header>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const MARKS: Readonly<Record<Theme, string>> = { system: "◐", light: "☀", dark: "☾" };

function ThemeSwitch() {
  const [theme, setTheme] = useState(chosenTheme);
  const turn = (): void => {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  const says = theme === "system" ? "as the system" : theme;
  return (
    <button type="button" className="quiet square" onClick={turn} aria-label={`Colours: ${says}. Change to ${NEXT[theme]}`} title={`Colours: ${says}`}>
      <span aria-hidden="true">{MARKS[theme]}</span>
    </button>
  );
}
