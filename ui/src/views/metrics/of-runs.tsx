// Runs by their metrics: the best marked, and any of them drawn.

import { lazy, Suspense, useMemo } from "react";
import { filterOf } from "../../api/filters";
import { useLoaded } from "../../api/loading";
import { listMetrics, listRuns } from "../../api/operations";
import type { Metric, Run } from "../../api/types";
import { Empty, Loading, Shown } from "../../parts/notices";
import { Pager } from "../../parts/pager";
import { choice, codec, list, text } from "../../state/codec";
import { keyOf, type ListState, listParams, onItsPage, queryOf } from "../../state/list-state";
import { inNamespace } from "../../state/namespace";
import { navigate, useViewState } from "../../state/router";
import { comparePath, plotPath } from "../../state/routes";
import { betterBy, pivotOf } from "./pivot";
import { PivotTable } from "./pivot-table";

const Charts = lazy(() => import("./run-charts"));

export interface OfRunsState extends ListState {
  readonly tab: "runs" | "every";
  /** The names shown; none for those that tell most. */
  readonly names: readonly string[];
  /** Names of which the guess, what is better, is turned. */
  readonly turned: readonly string[];
  /** The names that are picked to be drawn. */
  readonly picked: readonly string[];
  readonly ticked: readonly string[];
  readonly draw: "bars" | "scatter";
  readonly find: string;
}

const STATE = codec<OfRunsState>({
  ...listParams("created_at desc", []), tab: choice(["runs", "every"]), names: list(50), turned: list(50), picked: list(10), ticked: list(10),
  draw: choice(["bars", "scatter"]), find: text(),
});
const NAMES_SHOWN = 8;
const POLLING = { everyMs: 5_000 };
const STILL = { everyMs: null };
const PAGE = 200;
const PAGES_MAX = 10;

async function metricsOf(runs: readonly Run[], signal: AbortSignal): Promise<{ metrics: readonly Metric[]; isCut: boolean }> {
  const metrics: Metric[] = [];
  if (!runs.length) return { metrics, isCut: false };
  const filter = filterOf([{ operation: "EQUALS", key: "schema", string_value: "Metric" }]);
  let page_token = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const found = await listMetrics({ run_ids: runs.map((run) => run.run_id), page_size: PAGE, ...(filter && { filter }), ...(page_token && { page_token }) }, signal);
    metrics.push(...found.metrics);
    page_token = found.next_page_token;
    if (!page_token) return { metrics, isCut: false };
  }
  return { metrics, isCut: true };
}

export function OfRuns() {
  const [state, change] = useViewState(STATE);
  const { namespace, sort, size, page, where } = state;
  const key = keyOf("runs and metrics", { namespace, sort, size, page, where, at: 1, columns: [] });
  const loaded = useLoaded(key, async (signal) => {
    const runs = await listRuns(queryOf(state), signal);
    return { runs: runs.runs, total: runs.total_size, next: runs.next_page_token, ...(await metricsOf(runs.runs, signal)) };
  }, page ? STILL : POLLING);
  const better = useMemo(() => betterBy(state.turned), [state.turned]);
  return (
    <Shown of={loaded} what="the metrics of runs" rows={12}>
      {(found) => {
        if (!found.runs.length) return <Empty title="There is no run yet">The first page says how to record one.</Empty>;
        const pivot = pivotOf(found.runs, found.metrics, better);
        const names = state.names.length ? state.names : pivot.names.slice(0, NAMES_SHOWN);
        const ticked = pivot.rows.filter((row) => state.ticked.includes(row.run.run_id));
        const refs = (ticked.length ? ticked : pivot.rows).flatMap((row) => state.picked.flatMap((name) => row.cells.get(name)?.refs ?? [])).slice(0, 20);
        return (
          <div className="rows">
            <section className="card flush" aria-label="Runs by their metrics">
              <PivotTable pivot={pivot} names={names} better={better} state={state} onChange={(changed) => change(changed, true)} />
              {found.isCut && <p className="pager faint">The runs have more metrics than are read at once: show fewer runs.</p>}
              <div className="compare-bar" role="status">
                <span>{state.picked.length ? `${state.picked.length} picked` : "Pick metrics by their heads to draw them"}</span>
                <button type="button" disabled={!refs.length} onClick={() => navigate(inNamespace(plotPath(refs), namespace))}>History</button>
                <button type="button" className="primary" disabled={ticked.length < 2} onClick={() => navigate(inNamespace(comparePath("run", state.ticked), namespace))}>Compare runs</button>
              </div>
              <Pager state={state} total={found.total} shown={found.runs.length} next={found.next} noun="run" onChange={(changed) => change(onItsPage(changed))} />
            </section>
            {state.picked.length > 0 && (
              <Suspense fallback={<Loading what="the charts" />}><Charts pivot={pivot} picked={state.picked} better={better} draw={state.draw} onDraw={(draw) => change({ draw }, true)} /></Suspense>
            )}
          </div>
        );
      }}
    </Shown>
  );
}
