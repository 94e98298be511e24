// One run: what came of it, its tasks over time, and what each read and made.

import { lazy, Suspense, useState } from "react";
import { useLoaded } from "../../api/loading";
import { getRun, listMetrics } from "../../api/operations";
import type { Run } from "../../api/types";
import { between, duration } from "../../format/times";
import { plainText } from "../../format/texts";
import { runName } from "../../parts/artifact-lines";
import { Card, Facts } from "../../parts/card";
import { Id } from "../../parts/copy";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { MetricRows } from "../../parts/metric-rows";
import { Empty, Loading, Shown } from "../../parts/notices";
import { isLive, State } from "../../parts/state";
import { StateHistory } from "../../parts/state-history";
import { Tabs } from "../../parts/tabs";
import { Time } from "../../parts/time";
import { Tree } from "../../parts/tree";
import { choice, codec, text } from "../../state/codec";
import { useViewState } from "../../state/router";
import { TaskList } from "./task-list";

const TABS = ["tasks", "graph", "metrics", "parameters", "states"] as const;

interface RunState {
  readonly namespace: string;
  readonly tab: (typeof TABS)[number];
  /** The task whose details are shown. */
  readonly task: string;
}

const STATE = codec<RunState>({ namespace: text(), tab: choice(TABS), task: text() });
const RunGraph = lazy(() => import("./run-graph"));
const LIVE = { everyMs: 3_000 };
const OVER = { everyMs: 30_000 };

export default function OneRun({ id }: { readonly id: string }) {
  const [isOver, setOver] = useState(false);
  // What is over may still be added to, but seldom.
  const loaded = useLoaded(`run\n${id}`, async (signal) => {
    const run = await getRun(id, signal);
    setOver(!isLive(run.state));
    return run;
  }, isOver ? OVER : LIVE);
  return <Shown of={loaded} what="the run">{(run) => <Found run={run} />}</Shown>;
}

function Found({ run }: { readonly run: Run }) {
  const [state, change] = useViewState(STATE);
  const tasks = run.run_details?.task_details ?? [];
  const took = between(run.created_at, run.finished_at);
  const parameters = run.runtime_config?.parameters ?? {};
  const tabs = [
    { name: "tasks", title: `Tasks (${tasks.length})`, panel: () => (tasks.length ? <TaskList run={run} tasks={tasks} chosen={state.task} onChoose={(task) => change({ task }, true)} /> : <Empty title="The run has no task yet" />) },
    { name: "graph", title: "Graph", panel: () => <Suspense fallback={<Loading what="the graph" />}><RunGraph run={run} /></Suspense> },
    { name: "metrics", title: "Metrics", panel: () => <RunMetrics run={run} /> },
    { name: "parameters", title: "Parameters", panel: () => (Object.keys(parameters).length ? <Card title="Parameters" flush><Tree value={parameters} label="Parameters" /></Card> : <Empty title="No parameters are known" />) },
    { name: "states", title: "States", panel: () => <StateHistory history={run.state_history ?? []} /> },
  ] as const;
  return (
    <>
      <Heading title={runName(run)} above={<Link to="/runs">Runs</Link>}><State state={run.state} /></Heading>
      <div className="rows">
        <Card title="What it is">
          <Facts facts={[
            ["Pipeline", run.pipeline_name && plainText(run.pipeline_name)],
            ["Experiment", run.experiment_id && plainText(run.experiment_id)],
            ["Description", run.description && plainText(run.description)],
            ["Error", run.error?.message && <span className="wrong wraps">{plainText(run.error.message)}</span>],
            ["Begun", <Time key="begun" at={run.created_at} absolute />],
            ["Took", took === null ? undefined : duration(took)],
            ["Namespace", run.namespace],
            ["Labels", Object.entries(run.labels ?? {}).map(([key, value]) => `${plainText(key)}=${plainText(value)}`).join(", ")],
            ["Id", <Id key="id" id={run.run_id} what="run" />],
          ]} />
        </Card>
        <div><Tabs<RunState["tab"]> label="Parts of the run" tabs={tabs} chosen={state.tab} onChoose={(tab) => change({ tab })} /></div>
      </div>
    </>
  );
}

function RunMetrics({ run }: { readonly run: Run }) {
  const loaded = useLoaded(`metrics of the run\n${run.run_id}`, (signal) => listMetrics({ run_ids: [run.run_id], page_size: 200 }, signal), isLive(run.state) ? LIVE : OVER);
  return <Shown of={loaded} what="the metrics">{(page) => <MetricRows page={page} showsTask />}</Shown>;
}
