// What the URL holds of the table of artifacts.

import type { Predicate } from "../../api/filters";
import type { ListQuery } from "../../api/operations";
import { codec, list, text } from "../../state/codec";
import { type ListState, listParams, queryOf } from "../../state/list-state";

export const TYPES = ["Artifact", "Model", "Dataset", "HTML", "Markdown", "Metric", "ClassificationMetric", "SlicedClassificationMetric"];

export interface ArtifactsState extends ListState {
  readonly type: string;
  readonly name: string;
  /** Days, as `2026-01-31`, in the reader's time zone. */
  readonly since: string;
  readonly until: string;
  readonly ticked: readonly string[];
}

export const STATE = codec<ArtifactsState>({
  ...listParams("created_at desc", ["name", "type", "number_value", "created_at", "namespace", "artifact_id"]),
  type: text(),
  name: text(),
  since: text(),
  until: text(),
  ticked: list(10),
});

const DAY_MS = 86_400_000;

/** The beginning of a day, or of the one after it; undefined where it is none. */
function dayBegins(day: string, after = false): string | undefined {
  const ms = Date.parse(`${day}T00:00:00`);
  return Number.isNaN(ms) ? undefined : new Date(ms + (after ? DAY_MS : 0)).toISOString();
}

/** The request for what the URL asks for. Raises Error where a condition is none. */
export function requestOf(state: ArtifactsState): ListQuery {
  const more: Predicate[] = [];
  const since = dayBegins(state.since);
  const until = dayBegins(state.until, true);
  if (state.type) more.push({ operation: "EQUALS", key: "type", string_value: state.type });
  if (state.name) more.push({ operation: "IS_SUBSTRING", key: "name", string_value: state.name });
  if (since) more.push({ operation: "GREATER_THAN_EQUALS", key: "created_at", timestamp_value: since });
  if (until) more.push({ operation: "LESS_THAN", key: "created_at", timestamp_value: until });
  return queryOf(state, more);
}
