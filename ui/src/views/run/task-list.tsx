// The tasks of a run: each with its state, its time within the run's, and on demand what it read and made.

import type { Run, Task } from "../../api/types";
import { between, duration } from "../../format/times";
import { taskName } from "../../parts/artifact-lines";
import { Card } from "../../parts/card";
import { Link } from "../../parts/link";
import { State } from "../../parts/state";
import { TaskDetails } from "../../parts/task-details";
import { VirtualList } from "../../parts/virtual-list";
import { taskPath } from "../../state/routes";
import { useNow } from "../../state/clock";
import { barOf, spanOf, stateKind } from "./timeline";

const ROW_PX = 40;
const HEIGHT_PX = 560;

interface TaskListProps {
  readonly run: Run;
  readonly tasks: readonly Task[];
  readonly chosen: string;
  readonly onChoose: (task: string) => void;
}

export function TaskList({ tasks, chosen, onChoose }: TaskListProps) {
  const now = useNow();
  const span = spanOf(tasks, now);
  const task = tasks.find((each) => each.task_id === chosen);
  return (
    <div className={task ? "main-and-side" : "rows"}>
      <section className="card flush" aria-label="Tasks">
        <VirtualList count={tasks.length} rowHeight={ROW_PX} height={HEIGHT_PX} role="list" label="Tasks" row={(index) => {
          const each = tasks[index];
          if (!each) return null;
          const took = between(each.start_time, each.end_time);
          const bar = barOf(each, span, now);
          return (
            <div key={each.task_id} role="listitem" className={each === task ? "task-line ticked" : "task-line"} style={{ height: ROW_PX }}>
              <button type="button" className="quiet one-line task-name" aria-pressed={each === task} onClick={() => onChoose(each === task ? "" : each.task_id)}>{taskName(each)}</button>
              <State state={each.state} />
              <span className="faint numeric">{took === null ? "" : duration(took)}</span>
              {bar && <span className="timeline" aria-hidden="true"><span className={stateKind(each.state)} style={{ left: `${bar.left}%`, width: `${bar.width}%` }} /></span>}
            </div>
          );
        }} />
      </section>
      {task && (
        <Card title={taskName(task)} actions={<><Link to={taskPath(task.task_id)}>Open</Link><button type="button" className="quiet small" aria-label="Close the task" onClick={() => onChoose("")}>✕</button></>}>
          <TaskDetails key={task.task_id} task={task} />
        </Card>
      )}
    </div>
  );
}
