// The picked metrics across the runs that are shown: bars of each, or two against each other.

import { useMemo } from "react";
import type { Better } from "../../charts/direction";
import { BarChart, ScatterChart } from "../../charts/run-charts";
import { plainText } from "../../format/texts";
import { runName } from "../../parts/artifact-lines";
import { Empty } from "../../parts/notices";
import { inNamespace, useNamespace } from "../../state/namespace";
import { navigate } from "../../state/router";
import { runPath } from "../../state/routes";
import type { Pivot } from "./pivot";
import "../../styles/charts.css";

interface ChartsProps {
  readonly pivot: Pivot;
  readonly picked: readonly string[];
  readonly better: (name: string) => Better;
  readonly draw: "bars" | "scatter";
  readonly onDraw: (draw: "bars" | "scatter") => void;
}

export default function RunCharts({ pivot, picked, better, draw, onDraw }: ChartsProps) {
  const namespace = useNamespace();
  const open = (id: string): void => navigate(inNamespace(runPath(id), namespace));
  return (
    <section aria-label="Charts" className="rows">
      <p className="actions" role="group" aria-label="How they are drawn">
        <button type="button" aria-pressed={draw === "bars"} onClick={() => onDraw("bars")}>Bars across runs</button>
        <button type="button" aria-pressed={draw === "scatter"} onClick={() => onDraw("scatter")}>Two against each other</button>
      </p>
      {draw === "bars"
        ? <div className="chart-pair">{picked.map((name) => <Bars key={name} name={name} pivot={pivot} better={better(name)} onRun={open} />)}</div>
        : <Pairs pivot={pivot} picked={picked} onRun={open} />}
    </section>
  );
}

function Bars({ name, pivot, better, onRun }: { readonly name: string; readonly pivot: Pivot; readonly better: Better; readonly onRun: (id: string) => void }) {
  const values = useMemo(() => pivot.rows.flatMap(({ run, cells }) => {
    const cell = cells.get(name);
    return cell ? [{ id: run.run_id, run: runName(run), value: cell.value }] : [];
  }), [pivot, name]);
  return <BarChart name={plainText(name)} values={values} better={better} onRun={onRun} />;
}

function Pairs({ pivot, picked: [x, y], onRun }: Pick<ChartsProps, "pivot" | "picked"> & { readonly onRun: (id: string) => void }) {
  const pairs = useMemo(() => pivot.rows.flatMap(({ run, cells }) => {
    const [one, other] = [cells.get(x ?? ""), cells.get(y ?? "")];
    return one && other ? [{ id: run.run_id, run: runName(run), x: one.value, y: other.value }] : [];
  }), [pivot, x, y]);
  if (x === undefined || y === undefined) return <Empty title="Pick a second metric">A point is a run: one metric says how far right it is, another how high.</Empty>;
  return <ScatterChart names={[plainText(x), plainText(y)]} pairs={pairs} onRun={onRun} />;
}
