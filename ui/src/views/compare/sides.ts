// What compare loads of each side: its fields, what was measured of it, and its lineage.

import type { Json } from "../../api/json";
import { getArtifact, getLineage, getRun, listArtifactTasks, listMetrics } from "../../api/operations";
import type { Metric } from "../../api/types";
import { plainText, shortId } from "../../format/texts";
import { merged, nodeId } from "../../graph/model";
import { runName } from "../../parts/artifact-lines";
import { artifactPath, runPath } from "../../state/routes";
import { Ancestry, Comparison, nearestCommon, type Parting, partingOfRuns } from "./parting";

export interface Side {
  readonly kind: "artifact" | "run";
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly madeAt: string;
  readonly value: Json;
  readonly metrics: readonly Metric[];
}

const PAGE = 200;
const TASKS_MAX = 50;

async function metricsOf(query: { readonly run_ids: readonly string[] } | { readonly task_ids: readonly string[] }, signal: AbortSignal): Promise<readonly Metric[]> {
  if ("task_ids" in query && !query.task_ids.length) return [];
  return (await listMetrics({ ...query, page_size: PAGE }, signal)).metrics;
}

/** An artifact as a side; its metrics are those of the tasks that made or read it. */
export async function artifactSide(id: string, signal: AbortSignal): Promise<Side> {
  const [{ message }, links] = await Promise.all([getArtifact(id, signal), listArtifactTasks({ artifact_ids: [id], page_size: TASKS_MAX }, signal)]);
  if (!message) throw new Error("an artifact came without its fields");
  const metrics = await metricsOf({ task_ids: [...new Set(links.artifact_tasks.map((link) => link.task_id))] }, signal);
  return { kind: "artifact", id, path: artifactPath(id), name: plainText(message.name) || shortId(id), madeAt: message.created_at, value: message as unknown as Json, metrics };
}

export async function runSide(id: string, signal: AbortSignal): Promise<Side> {
  const [run, metrics] = await Promise.all([getRun(id, signal), metricsOf({ run_ids: [id] }, signal)]);
  // Its tasks are many, and other ones in each run; how they differ is told by the lineage.
  const fields = Object.fromEntries(Object.entries(run).filter(([name]) => name !== "run_details" && name !== "state_history" && name !== "pipeline_spec"));
  return { kind: "run", id, path: runPath(id), name: runName(run), madeAt: run.created_at, value: fields as Json, metrics };
}

export interface Parted {
  readonly id: string;
  readonly parting: Parting | null;
  /** The nearest thing that both come from. */
  readonly common: { readonly path: string; readonly name: string } | null;
  /** Whether a limit kept something of the lineages unseen. */
  readonly isCut: boolean;
}

const DEPTH = 60;
const NODES_MAX = 2_000;
const RUN_DEPTH = 1;

async function ancestryOf(side: Pick<Side, "kind" | "id">, signal: AbortSignal): Promise<Ancestry> {
  const query = side.kind === "artifact" ? { artifact_id: side.id, direction: "UPSTREAM" as const, max_depth: DEPTH } : { run_id: side.id, max_depth: RUN_DEPTH };
  return new Ancestry(merged([await getLineage({ ...query, max_nodes: NODES_MAX }, signal)]));
}

/** Where the lineage of each side parts from that of the first. */
export async function partedOf(sides: readonly Pick<Side, "kind" | "id">[], signal: AbortSignal): Promise<readonly Parted[]> {
  const ancestries = await Promise.all(sides.map((side) => ancestryOf(side, signal)));
  const [base, ...others] = sides.map((side, index) => ({ side, ancestry: ancestries[index] }));
  if (!base?.ancestry) return [];
  const { ancestry: one } = base;
  return others.flatMap(({ side, ancestry: other }) => {
    if (!other) return [];
    // A run's lineage ends at its own tasks: a depth cuts it, and that is no loss.
    const isCut = side.kind === "artifact" && (one.known.isCut || other.known.isCut);
    if (side.kind === "run") return [{ id: side.id, parting: partingOfRuns(one, other), common: null, isCut }];
    const [mine, theirs] = [nodeId("artifact", base.side.id), nodeId("artifact", side.id)];
    const common = nearestCommon(one, mine, other, theirs);
    const artifact = common === null ? undefined : one.known.artifacts.get(common);
    const task = common === null ? undefined : one.known.tasks.get(common);
    const name = artifact?.name ?? task?.display_name ?? task?.name;
    return [{
      id: side.id, isCut, parting: new Comparison(one, other).partingOf(mine, theirs),
      common: name === undefined ? null : { name: plainText(name), path: artifact ? artifactPath(artifact.artifact_id) : `/tasks/${encodeURIComponent(task?.task_id ?? "")}` },
    }];
  });
}
