// Tasks as a table.

import { useLoaded } from "../../api/loading";
import { listTasks } from "../../api/operations";
import type { Task } from "../../api/types";
import { between, duration } from "../../format/times";
import { shortId } from "../../format/texts";
import { taskName } from "../../parts/artifact-lines";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { ListView } from "../../parts/list-view";
import { State } from "../../parts/state";
import type { Column } from "../../parts/table";
import { Time } from "../../parts/time";
import { codec } from "../../state/codec";
import { keyOf, type ListState, listParams, queryOf } from "../../state/list-state";
import { useViewState } from "../../state/router";
import { runPath, taskPath } from "../../state/routes";

const STATE = codec<ListState>(listParams("create_time desc", ["name", "state", "run_id", "create_time", "took", "task_id"]));
const POLLING = { everyMs: 5_000 };
const STILL = { everyMs: null };

function took(task: Task): string {
  const ms = between(task.start_time, task.end_time);
  return ms === null ? "" : duration(ms);
}

const COLUMNS: readonly Column<Task>[] = [
  { id: "name", title: "Task", sort: "display_name", cell: (row) => <Link to={taskPath(row.task_id)} className="name-cell one-line">{taskName(row)}</Link> },
  { id: "state", title: "State", sort: "state", cell: (row) => <State state={row.state} /> },
  { id: "run_id", title: "Run", sort: "run_id", priority: 2, cell: (row) => row.run_id && <Link to={runPath(row.run_id)} className="name-cell one-line">{row.run_id}</Link> },
  { id: "create_time", title: "Made", sort: "create_time", cell: (row) => <Time at={row.create_time} /> },
  { id: "start_time", title: "Begun", sort: "start_time", priority: 3, cell: (row) => <Time at={row.start_time} /> },
  { id: "end_time", title: "Ended", sort: "end_time", priority: 3, cell: (row) => <Time at={row.end_time} /> },
  { id: "took", title: "Took", numeric: true, priority: 2, cell: took },
  { id: "namespace", title: "Namespace", priority: 3, cell: (row) => row.namespace || <span className="faint">none</span> },
  { id: "task_id", title: "Id", sort: "task_id", priority: 3, cell: (row) => <span className="mono faint" title={row.task_id}>{shortId(row.task_id)}</span> },
];

export default function Tasks() {
  const [state, change] = useViewState(STATE);
  const loaded = useLoaded(keyOf("tasks", state), async (signal) => {
    const { sort_by, ...query } = queryOf(state);
    const page = await listTasks({ ...query, ...(sort_by && { order_by: sort_by }) }, signal);
    return { rows: page.tasks, total: page.total_size, next: page.next_page_token };
  }, state.page ? STILL : POLLING);
  return (
    <>
      <Heading title="Tasks" />
      <ListView noun="task" list={loaded} columns={COLUMNS} state={state} onChange={change} example="state = FAILED" idOf={(row) => row.task_id} nameOf={taskName} pathOf={(row) => taskPath(row.task_id)} />
    </>
  );
}
