// A run's or a task's state: a word and a mark, never the colour alone.

import { stateName } from "../format/texts";

const KINDS: Readonly<Record<string, string>> = {
  SUCCEEDED: "good", CACHED: "good", SKIPPED: "quiet", RUNNING: "busy", PENDING: "busy", CANCELING: "busy",
  FAILED: "bad", CANCELED: "quiet", PAUSED: "quiet",
};
const MARKS: Readonly<Record<string, string>> = { good: "✓", busy: "●", bad: "✕", quiet: "–" };

/** Whether something of that state may still change. */
export function isLive(state: string | undefined): boolean {
  return state === undefined || state === "RUNTIME_STATE_UNSPECIFIED" || KINDS[state] === "busy" || state === "PAUSED";
}

/** How a state is: good, busy, bad or quiet. */
export const kindOf = (state: string | undefined): string => KINDS[state ?? ""] ?? "quiet";

/** The mark of a state. */
export const markOf = (state: string | undefined): string => MARKS[kindOf(state)] ?? "–";

export function State({ state }: { readonly state: string | undefined }) {
  return (
    <span className={`state ${kindOf(state)}`}>
      <span aria-hidden="true" className="state-mark">{markOf(state)}</span>
      {stateName(state)}
    </span>
  );
}

const TYPES = new Set(["Model", "Dataset", "HTML", "Markdown", "Metric", "ClassificationMetric", "SlicedClassificationMetric"]);

/** An artifact's type. */
export function TypeBadge({ type }: { readonly type: string }) {
  return <span className={`type type-${TYPES.has(type) ? type.toLowerCase() : "artifact"}`}>{type}</span>;
}
