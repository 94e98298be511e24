// One task: its state, what it read, made and measured.

import { useLoaded } from "../../api/loading";
import { getTask, listMetrics } from "../../api/operations";
import type { Task } from "../../api/types";
import { taskName } from "../../parts/artifact-lines";
import { Card, Facts } from "../../parts/card";
import { Id } from "../../parts/copy";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { MetricRows } from "../../parts/metric-rows";
import { Shown } from "../../parts/notices";
import { State } from "../../parts/state";
import { TaskDetails } from "../../parts/task-details";
import { Time } from "../../parts/time";
import { runPath, taskPath } from "../../state/routes";

const POLLING = { everyMs: 5_000 };

export default function OneTask({ id }: { readonly id: string }) {
  const loaded = useLoaded(`task\n${id}`, async (signal) => {
    const [task, metrics] = await Promise.all([getTask(id, signal), listMetrics({ task_ids: [id], page_size: 200 }, signal)]);
    return { task, metrics };
  }, POLLING);
  return (
    <Shown of={loaded} what="the task">
      {({ task, metrics }) => (
        <>
          <Heading title={taskName(task)} above={<Link to="/tasks">Tasks</Link>}><State state={task.state} /></Heading>
          <div className="main-and-side">
            <Card title="What it did"><TaskDetails key={id} task={task} /></Card>
            <div className="rows">
              <Card title="What it is"><Identity task={task} /></Card>
              <MetricRows page={metrics} />
            </div>
          </div>
        </>
      )}
    </Shown>
  );
}

function Identity({ task }: { readonly task: Task }) {
  return (
    <Facts facts={[
      ["Run", task.run_id && <Link to={runPath(task.run_id)}>{task.run_id}</Link>],
      ["Part of", task.parent_task_id && <Link to={taskPath(task.parent_task_id)}>{task.parent_task_id}</Link>],
      ["Parts", task.child_tasks?.length ? `${task.child_tasks.length} tasks` : undefined],
      ["Made", <Time key="made" at={task.create_time} absolute />],
      ["Namespace", task.namespace],
      ["Id", <Id key="id" id={task.task_id} what="task" />],
    ]} />
  );
}
