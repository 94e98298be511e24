// The first page: what was made lately, and on an empty store how to fill it.

import { listArtifacts, listMetrics, listRuns, listTasks } from "../../api/operations";
import { useLoaded } from "../../api/loading";
import type { Artifact, Run } from "../../api/types";
import { Announce } from "../../parts/announce";
import { ArtifactLine, RunLine } from "../../parts/artifact-lines";
import { Card } from "../../parts/card";
import { useFresh } from "../../parts/fresh";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { Empty, Shown } from "../../parts/notices";
import { METRICS_PATH } from "../../state/routes";
import { useNamespace } from "../../state/namespace";
import { FirstSteps } from "./first-steps";

const LINES = 10;
const POLLING = { everyMs: 5_000 };

interface Recent {
  readonly artifacts: readonly Artifact[];
  readonly runs: readonly Run[];
  readonly totals: readonly { readonly title: string; readonly to: string; readonly total: number }[];
}

async function recent(namespace: string, signal: AbortSignal): Promise<Recent> {
  const newest = { namespace, sort_by: "created_at desc", page_size: LINES };
  const one = { namespace, page_size: 1 };
  const [artifacts, runs, tasks, metrics] = await Promise.all([
    listArtifacts(newest, signal), listRuns(newest, signal), listTasks(one, signal), listMetrics(one, signal),
  ]);
  const totals = [
    { title: "Artifacts", to: "/artifacts", total: artifacts.total_size },
    { title: "Runs", to: "/runs", total: runs.total_size },
    { title: "Tasks", to: "/tasks", total: tasks.total_size },
    { title: "Metrics", to: METRICS_PATH, total: metrics.total_size },
  ];
  return { artifacts: artifacts.artifacts, runs: runs.runs, totals };
}

export function Home() {
  const namespace = useNamespace();
  const loaded = useLoaded(`home\n${namespace}`, (signal) => recent(namespace, signal), POLLING);
  const fresh = useFresh(`home\n${namespace}`, loaded.data?.artifacts.map((each) => each.artifact_id));
  return (
    <>
      <Heading title={namespace ? `What was made in ${namespace}` : "What was made"} />
      <Announce arrived={fresh.arrived} noun="artifact" />
      <Shown of={loaded} what="what was made lately">
        {(found) => (found.totals.every((each) => each.total === 0) ? <FirstSteps /> : <Found found={found} />)}
      </Shown>
    </>
  );
}

function Found({ found }: { readonly found: Recent }) {
  return (
    <>
      <div className="totals">
        {found.totals.map(({ title, to, total }) => (
          <Link key={title} to={to} className="total"><strong>{total.toLocaleString("en-US")}</strong><span className="faint">{title}</span></Link>
        ))}
      </div>
      <div className="columns">
        <Card title="Recent artifacts" flush actions={<Link to="/artifacts">All artifacts</Link>}>
          {found.artifacts.length ? <ul className="lines">{found.artifacts.map((each) => <ArtifactLine key={each.artifact_id} artifact={each} />)}</ul> : <Empty title="There is no artifact yet" />}
        </Card>
        <Card title="Recent runs" flush actions={<Link to="/runs">All runs</Link>}>
          {found.runs.length ? <ul className="lines">{found.runs.map((each) => <RunLine key={each.run_id} run={each} />)}</ul> : <Empty title="There is no run yet">A run comes into being with its first task.</Empty>}
        </Card>
      </div>
    </>
  );
}
