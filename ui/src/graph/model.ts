// What is known of a lineage, and the part of it that is drawn: what was folded is left out, the many are one bundle.

import { type Artifact, type ArtifactTask, isOutput, type Lineage, type Task } from "../api/types";

/** What a lineage begins at, or a node of it. */
export interface Ref {
  readonly kind: "artifact" | "task" | "run";
  readonly id: string;
}

/** A node by its text, as the address has it: `artifact:01a2…`. */
export type NodeId = string;

export const nodeId = (kind: Ref["kind"], id: string): NodeId => `${kind}:${id}`;

export function refOf(node: NodeId): Ref {
  const [kind = "", ...rest] = node.split(":");
  return { kind: kind === "task" || kind === "run" ? kind : "artifact", id: rest.join(":") };
}

/** An edge in the direction of time: an artifact to the task that read it, or a task to the artifact that it made. */
export interface Edge {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly keys: readonly string[];
}

export interface Known {
  readonly artifacts: ReadonlyMap<NodeId, Artifact>;
  readonly tasks: ReadonlyMap<NodeId, Task>;
  readonly edges: readonly Edge[];
  /** Whether a limit of nodes cut something off. */
  readonly isCut: boolean;
}

/** Several answers as one: each node once, as the last answer has it, and each edge once. */
export function merged(lineages: readonly Lineage[]): Known {
  const artifacts = new Map<NodeId, Artifact>();
  const tasks = new Map<NodeId, Task>();
  const links = new Map<string, ArtifactTask>();
  for (const lineage of lineages) {
    for (const artifact of lineage.artifacts) artifacts.set(nodeId("artifact", artifact.artifact_id), artifact);
    for (const task of lineage.tasks) tasks.set(nodeId("task", task.task_id), task);
    for (const link of lineage.artifact_tasks) links.set(link.id, link);
  }
  const edges = new Map<string, { from: NodeId; to: NodeId; keys: Set<string> }>();
  for (const link of links.values()) {
    const artifact = nodeId("artifact", link.artifact_id);
    const task = nodeId("task", link.task_id);
    if (!artifacts.has(artifact) || !tasks.has(task)) continue;
    const [from, to] = isOutput(link) ? [task, artifact] : [artifact, task];
    const edge = edges.get(`${from} ${to}`) ?? { from, to, keys: new Set<string>() };
    if (link.key) edge.keys.add(link.key);
    edges.set(`${from} ${to}`, edge);
  }
  return { artifacts, tasks, edges: [...edges.values()].map((edge) => ({ ...edge, keys: [...edge.keys] })), isCut: lineages.some((each) => each.truncated) };
}

export type Side = "upstream" | "downstream";

interface Drawn {
  readonly id: NodeId;
  /** Whether what lies behind it, seen from the start, is folded away. */
  readonly isFolded: boolean;
}

export interface ArtifactNode extends Drawn {
  readonly kind: "artifact";
  readonly artifact: Artifact;
}

export interface TaskNode extends Drawn {
  readonly kind: "task";
  readonly task: Task;
}

/** Many neighbours of one node on one side, as one. */
export interface BundleNode extends Drawn {
  readonly kind: "bundle";
  readonly of: NodeId;
  readonly side: Side;
  readonly what: "artifacts" | "tasks";
  /** Those in it that are known, in the order of the answer. */
  readonly members: readonly NodeId[];
  /** How many are in it, the unknown ones too. */
  readonly count: number;
}

export type GraphNode = ArtifactNode | TaskNode | BundleNode;

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly Edge[];
}

/** More neighbours than this on one side of a node are one bundle. */
export const BUNDLE_OVER = 8;
/** So many more come out of a bundle at a time. */
export const BUNDLE_STEP = 10;

export interface Shape {
  /** What is never folded away or bundled. */
  readonly starts: ReadonlySet<NodeId>;
  readonly folded: ReadonlySet<NodeId>;
  /** How many of each bundle are shown beside it. */
  readonly taken: ReadonlyMap<NodeId, number>;
  /** How many neighbours a node has in truth, where more are than are known. */
  readonly totals: ReadonlyMap<NodeId, number>;
}

export const bundleId = (of: NodeId, side: Side): NodeId => `bundle:${side}:${of}`;

/** Things by a key of theirs, in their order. */
export function grouped<K, V>(all: readonly V[], keyOf: (each: V) => K): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const each of all) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return groups;
}

/** The edges of each node, on either side of it. */
export class Neighbours {
  private readonly downstream: ReadonlyMap<NodeId, readonly Edge[]>;
  private readonly upstream: ReadonlyMap<NodeId, readonly Edge[]>;

  constructor(edges: readonly Edge[]) {
    this.downstream = grouped(edges, (edge) => edge.from);
    this.upstream = grouped(edges, (edge) => edge.to);
  }

  of(node: NodeId, side: Side): readonly NodeId[] {
    return side === "downstream" ? (this.downstream.get(node) ?? []).map((edge) => edge.to) : (this.upstream.get(node) ?? []).map((edge) => edge.from);
  }
}

const SIDES: readonly Side[] = ["upstream", "downstream"];

/** The part of what is known that is drawn: what is reached from the starts, not past what is folded or bundled. */
export function drawn(known: Known, shape: Shape): Graph {
  const neighbours = new Neighbours(known.edges);
  const nodes = new Map<NodeId, GraphNode>();
  const edges: Edge[] = [];
  const queue: NodeId[] = [];
  const reach = (id: NodeId): void => {
    const node = nodes.has(id) ? null : nodeOf(id, known, shape);
    if (!node) return;
    nodes.set(id, node);
    queue.push(id);
  };
  for (const start of shape.starts) reach(start);
  // The list grows while it is gone through, nearest first.
  for (const id of queue) {
    if (shape.folded.has(id)) continue;
    for (const side of SIDES) {
      const all = neighbours.of(id, side);
      const bundle = bundleOf(id, side, all, known, shape, nodes);
      const hidden = new Set(bundle?.members);
      for (const next of all) if (!hidden.has(next)) reach(next);
      if (!bundle || bundle.count === 0) continue;
      nodes.set(bundle.id, bundle);
      edges.push(side === "downstream" ? { from: id, to: bundle.id, keys: [] } : { from: bundle.id, to: id, keys: [] });
    }
  }
  return { nodes: [...nodes.values()], edges: [...known.edges.filter((edge) => nodes.has(edge.from) && nodes.has(edge.to)), ...edges] };
}

function nodeOf(id: NodeId, known: Known, shape: Shape): GraphNode | null {
  const isFolded = shape.folded.has(id);
  const artifact = known.artifacts.get(id);
  if (artifact) return { kind: "artifact", id, artifact, isFolded };
  const task = known.tasks.get(id);
  return task ? { kind: "task", id, task, isFolded } : null;
}

function bundleOf(of: NodeId, side: Side, all: readonly NodeId[], known: Known, shape: Shape, nodes: ReadonlyMap<NodeId, GraphNode>): BundleNode | null {
  const total = Math.max(all.length, side === "downstream" ? (shape.totals.get(of) ?? 0) : 0);
  if (total <= BUNDLE_OVER) return null;
  const id = bundleId(of, side);
  // What another way led to stands there already.
  const members = all.filter((each) => !nodes.has(each) && !shape.starts.has(each)).slice(shape.taken.get(id) ?? 0);
  return { kind: "bundle", id, of, side, what: known.artifacts.has(of) ? "tasks" : "artifacts", members, count: members.length + total - all.length, isFolded: true };
}
