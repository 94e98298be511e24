// Where two lineages part: the first step, in the direction of time, that is not the same in both.
//
// Two artifacts are the same where they are one, or lie at one address, or where steps that are the same made them and all
// that is known of them is the same. Two tasks are the same where they have one name, the same parameters, and read the same.

import { ExactNumber, type Json, writeJson } from "../../api/json";
import type { Artifact, Task } from "../../api/types";
import { type Edge, grouped, type Known, type NodeId } from "../../graph/model";

export interface Difference {
  readonly what: string;
  readonly one: string;
  readonly other: string;
}

export type Parting =
  /** The same step, done with other parameters, or the same way with another outcome. */
  | { readonly kind: "task"; readonly one: Task; readonly other: Task; readonly differences: readonly Difference[] }
  /** What nobody made, as far as is known: they begin with different things. */
  | { readonly kind: "artifact"; readonly one: Artifact; readonly other: Artifact; readonly differences: readonly Difference[] }
  /** What only one of them has. */
  | { readonly kind: "alone"; readonly side: "one" | "other"; readonly node: Artifact | Task };

/** One lineage, upstream of what is compared. */
export class Ancestry {
  private readonly into: ReadonlyMap<NodeId, readonly Edge[]>;

  constructor(readonly known: Known) {
    this.into = grouped(known.edges, (edge) => edge.to);
  }

  /** What leads to a node, by the key that it has there. */
  before(id: NodeId): ReadonlyMap<string, NodeId> {
    const found = new Map<string, NodeId>();
    for (const edge of this.into.get(id) ?? []) {
      // Several under one key stand in their order.
      const keys = edge.keys.length ? edge.keys : [nameOf(this.known, edge.from)];
      for (const key of keys) {
        let name = key;
        for (let count = 2; found.has(name); count += 1) name = `${key} ${count}`;
        found.set(name, edge.from);
      }
    }
    return found;
  }

  /** How far each ancestor is, in links; the node itself is at 0. */
  distances(id: NodeId): ReadonlyMap<NodeId, number> {
    const found = new Map([[id, 0]]);
    for (const [node, distance] of found) for (const { from } of this.into.get(node) ?? []) if (!found.has(from)) found.set(from, distance + 1);
    return found;
  }
}

function nameOf(known: Known, id: NodeId): string {
  const task = known.tasks.get(id);
  return task ? (task.name ?? task.display_name ?? "") : (known.artifacts.get(id)?.name ?? "");
}

interface Verdict {
  readonly isSame: boolean;
  readonly parting: Parting | null;
  /** How many steps lie before the parting: the earliest has none that differ before it. */
  readonly depth: number;
}

const SAME: Verdict = { isSame: true, parting: null, depth: 0 };

/** Compares two lineages from a node of each, towards their origins. */
export class Comparison {
  private readonly verdicts = new Map<string, Verdict>();

  constructor(private readonly one: Ancestry, private readonly other: Ancestry) {}

  /** The earliest place at which the lineages of two nodes part; null where nothing known of them differs. */
  partingOf(one: NodeId, other: NodeId): Parting | null {
    return this.verdictOn(one, other).parting;
  }

  private verdictOn(one: NodeId, other: NodeId): Verdict {
    if (one === other) return SAME;
    const key = `${one}\n${other}`;
    const known = this.verdicts.get(key);
    if (known) return known;
    // Of what goes round, the way back says nothing new.
    this.verdicts.set(key, SAME);
    const verdict = this.judge(one, other);
    this.verdicts.set(key, verdict);
    return verdict;
  }

  private judge(one: NodeId, other: NodeId): Verdict {
    const [mine, theirs] = [this.one.known.artifacts.get(one), this.other.known.artifacts.get(other)];
    if (mine && theirs && mine.uri && mine.uri === theirs.uri) return SAME;
    const before = this.beforeBoth(one, other);
    if (before) return { isSame: false, parting: before.parting, depth: before.depth + 1 };
    const parting = mine && theirs ? this.ofArtifacts(one, other, mine, theirs) : this.ofTasks(one, other);
    return parting ? { isSame: false, parting, depth: 0 } : SAME;
  }

  /** The earliest parting among what leads to two nodes. */
  private beforeBoth(one: NodeId, other: NodeId): { parting: Parting; depth: number } | null {
    const [mine, theirs] = [this.one.before(one), this.other.before(other)];
    let found: { parting: Parting; depth: number } | null = null;
    const take = (parting: Parting | null, depth: number): void => {
      if (parting && (!found || depth > found.depth)) found = { parting, depth };
    };
    for (const [key, node] of mine) {
      const counterpart = theirs.get(key);
      if (counterpart === undefined) take(alone("one", this.one.known, node), 0);
      else {
        const verdict = this.verdictOn(node, counterpart);
        take(verdict.parting, verdict.depth);
      }
    }
    for (const [key, node] of theirs) if (!mine.has(key)) take(alone("other", this.other.known, node), 0);
    return found;
  }

  private ofArtifacts(one: NodeId, other: NodeId, mine: Artifact, theirs: Artifact): Parting | null {
    const differences = differencesOf({ name: mine.name, type: mine.type, metadata: mine.metadata ?? {} }, { name: theirs.name, type: theirs.type, metadata: theirs.metadata ?? {} });
    const [maker, counterpart] = [this.makerOf(this.one, one), this.makerOf(this.other, other)];
    // The same step made both, from the same: it is there that they part.
    if (maker && counterpart) return differences.length ? { kind: "task", one: maker, other: counterpart, differences } : null;
    return { kind: "artifact", one: mine, other: theirs, differences };
  }

  private makerOf(ancestry: Ancestry, id: NodeId): Task | undefined {
    const [task] = ancestry.before(id).values();
    return task === undefined ? undefined : ancestry.known.tasks.get(task);
  }

  private ofTasks(one: NodeId, other: NodeId): Parting | null {
    const [mine, theirs] = [this.one.known.tasks.get(one), this.other.known.tasks.get(other)];
    if (!mine || !theirs) return null;
    const fields = (task: Task): Json => ({ name: task.name ?? "", state: outcomeOf(task.state), ...prefixed(task.input_parameters) });
    const differences = differencesOf(fields(mine), fields(theirs));
    return differences.length ? { kind: "task", one: mine, other: theirs, differences } : null;
  }
}

/** What came out of a task: one from the cache came out as well as one that ran. */
const outcomeOf = (state: string | undefined): string => (state === undefined || state === "CACHED" ? "SUCCEEDED" : state);

const prefixed = (parameters: Task["input_parameters"]): Record<string, Json> => Object.fromEntries(Object.entries(parameters ?? {}).map(([name, value]) => [`parameter ${name}`, value]));

function alone(side: "one" | "other", known: Known, id: NodeId): Parting | null {
  const node = known.artifacts.get(id) ?? known.tasks.get(id);
  return node ? { kind: "alone", side, node } : null;
}

function differencesOf(one: Json, other: Json): readonly Difference[] {
  const [mine, theirs] = [one as Record<string, Json>, other as Record<string, Json>];
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])];
  const written = (value: Json | undefined): string => (value === undefined ? "" : typeof value === "string" ? value : writeJson(sorted(value), false));
  return names.map((what) => ({ what, one: written(mine[what]), other: written(theirs[what]) })).filter((each) => each.one !== each.other);
}

/** JSON with its keys in order: the same contents are the same text. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]));
}

/** The nearest node that is upstream of both, by the further of the two ways; null where there is none. */
export function nearestCommon(one: Ancestry, start: NodeId, other: Ancestry, counterpart: NodeId): NodeId | null {
  const [mine, theirs] = [one.distances(start), other.distances(counterpart)];
  let nearest: { id: NodeId; distance: number } | null = null;
  for (const [id, distance] of mine) {
    const there = theirs.get(id);
    if (there === undefined) continue;
    const far = Math.max(distance, there);
    if (!nearest || far < nearest.distance) nearest = { id, distance: far };
  }
  return nearest?.id ?? null;
}

/** The earliest parting of two runs: of their tasks by name, in the order of the first; null where nothing differs. */
export function partingOfRuns(one: Ancestry, other: Ancestry): Parting | null {
  const comparison = new Comparison(one, other);
  const named = new Map([...other.known.tasks].map(([id, task]) => [task.name ?? "", id]));
  const byAge = [...one.known.tasks].sort(([mine], [theirs]) => one.distances(mine).size - one.distances(theirs).size);
  for (const [id, task] of byAge) {
    const counterpart = named.get(task.name ?? "");
    if (counterpart === undefined) return { kind: "alone", side: "one", node: task };
    const parting = comparison.partingOf(id, counterpart);
    if (parting) return parting;
  }
  const names = new Set([...one.known.tasks.values()].map((task) => task.name ?? ""));
  const extra = [...other.known.tasks.values()].find((task) => !names.has(task.name ?? ""));
  return extra ? { kind: "alone", side: "other", node: extra } : null;
}
