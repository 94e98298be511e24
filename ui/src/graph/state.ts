// What a reader has made of a lineage: all of it can stand in an address.

import { choice, integer, list, text } from "../state/codec";
import type { Direction } from "./explored";
import { BUNDLE_STEP, type GraphNode, type NodeId } from "./model";

export interface ExplorerState {
  readonly direction: Direction;
  readonly depth: number;
  readonly most: number;
  readonly open: readonly NodeId[];
  readonly folded: readonly NodeId[];
  /** Bundles and how many stand beside them, as `20 bundle:downstream:artifact:…`. */
  readonly taken: readonly string[];
  readonly selected: NodeId;
  readonly find: string;
  readonly as: "graph" | "list";
}

export const DEPTH_MAX = 50;
/** What the API gives at most. */
export const NODES_MAX = 10_000;
const NODES_DEFAULT = 300;
const UNFOLDED_MAX = 40;

export const explorerParams = {
  direction: choice(["both", "upstream", "downstream"]),
  depth: integer(2, 1, DEPTH_MAX),
  most: integer(NODES_DEFAULT, 1, NODES_MAX),
  open: list(UNFOLDED_MAX),
  folded: list(100),
  taken: list(100),
  selected: text(),
  find: text(),
  as: choice(["graph", "list"]),
};

export const FRESH: ExplorerState = {
  direction: "both", depth: 2, most: NODES_DEFAULT, open: [], folded: [], taken: [], selected: "", find: "", as: "graph",
};

/** How many of each bundle stand beside it. */
export function takenOf(state: ExplorerState): ReadonlyMap<NodeId, number> {
  return new Map(state.taken.flatMap((entry) => {
    const [count = "", ...rest] = entry.split(" ");
    return /^\d{1,6}$/.test(count) ? [[rest.join(" "), Number(count)] as const] : [];
  }));
}

const without = <T>(all: readonly T[], one: T): readonly T[] => all.filter((each) => each !== one);

/** Shows what lies behind a node: what was folded, the next of a bundle, or what is not yet asked for. */
export function unfolded(state: ExplorerState, node: GraphNode): Partial<ExplorerState> {
  if (node.kind === "bundle") {
    const taken = takenOf(state);
    const next = new Map([...taken, [node.id, (taken.get(node.id) ?? 0) + BUNDLE_STEP]]);
    return { taken: [...next].map(([id, count]) => `${count} ${id}`) };
  }
  if (state.folded.includes(node.id)) return { folded: without(state.folded, node.id) };
  return { open: [...without(state.open, node.id), node.id].slice(-UNFOLDED_MAX) };
}

/** Hides what lies behind a node; a bundle takes all of its own back. */
export function folded(state: ExplorerState, node: GraphNode): Partial<ExplorerState> {
  if (node.kind === "bundle") return { taken: state.taken.filter((entry) => !entry.endsWith(` ${node.id}`)) };
  return { folded: [...without(state.folded, node.id), node.id] };
}
