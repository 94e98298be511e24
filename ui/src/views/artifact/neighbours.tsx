// What stands directly around an artifact, as cards.

import type { Artifact, Metric } from "../../api/types";
import { count, formatNumber } from "../../format/numbers";
import { plainText } from "../../format/texts";
import { ArtifactLine, taskName } from "../../parts/artifact-lines";
import { Card } from "../../parts/card";
import { Link } from "../../parts/link";
import { MetricValue } from "../../parts/metrics";
import { headlines, isTelling } from "../../parts/headlines";
import { Empty } from "../../parts/notices";
import { State } from "../../parts/state";
import { Time } from "../../parts/time";
import { runPath, taskPath } from "../../state/routes";
import type { Around, Linked } from "./loading";

const METRICS_SHOWN = 8;

/** What the task that made it measured; what those that read it did, where it measured nothing. */
function keyMetrics(around: Around): readonly Metric[] {
  const makers = new Set(around.producers.map(({ link }) => link.task_id));
  const own = headlines(around.metrics.filter((metric) => makers.has(metric.task_id)), METRICS_SHOWN);
  return own.length ? own : headlines(around.metrics, METRICS_SHOWN);
}

/** What the artifact's own metadata says of how good it is. */
function toldByMetadata(artifact: Artifact): readonly (readonly [string, number])[] {
  return Object.entries(artifact.metadata ?? {}).flatMap(([name, value]) => {
    const number = typeof value === "number" ? value : null;
    return number !== null && isTelling(name) ? [[name, number] as const] : [];
  }).slice(0, METRICS_SHOWN);
}

export function KeyMetrics({ around, artifact }: { readonly around: Around; readonly artifact: Artifact }) {
  const shown = keyMetrics(around);
  const told = toldByMetadata(artifact);
  const names = new Map([...around.producers, ...around.consumers].map(({ link, task }) => [link.task_id, task ? taskName(task) : link.task_id]));
  return (
    <Card title="Key metrics">
      {shown.length + told.length === 0 ? <p className="faint">Neither the task that made it nor one that reads it logged a metric.</p> : (
        <div className="key-metrics">
          {told.map(([name, value]) => (
            <div key={name} className="key-metric">
              <span className="faint one-line">{plainText(name)}</span>
              <span className="number">{formatNumber(value)}</span>
              <span className="faint one-line">its metadata</span>
            </div>
          ))}
          {shown.map((metric) => (
            <div key={`${metric.task_id} ${metric.name}`} className="key-metric">
              <span className="faint one-line" title={plainText(metric.name)}>{plainText(metric.name)}</span>
              <MetricValue metric={metric} />
              <span className="faint one-line">{names.get(metric.task_id) ?? metric.task_id}</span>
            </div>
          ))}
        </div>
      )}
    </Card>
  );
}

function LinkedLine({ linked: { link, task } }: { readonly linked: Linked }) {
  return (
    <li>
      <State state={task?.state} />
      <Link to={taskPath(link.task_id)} className="line-name one-line">{task ? taskName(task) : link.task_id}</Link>
      {link.key && <span className="faint">as {plainText(link.key)}</span>}
    </li>
  );
}

export function Producers({ around: { producers, runs } }: { readonly around: Around }) {
  const first = producers[0];
  return (
    <Card title="Made by" flush>
      {first === undefined ? <Empty title="No task is known to have made it" /> : (
        <ul className="lines">
          {producers.map((linked) => <LinkedLine key={linked.link.id} linked={linked} />)}
          {first.link.run_id && <li><span className="faint">in the run</span><Link to={runPath(first.link.run_id)} className="line-name one-line">{runs.get(first.link.run_id) ?? first.link.run_id}</Link><span className="faint"><Time at={first.link.created_at} /></span></li>}
        </ul>
      )}
    </Card>
  );
}

export function Sources({ around: { sources } }: { readonly around: Around }) {
  if (!sources.length) return null;
  return (
    <Card title="Made from" flush>
      <ul className="lines">{sources.map(({ artifact, key }) => <ArtifactLine key={artifact.artifact_id} artifact={artifact} as={key} />)}</ul>
    </Card>
  );
}

export function Consumers({ around: { consumers, consumersTotal } }: { readonly around: Around }) {
  const more = consumersTotal - consumers.length;
  return (
    <Card title="Used by" note={consumersTotal ? count(consumersTotal, "reading", "readings") : undefined} flush>
      {consumers.length === 0 ? <Empty title="No task has read it" /> : (
        <ul className="lines">
          {consumers.map((linked) => <LinkedLine key={linked.link.id} linked={linked} />)}
          {more > 0 && <li className="faint">and {more.toLocaleString("en-US")} more, of which the lineage tells</li>}
        </ul>
      )}
    </Card>
  );
}
