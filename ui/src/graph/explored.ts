// What a view of a lineage asks for, and which of its nodes have neighbours that nobody has asked for yet.

import type { LineageQuery } from "../api/operations";
import { type Known, Neighbours, type NodeId, nodeId, type Ref, refOf } from "./model";

export type Direction = "both" | "upstream" | "downstream";

export interface Asked {
  readonly root: Ref;
  readonly direction: Direction;
  /** How many hops from the root; a hop is from artifact to artifact, or from task to task. */
  readonly depth: number;
  /** How many nodes at most. */
  readonly most: number;
  /** Nodes that were unfolded: another hop around each. */
  readonly open: readonly NodeId[];
}

interface Centre {
  readonly query: LineageQuery;
  readonly links: number;
  readonly node: NodeId;
}

/** So many nodes come with one that is unfolded. */
export const UNFOLDED_MAX = 200;
const LINKS_A_HOP = 2;

/** One question for the root and one for each node that was unfolded. */
export function centresOf({ root, direction, depth, most, open }: Asked): readonly Centre[] {
  const centre = (ref: Ref, hops: number, nodes: number): Centre => {
    // A run is all its tasks, and their artifacts are nearer than a hop.
    const links = hops * LINKS_A_HOP - (ref.kind === "run" ? 1 : 0);
    const walk = { direction: direction.toUpperCase() as "BOTH", max_depth: links, max_nodes: nodes };
    return { node: nodeId(ref.kind, ref.id), links, query: { [`${ref.kind}_id`]: ref.id, ...walk } };
  };
  return [centre(root, depth, most), ...open.map((node) => centre(refOf(node), 1, UNFOLDED_MAX))];
}

/** Where a drawing begins: the root, or all tasks of the run that it is. */
export function startsOf(root: Ref, known: Known): ReadonlySet<NodeId> {
  if (root.kind !== "run") return new Set([nodeId(root.kind, root.id)]);
  return new Set([...known.tasks].filter(([, task]) => task.run_id === root.id).map(([id]) => id));
}

/** The nodes at the edge of what was asked for: more may lie behind them. */
export function frontierOf(known: Known, asked: Asked): ReadonlySet<NodeId> {
  const neighbours = new Neighbours(known.edges);
  const explored = new Set<NodeId>();
  for (const { node, links } of centresOf(asked)) {
    const starts = node.startsWith("run:") ? startsOf(asked.root, known) : new Set([node]);
    for (const id of within(neighbours, starts, links - 1)) explored.add(id);
  }
  return new Set([...known.artifacts.keys(), ...known.tasks.keys()].filter((id) => !explored.has(id)));
}

function within(neighbours: Neighbours, starts: ReadonlySet<NodeId>, links: number): ReadonlySet<NodeId> {
  const seen = new Set(starts);
  let here = [...starts];
  for (let left = links; left > 0 && here.length; left -= 1) {
    const next: NodeId[] = [];
    for (const id of here.flatMap((each) => [...neighbours.of(each, "upstream"), ...neighbours.of(each, "downstream")])) {
      if (seen.has(id)) continue;
      seen.add(id);
      next.push(id);
    }
    here = next;
  }
  return seen;
}
