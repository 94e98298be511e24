// Metrics drawn: the histories of one or several over each other, or what else they are.

import { useLoaded } from "../../api/loading";
import { getMetric, getTask } from "../../api/operations";
import { plainText, shortId } from "../../format/texts";
import { lookOf, LookFields, lookParams, type LookState } from "../../measures/look";
import { type Drawn, Measured } from "../../measures/measured";
import { taskName } from "../../parts/artifact-lines";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { Empty, Shown } from "../../parts/notices";
import { codec, list, text } from "../../state/codec";
import { useViewState } from "../../state/router";
import { METRICS_PATH, parseMetricRef, runPath, taskPath } from "../../state/routes";

interface PlotState extends LookState {
  readonly namespace: string;
  /** The metrics, each as `metricRef` writes it. */
  readonly of: readonly string[];
}

const STATE = codec<PlotState>({ namespace: text(), of: list(20), ...lookParams });
const POLLING_MS = 5_000;

async function drawnOf(refs: readonly string[], signal: AbortSignal): Promise<readonly Drawn[]> {
  const asked = refs.flatMap((ref) => parseMetricRef(ref) ?? []);
  const tasks = new Map(await Promise.all([...new Set(asked.map((each) => each.taskId))].map(async (id) => [id, taskName(await getTask(id, signal))] as const)));
  const metrics = await Promise.all(asked.map(({ taskId, name }) => getMetric(taskId, name, signal)));
  const names = [...tasks.values()];
  return metrics.map((metric) => {
    const task = tasks.get(metric.task_id) ?? "";
    // Of several tasks of one name, the id tells which.
    const known = names.filter((name) => name === task).length > 1 ? `${task} ${shortId(metric.task_id)}` : task;
    return { metric, label: `${known} · ${plainText(metric.name)}` };
  });
}

export default function Plot() {
  const [state, change] = useViewState(STATE);
  const loaded = useLoaded(`plot\n${state.of.join("\n")}`, (signal) => drawnOf(state.of, signal), { everyMs: POLLING_MS * 2 });
  const above = <Link to={METRICS_PATH}>Metrics</Link>;
  if (!state.of.length) return <><Heading title="Plot" above={above} /><Empty title="Nothing is picked yet">Pick one or more in the <Link to={METRICS_PATH}>metrics</Link>.</Empty></>;
  return (
    <Shown of={loaded} what="the metrics">
      {(drawn) => {
        const names = [...new Set(drawn.map(({ metric }) => plainText(metric.name)))];
        return (
          <>
            <Heading title={names.join(", ")} above={above} />
            <ul className="plotted" aria-label="What is drawn">
              {drawn.map(({ label, metric }) => (
                <li key={`${metric.task_id} ${metric.name}`}>
                  <Link to={taskPath(metric.task_id)}>{label}</Link>
                  {metric.run_id && <Link to={runPath(metric.run_id)} className="faint">its run</Link>}
                  {state.of.length > 1 && <button type="button" className="quiet small" aria-label={`Leave ${label} out`} onClick={() => change({ of: state.of.filter((ref) => { const at = parseMetricRef(ref); return at?.taskId !== metric.task_id || at.name !== metric.name; }) })}>✕</button>}
                </li>
              ))}
            </ul>
            {drawn.some(({ metric }) => metric.schema === "Metric") && <LookFields state={state} onChange={change} />}
            <Measured drawn={drawn} look={lookOf(state)} everyMs={POLLING_MS} />
          </>
        );
      }}
    </Shown>
  );
}
