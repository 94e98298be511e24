// Every metric at its current point, as a table.

import { useLoaded } from "../../api/loading";
import { listMetrics } from "../../api/operations";
import type { Metric } from "../../api/types";
import { plainText } from "../../format/texts";
import { Link } from "../../parts/link";
import { ListView } from "../../parts/list-view";
import { MetricValue } from "../../parts/metrics";
import type { Column } from "../../parts/table";
import { Time } from "../../parts/time";
import { choice, codec } from "../../state/codec";
import { keyOf, type ListState, listParams, queryOf } from "../../state/list-state";
import { useViewState } from "../../state/router";
import { metricRef, plotPath, runPath, taskPath } from "../../state/routes";

interface EveryState extends ListState {
  readonly tab: "runs" | "every";
}

const STATE = codec<EveryState>({ tab: choice(["runs", "every"]), ...listParams("created_at desc", ["name", "value", "step", "task_id", "run_id", "created_at"]) });
const POLLING = { everyMs: 5_000 };
const STILL = { everyMs: null };

const COLUMNS: readonly Column<Metric>[] = [
  { id: "name", title: "Metric", sort: "name", cell: (row) => <Link to={plotPath([metricRef(row.task_id, row.name)])} className="name-cell one-line">{plainText(row.name)}</Link> },
  { id: "value", title: "Value", sort: "value", numeric: true, cell: (row) => <MetricValue metric={row} /> },
  { id: "step", title: "Step", numeric: true, priority: 2, cell: (row) => row.step ?? "" },
  { id: "schema", title: "Schema", sort: "schema", priority: 3, cell: (row) => row.schema },
  { id: "task_id", title: "Task", sort: "task_id", priority: 2, cell: (row) => <Link to={taskPath(row.task_id)} className="name-cell one-line">{row.task_id}</Link> },
  { id: "run_id", title: "Run", sort: "run_id", priority: 2, cell: (row) => row.run_id && <Link to={runPath(row.run_id)} className="name-cell one-line">{row.run_id}</Link> },
  { id: "created_at", title: "Logged", sort: "created_at", cell: (row) => <Time at={row.created_at} /> },
];

export function Every() {
  const [state, change] = useViewState(STATE);
  const loaded = useLoaded(keyOf("metrics", state), async (signal) => {
    const page = await listMetrics(queryOf(state), signal);
    return { rows: page.metrics, total: page.total_size, next: page.next_page_token };
  }, state.page ? STILL : POLLING);
  return (
    <ListView noun="metric" list={loaded} columns={COLUMNS} state={state} onChange={(changed: Partial<ListState>) => change(changed)} example="name = accuracy" idOf={(row) => `${row.task_id}\n${row.name}`} nameOf={(row) => row.name} />
  );
}
