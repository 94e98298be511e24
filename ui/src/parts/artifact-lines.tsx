// Artifacts, tasks and runs as lines of a list.

import type { Artifact, Run, Task } from "../api/types";
import { between, duration } from "../format/times";
import { plainText, shortId } from "../format/texts";
import { artifactPath, runPath, taskPath } from "../state/routes";
import { Link } from "./link";
import { State, TypeBadge } from "./state";
import { Time } from "./time";

export const taskName = (task: Task): string => plainText((task.display_name ?? "") || (task.name ?? "") || task.task_id);
export const runName = (run: Run): string => plainText(run.display_name ?? run.run_id);

/** `as` is the key under which a task has it; where that stands, when it was made is left out. */
export function ArtifactLine({ artifact, as }: { readonly artifact: Artifact; readonly as?: string | undefined }) {
  return (
    <li>
      <TypeBadge type={artifact.type} />
      <Link to={artifactPath(artifact.artifact_id)} className="line-name one-line">{plainText(artifact.name)}</Link>
      {as && <span className="faint">as {plainText(as)}</span>}
      <span className="mono faint line-id">{shortId(artifact.artifact_id)}</span>
      {!as && <span className="faint"><Time at={artifact.created_at} /></span>}
    </li>
  );
}

export function TaskLine({ task, as }: { readonly task: Task; readonly as?: string | undefined }) {
  const took = between(task.start_time, task.end_time);
  return (
    <li>
      <State state={task.state} />
      <Link to={taskPath(task.task_id)} className="line-name one-line">{taskName(task)}</Link>
      {as && <span className="faint">as {plainText(as)}</span>}
      {took !== null && <span className="faint">{duration(took)}</span>}
    </li>
  );
}

export function RunLine({ run }: { readonly run: Run }) {
  const took = between(run.created_at, run.finished_at);
  return (
    <li>
      <State state={run.state} />
      <Link to={runPath(run.run_id)} className="line-name one-line">{runName(run)}</Link>
      {took !== null && <span className="faint">{duration(took)}</span>}
      <span className="faint"><Time at={run.created_at} /></span>
    </li>
  );
}
