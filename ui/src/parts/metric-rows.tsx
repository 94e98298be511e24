// Metrics at their current points, as a table without pages.

import type { Metric, MetricPage } from "../api/types";
import { count } from "../format/numbers";
import { plainText } from "../format/texts";
import { metricRef, plotPath, taskPath } from "../state/routes";
import { Link } from "./link";
import { MetricValue } from "./metrics";
import { Empty } from "./notices";
import { type Column, Table } from "./table";
import { Time } from "./time";

const keyOf = (metric: Metric): string => `${metric.task_id}\n${metric.name}`;

const COLUMNS: readonly Column<Metric>[] = [
  { id: "name", title: "Metric", cell: (row) => <Link to={plotPath([metricRef(row.task_id, row.name)])} className="name-cell one-line">{plainText(row.name)}</Link> },
  { id: "value", title: "Value", numeric: true, cell: (row) => <MetricValue metric={row} /> },
  { id: "step", title: "Step", numeric: true, priority: 2, cell: (row) => row.step ?? "" },
  { id: "task", title: "Task", priority: 2, cell: (row) => <Link to={taskPath(row.task_id)} className="name-cell one-line">{row.task_id}</Link> },
  { id: "created_at", title: "Logged", priority: 2, cell: (row) => <Time at={row.created_at} /> },
];

export function MetricRows({ page, showsTask = false }: { readonly page: MetricPage; readonly showsTask?: boolean }) {
  if (!page.metrics.length) return <Empty title="No metric is logged" />;
  const more = page.total_size - page.metrics.length;
  return (
    <section className="card flush" aria-label="Metrics">
      <Table label="Metrics" rows={page.metrics} columns={COLUMNS.filter((column) => showsTask || column.id !== "task")} idOf={keyOf} nameOf={(row) => row.name} />
      {more > 0 && <p className="pager faint">and {count(more, "more")}</p>}
    </section>
  );
}
