// The operations that the page uses, one function each, named as in the API.

import { type Answer, apiPath, ask, get, type QueryValue } from "./client";
import type {
  Artifact,
  ArtifactPage,
  ArtifactTaskPage,
  Found,
  Lineage,
  Metric,
  MetricPage,
  NamespacePage,
  Run,
  RunPage,
  Task,
  TaskPage,
} from "./types";

export interface ListQuery {
  readonly namespace?: string;
  readonly filter?: string;
  readonly sort_by?: string;
  readonly page_size?: number;
  readonly page_token?: string;
}

type Fields = Readonly<Record<string, QueryValue>>;

const fields = (query: object): Fields => ({ ...(query as Fields) });

export const listArtifacts = (query: ListQuery, signal?: AbortSignal): Promise<ArtifactPage> =>
  get(apiPath("artifacts"), fields(query), signal);

/** Runs without their pipelines, which no list shows and which may be large. */
export const listRuns = (query: ListQuery & { experiment_id?: string }, signal?: AbortSignal): Promise<RunPage> =>
  get(apiPath("runs"), fields({ ...query, view: "BASIC" }), signal);

/** Tasks sort by `order_by`, as KFP has it. */
export const listTasks = (
  query: Omit<ListQuery, "sort_by"> & { order_by?: string; run_id?: string; parent_id?: string },
  signal?: AbortSignal,
): Promise<TaskPage> => get(apiPath("tasks"), fields(query), signal);

export const listMetrics = (
  query: ListQuery & { run_ids?: readonly string[]; task_ids?: readonly string[] },
  signal?: AbortSignal,
): Promise<MetricPage> => get(apiPath("metrics"), fields(query), signal);

/** A metric at its current point. */
export const getMetric = (taskId: string, name: string, signal?: AbortSignal): Promise<Metric> =>
  get(apiPath("metrics", taskId, name), {}, signal);

/** Every point of a metric, oldest first. */
export const getMetricHistory = (
  taskId: string,
  name: string,
  query: Pick<ListQuery, "page_size" | "page_token">,
  signal?: AbortSignal,
): Promise<MetricPage> => get(apiPath("metric_history", taskId, name), fields(query), signal);

export const listArtifactTasks = (
  query: Omit<ListQuery, "namespace"> & {
    artifact_ids?: readonly string[];
    task_ids?: readonly string[];
    run_ids?: readonly string[];
    type?: "INPUT" | "OUTPUT" | "UNSPECIFIED";
  },
  signal?: AbortSignal,
): Promise<ArtifactTaskPage> => get(apiPath("artifact_tasks"), fields(query), signal);

/** One artifact with its entity tag; its message is null where `known` is that tag still. */
export const getArtifact = (id: string, signal?: AbortSignal, known?: string): Promise<Answer<Artifact>> =>
  ask(apiPath("artifacts", id), { ...(signal && { signal }), ...(known && { ifNoneMatch: known }) });

/** Changes an artifact as long as it is as `etag` says. `body` is JSON text. */
export const updateArtifact = (id: string, body: string, etag: string): Promise<Answer<Artifact>> =>
  ask(apiPath("artifacts", id), { method: "PUT", body, ifMatch: etag });

export const getTask = (id: string, signal?: AbortSignal): Promise<Task> => get(apiPath("tasks", id), {}, signal);

export const getRun = (id: string, signal?: AbortSignal): Promise<Run> => get(apiPath("runs", id), {}, signal);

export interface LineageQuery {
  readonly artifact_id?: string;
  readonly task_id?: string;
  readonly run_id?: string;
  readonly direction?: "UPSTREAM" | "DOWNSTREAM" | "BOTH";
  readonly max_depth?: number;
  readonly max_nodes?: number;
}

export const getLineage = (query: LineageQuery, signal?: AbortSignal): Promise<Lineage> =>
  get(apiPath("lineage"), fields(query), signal);

export const listNamespaces = (signal?: AbortSignal): Promise<NamespacePage> =>
  get(apiPath("namespaces"), { page_size: 200 }, signal);

/** Artifacts, runs and tasks whose name or id begins with a text. */
export const search = (
  query: { query: string; namespace?: string; page_size?: number },
  signal?: AbortSignal,
): Promise<Found> => get(apiPath("search"), fields(query), signal);

/** Whether a key is good, without keeping it. Raises ApiError. */
export const tryKey = async (key: string): Promise<void> => {
  await ask(apiPath("healthz"), { key });
};
