// One search box: what begins with the text, among artifacts, runs and tasks.

import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLoaded } from "../api/loading";
import { search } from "../api/operations";
import type { Found } from "../api/types";
import { plainText, shortId } from "../format/texts";
import { inNamespace, useNamespace } from "../state/namespace";
import { navigate } from "../state/router";
import { artifactPath, runPath, taskPath } from "../state/routes";

const WAIT_MS = 150;
const EACH = 6;

interface Hit {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  readonly to: string;
}

const NOTHING: Found = { artifacts: [], runs: [], tasks: [] };

function hitsOf(found: Found): readonly Hit[] {
  return [
    ...found.artifacts.map((each) => ({ kind: each.type, name: each.name, id: each.artifact_id, to: artifactPath(each.artifact_id) })),
    ...found.runs.map((each) => ({ kind: "Run", name: each.display_name ?? each.run_id, id: each.run_id, to: runPath(each.run_id) })),
    ...found.tasks.map((each) => ({ kind: "Task", name: each.display_name ?? each.name ?? each.task_id, id: each.task_id, to: taskPath(each.task_id) })),
  ];
}

/** A text once it has stood for a moment, so that not every letter asks the server. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(text), WAIT_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return settled;
}

/** `/` anywhere but in a field leads to the search. */
function useSlash(field: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [field]);
}

export function SearchBox() {
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const namespace = useNamespace();
  const wanted = useSettled(typed.trim());
  const { data, error, isLoading } = useLoaded(`search\n${namespace}\n${wanted}`, (signal) =>
    wanted ? search({ query: wanted, namespace, page_size: EACH }, signal) : Promise.resolve(NOTHING));
  useSlash(field);
  const hits = hitsOf(data ?? NOTHING);
  const isShown = isOpen && typed.trim() !== "";
  const go = (hit: Hit): void => {
    setOpen(false);
    setTyped("");
    field.current?.blur();
    navigate(inNamespace(hit.to, namespace));
  };
  const onKey = (event: KeyboardEvent): void => {
    const hit = hits[active];
    if (event.key === "ArrowDown") setActive(Math.min(hits.length - 1, active + 1));
    else if (event.key === "ArrowUp") setActive(Math.max(0, active - 1));
    else if (event.key === "Escape") setOpen(false);
    else if (event.key === "Enter" && hit && wanted === typed.trim()) go(hit);
    else return;
    event.preventDefault();
  };
  const says = error !== null ? "The search failed; try again" : isLoading || wanted !== typed.trim() ? "Searching…" : hits.length ? "" : "Nothing begins with this";
  return (
    <div className="search" role="search" onBlur={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false); }}>
      <label htmlFor={id} className="unseen">Search names and ids of artifacts, runs and tasks</label>
      <input ref={field} id={id} type="text" role="combobox" autoComplete="off" spellCheck={false} placeholder="Search names and ids" aria-expanded={isShown} aria-controls={`${id}-hits`} aria-autocomplete="list" aria-activedescendant={isShown && hits.length ? `${id}-${active}` : undefined} value={typed} onFocus={() => setOpen(true)} onKeyDown={onKey} onChange={(event) => { setTyped(event.target.value); setActive(0); setOpen(true); }} />
      <kbd aria-hidden="true">/</kbd>
      {isShown && (
        <div className="hits">
          <ul id={`${id}-hits`} role="listbox" aria-label="Found">
            {hits.map((hit, index) => (
              <li key={hit.to} id={`${id}-${index}`} role="option" aria-selected={index === active} onMouseDown={(event) => event.preventDefault()} onClick={() => go(hit)} onMouseMove={() => setActive(index)}>
                <span className="hit-kind">{hit.kind}</span>
                <span className="one-line">{plainText(hit.name)}</span>
                <span className="mono faint">{shortId(hit.id)}</span>
              </li>
            ))}
          </ul>
          <p role="status" className={says ? "faint hits-say" : "unseen"}>{says || `${hits.length} found`}</p>
        </div>
      )}
    </div>
  );
}
