// What a task read, made and was given, and how it went.

import type { ArtifactIds, Task } from "../api/types";
import { shortId, plainText } from "../format/texts";
import { artifactPath } from "../state/routes";
import { useArtifacts } from "./artifact-names";
import { Facts } from "./card";
import { Link } from "./link";
import { TypeBadge } from "./state";
import { StateHistory } from "./state-history";
import { Time } from "./time";
import { Tree } from "./tree";

function idsOf(lists: Readonly<Record<string, ArtifactIds>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(lists ?? {}).flatMap(([key, list]) => (list.artifact_ids ?? []).map((id) => [key, id] as const));
}

export function TaskDetails({ task }: { readonly task: Task }) {
  const inputs = idsOf(task.inputs);
  const outputs = idsOf(task.outputs);
  return (
    <div className="rows">
      <Facts facts={[
        ["Error", task.error?.message && <span className="wrong wraps">{plainText(task.error.message)}</span>],
        ["Begun", task.start_time && <Time key="begun" at={task.start_time} absolute />],
        ["Ended", task.end_time && <Time key="ended" at={task.end_time} absolute />],
        ["Pod", task.pod_name],
        ["Execution", task.execution_id],
      ]} />
      <Ends title="Inputs" ends={inputs} />
      <Ends title="Outputs" ends={outputs} />
      <Values title="Input parameters" values={task.input_parameters} />
      <Values title="Output parameters" values={task.output_parameters} />
      <section><h3>States</h3><StateHistory history={task.state_history ?? []} /></section>
    </div>
  );
}

const SHOWN_MAX = 100;

function Ends({ title, ends }: { readonly title: string; readonly ends: readonly (readonly [string, string])[] }) {
  const shown = ends.slice(0, SHOWN_MAX);
  const known = useArtifacts(shown.map(([, id]) => id));
  return (
    <section>
      <h3>{title}</h3>
      {ends.length === 0 ? <p className="faint">None</p> : (
        <ul className="lines card">
          {shown.map(([key, id]) => {
            const artifact = known.get(id);
            return (
              <li key={`${key} ${id}`}>
                <span className="faint">{plainText(key)}</span>
                <Link to={artifactPath(id)} className="line-name one-line">{artifact ? plainText(artifact.name) : shortId(id)}</Link>
                {artifact && <TypeBadge type={artifact.type} />}
              </li>
            );
          })}
          {ends.length > shown.length && <li className="faint">and {ends.length - shown.length} more</li>}
        </ul>
      )}
    </section>
  );
}

function Values({ title, values }: { readonly title: string; readonly values: Task["input_parameters"] }) {
  if (!values || !Object.keys(values).length) return null;
  return <section><h3>{title}</h3><Tree value={values} label={title} height={280} /></section>;
}
