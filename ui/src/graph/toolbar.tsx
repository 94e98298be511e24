// What can be done with a lineage: which part of it is drawn, searching in it, and taking it along.

import { useState } from "react";
import { download, fileName } from "../parts/download";
import { jsonOf, svgOf } from "./export";
import type { Layout } from "./layout";
import type { Graph, NodeId } from "./model";
import { DEPTH_MAX, type ExplorerState } from "./state";

interface ToolbarProps {
  readonly state: ExplorerState;
  readonly onChange: (change: Partial<ExplorerState>, replace?: boolean) => void;
  readonly graph: Graph;
  readonly layout: Layout;
  readonly matches: readonly NodeId[];
  readonly name: string;
}

const DIRECTIONS = [["both", "Both ways"], ["upstream", "Upstream only"], ["downstream", "Downstream only"]] as const;

export function Toolbar({ state, onChange, graph, layout, matches, name }: ToolbarProps) {
  const file = `lineage-${fileName(name)}`;
  return (
    <div className="graph-bar" role="toolbar" aria-label="Lineage">
      <select aria-label="Direction" value={state.direction} onChange={(event) => onChange({ direction: event.target.value as ExplorerState["direction"] })}>
        {DIRECTIONS.map(([value, title]) => <option key={value} value={value}>{title}</option>)}
      </select>
      <Depth depth={state.depth} onChange={(depth) => onChange({ depth })} />
      <Search state={state} onChange={onChange} matches={matches} />
      <span className="grow" />
      <button type="button" className="small" aria-pressed={state.as === "list"} onClick={() => onChange({ as: state.as === "list" ? "graph" : "list" })}>As a list</button>
      <button type="button" className="small" onClick={() => download(`${file}.svg`, svgOf(graph, layout), "image/svg+xml")}>SVG</button>
      <button type="button" className="small" onClick={() => download(`${file}.json`, JSON.stringify(jsonOf(graph), null, 2), "application/json")}>JSON</button>
    </div>
  );
}

function Depth({ depth, onChange }: { readonly depth: number; readonly onChange: (depth: number) => void }) {
  return (
    <span className="stepper" role="group" aria-label="Depth">
      <button type="button" className="small" aria-label="A hop less" disabled={depth <= 1} onClick={() => onChange(depth - 1)}>−</button>
      <span>{depth === 1 ? "1 hop" : `${depth} hops`}</span>
      <button type="button" className="small" aria-label="A hop more" disabled={depth >= DEPTH_MAX} onClick={() => onChange(depth + 1)}>+</button>
    </span>
  );
}

function Search({ state, onChange, matches }: Pick<ToolbarProps, "state" | "onChange" | "matches">) {
  const [typed, setTyped] = useState(state.find);
  const at = matches.indexOf(state.selected);
  const step = (by: number): void => {
    const next = matches[(at < 0 ? (by > 0 ? 0 : matches.length - 1) : at + by + matches.length) % matches.length];
    if (next) onChange({ selected: next }, true);
  };
  return (
    <form aria-label="Find" className="graph-find" onSubmit={(event) => { event.preventDefault(); step(1); }}>
      <input type="search" aria-label="Find in the lineage" placeholder="Find in it" value={typed} onChange={(event) => {
        setTyped(event.target.value);
        onChange({ find: event.target.value }, true);
      }} />
      {state.find && (
        <>
          <span className="faint" role="status">{matches.length ? `${at < 0 ? "" : `${at + 1} of `}${matches.length}` : "none"}</span>
          <button type="button" className="small" aria-label="The match before" disabled={!matches.length} onClick={() => step(-1)}>↑</button>
          <button type="submit" className="small" aria-label="The next match" disabled={!matches.length}>↓</button>
        </>
      )}
    </form>
  );
}
