// Runs as a table, each with the metrics that tell most.

import { useLoaded } from "../../api/loading";
import { filterOf } from "../../api/filters";
import { listMetrics, listRuns } from "../../api/operations";
import type { Metric, Run } from "../../api/types";
import { runName } from "../../parts/artifact-lines";
import { Heading } from "../../parts/heading";
import { ListView } from "../../parts/list-view";
import { codec, list } from "../../state/codec";
import { keyOf, type ListState, listParams, queryOf } from "../../state/list-state";
import { inNamespace } from "../../state/namespace";
import { navigate, useViewState } from "../../state/router";
import { comparePath, runPath } from "../../state/routes";
import { COLUMNS, type RunRow } from "./columns";

interface RunsState extends ListState {
  readonly ticked: readonly string[];
}

const STATE = codec<RunsState>({
  ...listParams("created_at desc", ["name", "state", "metrics", "created_at", "took", "pipeline_name"]),
  ticked: list(10),
});
const POLLING = { everyMs: 5_000 };
const STILL = { everyMs: null };
const METRICS_MAX = 200;

async function rowsOf(runs: readonly Run[], signal: AbortSignal): Promise<readonly RunRow[]> {
  if (!runs.length) return [];
  const filter = filterOf([{ operation: "EQUALS", key: "schema", string_value: "Metric" }]);
  const run_ids = runs.map((run) => run.run_id);
  const { metrics } = await listMetrics({ run_ids, page_size: METRICS_MAX, ...(filter && { filter }) }, signal);
  const byRun = new Map<string, Metric[]>();
  for (const metric of metrics) byRun.set(metric.run_id ?? "", [...(byRun.get(metric.run_id ?? "") ?? []), metric]);
  return runs.map((run) => ({ run, metrics: byRun.get(run.run_id) ?? [] }));
}

export default function Runs() {
  const [state, change] = useViewState(STATE);
  const { ticked } = state;
  const loaded = useLoaded(keyOf("runs", state), async (signal) => {
    const page = await listRuns(queryOf(state), signal);
    return { rows: await rowsOf(page.runs, signal), total: page.total_size, next: page.next_page_token };
  }, state.page ? STILL : POLLING);
  const tick = (id: string): void => change({ ticked: ticked.includes(id) ? ticked.filter((each) => each !== id) : [...ticked, id].slice(-10) }, true);
  return (
    <>
      <Heading title="Runs" />
      <ListView
        noun="run" list={loaded} columns={COLUMNS} state={state} onChange={(changed: Partial<ListState>) => change(changed)} example="state = FAILED"
        idOf={(row) => row.run.run_id} nameOf={(row) => runName(row.run)} pathOf={(row) => runPath(row.run.run_id)}
        ticked={new Set(ticked)} onTick={tick}
        foot={ticked.length > 0 && (
          <div className="compare-bar" role="status">
            <span>{ticked.length} ticked</span>
            <button type="button" className="primary" disabled={ticked.length < 2} onClick={() => navigate(inNamespace(comparePath("run", ticked), state.namespace))}>Compare</button>
            <button type="button" className="quiet" onClick={() => change({ ticked: [] }, true)}>Clear</button>
          </div>
        )}
      />
    </>
  );
}
