// The columns of the table of runs.

import type { Metric, Run } from "../../api/types";
import { between, duration } from "../../format/times";
import { plainText, shortId } from "../../format/texts";
import { runName } from "../../parts/artifact-lines";
import { Link } from "../../parts/link";
import { MetricChips } from "../../parts/metrics";
import { State } from "../../parts/state";
import type { Column } from "../../parts/table";
import { Time } from "../../parts/time";
import { runPath } from "../../state/routes";

export interface RunRow {
  readonly run: Run;
  readonly metrics: readonly Metric[];
}

function took(run: Run): string {
  const ms = between(run.created_at, run.finished_at);
  return ms === null ? "" : duration(ms);
}

export const COLUMNS: readonly Column<RunRow>[] = [
  { id: "name", title: "Run", sort: "display_name", cell: ({ run }) => <Link to={runPath(run.run_id)} className="name-cell one-line">{runName(run)}</Link> },
  { id: "state", title: "State", sort: "state", cell: ({ run }) => <State state={run.state} /> },
  { id: "metrics", title: "Metrics", priority: 2, cell: ({ metrics }) => <MetricChips metrics={metrics} /> },
  { id: "created_at", title: "Begun", sort: "created_at", cell: ({ run }) => <Time at={run.created_at} /> },
  { id: "took", title: "Took", numeric: true, priority: 2, cell: ({ run }) => took(run) },
  { id: "pipeline_name", title: "Pipeline", priority: 3, cell: ({ run }) => <span className="name-cell one-line">{plainText(run.pipeline_name ?? "")}</span> },
  { id: "experiment_id", title: "Experiment", priority: 3, cell: ({ run }) => plainText(run.experiment_id ?? "") },
  { id: "namespace", title: "Namespace", priority: 3, cell: ({ run }) => run.namespace || <span className="faint">none</span> },
  { id: "run_id", title: "Id", sort: "run_id", priority: 3, cell: ({ run }) => <span className="mono faint" title={run.run_id}>{shortId(run.run_id)}</span> },
];
