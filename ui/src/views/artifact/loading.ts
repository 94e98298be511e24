// What the view of one artifact loads: who made it, from what, who reads it, and what was measured.

import { filterOf } from "../../api/filters";
import { getArtifact, listArtifactTasks, listArtifacts, listMetrics, listRuns, listTasks } from "../../api/operations";
import { type Artifact, type ArtifactTask, isOutput, type Metric, type Task } from "../../api/types";

import { runName } from "../../parts/artifact-lines";

export interface Versioned {
  readonly artifact: Artifact;
  readonly etag: string;
}

/** The artifact with its entity tag; the one that is known, where it has not changed. */
export async function versioned(id: string, signal: AbortSignal, last?: Versioned): Promise<Versioned> {
  const { message, etag } = await getArtifact(id, signal, last?.etag);
  if (message !== null) return { artifact: message, etag: etag ?? "" };
  if (last !== undefined) return last;
  throw new Error("the server says that the artifact is known, but it was never asked for");
}

export interface Linked {
  readonly link: ArtifactTask;
  readonly task: Task | undefined;
}

export interface Around {
  readonly producers: readonly Linked[];
  readonly consumers: readonly Linked[];
  readonly consumersTotal: number;
  /** What the producers read, and under which key. */
  readonly sources: readonly { readonly artifact: Artifact; readonly key: string }[];
  readonly metrics: readonly Metric[];
  /** The names of the runs that made it, by id, as far as they are known. */
  readonly runs: ReadonlyMap<string, string>;
}

const CONSUMERS = 20;
const SOURCES_MAX = 50;

/** What stands directly around an artifact. */
export async function around(id: string, signal: AbortSignal): Promise<Around> {
  const [outputs, inputs] = await Promise.all([
    listArtifactTasks({ artifact_ids: [id], type: "OUTPUT", page_size: CONSUMERS }, signal),
    listArtifactTasks({ artifact_ids: [id], type: "INPUT", page_size: CONSUMERS }, signal),
  ]);
  const links = [...outputs.artifact_tasks, ...inputs.artifact_tasks];
  const taskIds = [...new Set(links.map((link) => link.task_id))];
  const runIds = [...new Set(outputs.artifact_tasks.flatMap((link) => link.run_id ?? []))];
  const [tasks, metrics, runs] = await Promise.all([tasksOf(taskIds, signal), metricsOf(taskIds, signal), runNamesOf(runIds, signal)]);
  const linked = (link: ArtifactTask): Linked => ({ link, task: tasks.get(link.task_id) });
  const producers = links.filter(isOutput).map(linked);
  return {
    producers,
    consumers: inputs.artifact_tasks.map(linked),
    consumersTotal: inputs.total_size,
    sources: await sourcesOf(producers, signal),
    metrics,
    runs,
  };
}

async function tasksOf(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Task>> {
  if (!ids.length) return new Map();
  const filter = filterOf([{ operation: "IN", key: "task_id", string_values: { values: ids } }]);
  const page = await listTasks({ page_size: 200, ...(filter && { filter }) }, signal);
  return new Map(page.tasks.map((task) => [task.task_id, task]));
}

async function runNamesOf(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  if (!ids.length) return new Map();
  const filter = filterOf([{ operation: "IN", key: "run_id", string_values: { values: ids } }]);
  const page = await listRuns({ page_size: CONSUMERS, ...(filter && { filter }) }, signal);
  return new Map(page.runs.map((run) => [run.run_id, runName(run)]));
}

async function metricsOf(ids: readonly string[], signal: AbortSignal): Promise<readonly Metric[]> {
  if (!ids.length) return [];
  return (await listMetrics({ task_ids: ids, page_size: 200 }, signal)).metrics;
}

async function sourcesOf(producers: readonly Linked[], signal: AbortSignal): Promise<Around["sources"]> {
  const keys = new Map<string, string>();
  for (const { task } of producers) {
    for (const [key, list] of Object.entries(task?.inputs ?? {})) for (const id of list.artifact_ids ?? []) keys.set(id, key);
  }
  const ids = [...keys.keys()].slice(0, SOURCES_MAX);
  if (!ids.length) return [];
  const filter = filterOf([{ operation: "IN", key: "artifact_id", string_values: { values: ids } }]);
  const page = await listArtifacts({ page_size: SOURCES_MAX, ...(filter && { filter }) }, signal);
  return page.artifacts.map((artifact) => ({ artifact, key: keys.get(artifact.artifact_id) ?? "" }));
}
