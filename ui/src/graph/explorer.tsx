// A lineage to look around in: the drawing, what can be done with it, and the node that is selected.

import { useMemo } from "react";
import type { Polling } from "../api/loading";
import { Empty, Shown } from "../parts/notices";
import { Canvas } from "./canvas";
import { type Asked, frontierOf, startsOf } from "./explored";
import { layOut } from "./layout";
import { Legend } from "./legend";
import { type Found, useLineage } from "./loading";
import { drawn, type GraphNode, type NodeId, type Ref } from "./model";
import { nodeKind, nodeName } from "./naming";
import { NodeList } from "./node-list";
import { Panel } from "./panel";
import { type ExplorerState, folded, NODES_MAX, takenOf, unfolded } from "./state";
import { Toolbar } from "./toolbar";
import "../styles/graph.css";

interface ExplorerProps {
  readonly root: Ref;
  /** What the root is called, for the files that are saved. */
  readonly name: string;
  readonly state: ExplorerState;
  readonly onChange: (change: Partial<ExplorerState>, replace?: boolean) => void;
  readonly polling: Polling;
  /** `full` takes the height of the window, and the wheel. */
  readonly size: "part" | "full";
}

export function Explorer(props: ExplorerProps) {
  const { root, state, polling } = props;
  const { direction, depth, most, open } = state;
  const { kind, id } = root;
  const asked = useMemo<Asked>(() => ({ root: { kind, id }, direction, depth, most, open }), [kind, id, direction, depth, most, open]);
  const loaded = useLineage(asked, polling);
  return <Shown of={loaded} what="the lineage">{(found) => <Drawn {...props} asked={asked} found={found} isLoading={loaded.isLoading} />}</Shown>;
}

interface DrawnProps extends ExplorerProps {
  readonly asked: Asked;
  readonly found: Found;
  readonly isLoading: boolean;
}

function Drawn({ root, name, state, onChange, size, asked, found, isLoading }: DrawnProps) {
  const { known, totals } = found;
  const { kind, id } = root;
  const { folded: foldedIds, taken, selected, find } = state;
  const starts = useMemo(() => startsOf({ kind, id }, known), [kind, id, known]);
  const graph = useMemo(
    () => drawn(known, { starts, folded: new Set(foldedIds), taken: takenOf({ ...state, taken }), totals }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- of the state only what is taken counts here
    [known, starts, foldedIds, taken, totals],
  );
  const layout = useMemo(() => layOut(graph.nodes.map((node) => node.id), graph.edges), [graph]);
  const frontier = useMemo(() => frontierOf(known, asked), [known, asked]);
  const matches = useMemo(() => matching(graph.nodes, find), [graph, find]);
  const matchSet = useMemo(() => new Set(matches), [matches]);
  const node = graph.nodes.find((each) => each.id === selected);
  const select = (next: NodeId): void => onChange({ selected: next }, true);
  const unfold = (each: GraphNode): void => onChange({ ...unfolded(state, each), selected: each.id });
  if (!graph.nodes.length) return <Empty title={kind === "run" ? "The run has no task yet" : "Nothing is known of its lineage"} />;
  return (
    <div className={`explorer ${size}`} aria-busy={isLoading}>
      <Toolbar state={state} onChange={onChange} graph={graph} layout={layout} matches={matches} name={name} />
      <div className={node ? "graph-and-panel" : "graph-alone"}>
        {state.as === "list" ? <NodeList graph={graph} layout={layout} selected={selected} onSelect={select} /> : (
          <Canvas graph={graph} layout={layout} label={`Lineage: ${graph.nodes.length} nodes`} starts={starts} marksStarts={kind !== "run"} selected={selected} matches={matchSet} frontier={frontier} takesWheel={size === "full"} onSelect={select} onUnfold={unfold} />
        )}
        {node && <Panel node={node} known={known} isTaken={taken.some((entry) => entry.endsWith(` ${node.id}`))} hasMore={node.isFolded || frontier.has(node.id)} canFold={!node.isFolded && !starts.has(node.id)} onUnfold={() => unfold(node)} onFold={() => onChange(folded(state, node))} onClose={() => select("")} />}
      </div>
      <footer className="graph-foot">
        <Legend />
        <span className="grow" />
        {known.isCut && <Cut most={state.most} nodes={known.artifacts.size + known.tasks.size} onMore={(more) => onChange({ most: more })} />}
      </footer>
    </div>
  );
}

/** The nodes that have a text in their name, kind or id, in their order. */
export function matching(nodes: readonly GraphNode[], find: string): readonly NodeId[] {
  const wanted = find.trim().toLowerCase();
  if (!wanted) return [];
  return nodes.filter((node) => `${nodeName(node)}\n${nodeKind(node)}\n${node.id}`.toLowerCase().includes(wanted)).map((node) => node.id);
}

function Cut({ most, nodes, onMore }: { readonly most: number; readonly nodes: number; readonly onMore: (most: number) => void }) {
  // A depth cuts too, and so the answer says; only where the limit of nodes is reached does more of them help.
  if (nodes < most) return null;
  return (
    <span role="status" className="graph-cut">
      Cut here, at {nodes.toLocaleString("en-US")} nodes.{" "}
      {most < NODES_MAX ? <button type="button" className="small" onClick={() => onMore(Math.min(NODES_MAX, most * 3))}>Show more</button> : "No more can be drawn at once: centre on another node, or look one way only."}
    </span>
  );
}
