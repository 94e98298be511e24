// The API's messages, as the contract has them. Names are those of the wire.

import type { Json } from "./json";

/** A double; NaN and the infinities come as proto3 JSON's strings. */
export type Double = number | "NaN" | "Infinity" | "-Infinity";

export interface Artifact {
  readonly artifact_id: string;
  readonly name: string;
  readonly type: string;
  readonly uri?: string;
  readonly description?: string;
  readonly metadata?: Record<string, Json>;
  readonly number_value?: Double;
  readonly created_at: string;
  readonly updated_at: string;
  readonly namespace: string;
}

export interface Metric {
  readonly task_id: string;
  readonly name: string;
  readonly schema: "Metric" | "ClassificationMetric" | "SlicedClassificationMetric";
  /** A double, or the JSON of a classification metric. */
  readonly value: Json;
  readonly created_at: string;
  readonly type: string;
  readonly step?: number;
  readonly namespace: string;
  readonly run_id?: string;
}

export interface ArtifactTask {
  readonly id: string;
  readonly artifact_id: string;
  readonly task_id: string;
  /** INPUT, OUTPUT, or one of KFP's finer kinds: ask `isOutput`. */
  readonly type: string;
  readonly created_at: string;
  readonly run_id?: string;
  readonly key?: string;
  readonly producer?: { readonly task_name?: string; readonly iteration?: string };
}

export interface Status {
  readonly code?: number;
  readonly message?: string;
}

export interface StateChange {
  readonly update_time?: string;
  readonly state?: string;
  readonly error?: Status;
}

export interface ArtifactIds {
  readonly artifact_ids?: readonly string[];
}

export interface Task {
  readonly task_id: string;
  readonly run_id?: string;
  readonly namespace: string;
  readonly name?: string;
  readonly display_name?: string;
  readonly state?: string;
  readonly create_time: string;
  readonly start_time?: string;
  readonly end_time?: string;
  readonly parent_task_id?: string;
  readonly pod_name?: string;
  readonly execution_id?: string;
  readonly error?: Status;
  readonly inputs?: Readonly<Record<string, ArtifactIds>>;
  readonly outputs?: Readonly<Record<string, ArtifactIds>>;
  readonly input_parameters?: Record<string, Json>;
  readonly output_parameters?: Record<string, Json>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state_history?: readonly StateChange[];
  readonly child_tasks?: readonly { readonly task_id?: string; readonly pod_name?: string }[];
}

export interface Run {
  readonly run_id: string;
  readonly namespace: string;
  readonly display_name?: string;
  readonly pipeline_name?: string;
  readonly experiment_id?: string;
  readonly description?: string;
  readonly state?: string;
  readonly storage_state?: string;
  readonly created_at: string;
  readonly scheduled_at?: string;
  readonly finished_at?: string;
  readonly error?: Status;
  readonly labels?: Readonly<Record<string, string>>;
  readonly runtime_config?: { readonly parameters?: Record<string, Json>; readonly pipeline_root?: string };
  readonly state_history?: readonly StateChange[];
  readonly run_details?: { readonly task_details?: readonly Task[] };
}

interface Paged {
  readonly total_size: number;
  readonly next_page_token: string;
}

export interface ArtifactPage extends Paged {
  readonly artifacts: readonly Artifact[];
}

export interface MetricPage extends Paged {
  readonly metrics: readonly Metric[];
}

export interface ArtifactTaskPage extends Paged {
  readonly artifact_tasks: readonly ArtifactTask[];
}

export interface TaskPage extends Paged {
  readonly tasks: readonly Task[];
}

export interface RunPage extends Paged {
  readonly runs: readonly Run[];
}

export interface Lineage {
  readonly artifacts: readonly Artifact[];
  readonly tasks: readonly Task[];
  readonly artifact_tasks: readonly ArtifactTask[];
  readonly truncated: boolean;
}

export interface NamespaceCounts {
  readonly namespace: string;
  readonly artifacts: number;
  readonly metrics: number;
  readonly runs: number;
  readonly tasks: number;
}

export interface NamespacePage extends Paged {
  readonly namespaces: readonly NamespaceCounts[];
}

export interface Found {
  readonly artifacts: readonly Artifact[];
  readonly runs: readonly Run[];
  readonly tasks: readonly Task[];
}

const OUTPUTS = new Set(["OUTPUT", "ITERATOR_OUTPUT", "ONE_OF_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"]);

/** Whether a link says that the task made the artifact, not that it read it. */
export function isOutput(link: ArtifactTask): boolean {
  return OUTPUTS.has(link.type);
}
