// One metric across runs as bars, and two metrics of each run as points.

import { useMemo } from "react";
import { formatNumber } from "../format/numbers";
import { Chart } from "./chart";
import { bestOf, type Better } from "./direction";
import { framed } from "./options";
import { seriesColour, useColours } from "./theme";

export interface RunValue {
  readonly id: string;
  readonly run: string;
  readonly value: number;
}

export function BarChart({ name, values, better, onRun }: { readonly name: string; readonly values: readonly RunValue[]; readonly better: Better; readonly onRun: (id: string) => void }) {
  const colours = useColours();
  const best = bestOf(values.map((each) => each.value), better);
  const option = useMemo(() => ({
    ...framed(colours, { name: "", type: "category", data: values.map((each) => each.run) }, { name, type: "value", scale: false }, false),
    series: [{
      type: "bar", name, barMaxWidth: 48,
      data: values.map(({ value }) => ({ value: Number.isFinite(value) ? value : "-", itemStyle: { color: seriesColour(colours, value === best ? 0 : 9) } })),
    }],
  }), [colours, name, values, best]);
  const odd = values.filter(({ value }) => !Number.isFinite(value));
  return (
    <Chart
      title={`${name} across runs`} option={option} colours={colours} onPoint={(_, index) => { const at = values[index]; if (at) onRun(at.id); }}
      told={values.length ? [`${values.length} runs${best === null ? "" : `, the best ${formatNumber(best)} by ${values.find((each) => each.value === best)?.run ?? ""}`}`] : ["No run has it"]}
      caveat={odd.length ? `Without a bar: ${odd.map((each) => `${each.run} (${formatNumber(each.value)})`).join(", ")}.` : undefined}
      data={{ head: ["run_id", "run", name], rows: values.map((each) => [each.id, each.run, each.value]) }}
    />
  );
}

export interface RunPair {
  readonly id: string;
  readonly run: string;
  readonly x: number;
  readonly y: number;
}

export function ScatterChart({ names: [x, y], pairs, onRun }: { readonly names: readonly [string, string]; readonly pairs: readonly RunPair[]; readonly onRun: (id: string) => void }) {
  const colours = useColours();
  const shown = useMemo(() => pairs.filter((pair) => Number.isFinite(pair.x) && Number.isFinite(pair.y)), [pairs]);
  const option = useMemo(() => ({
    ...framed(colours, { name: x, type: "value" }, { name: y, type: "value" }, false),
    series: [{ type: "scatter", symbolSize: 11, itemStyle: { color: seriesColour(colours, 0), opacity: 0.8 }, data: shown.map((pair) => ({ name: pair.run, value: [pair.x, pair.y] })) }],
  }), [colours, x, y, shown]);
  const odd = pairs.length - shown.length;
  return (
    <Chart
      title={`${y} by ${x}`} option={option} colours={colours} onPoint={(_, index) => { const at = shown[index]; if (at) onRun(at.id); }}
      told={[`${shown.length} runs have both`]} caveat={odd ? `${odd} more have both, but not as finite numbers.` : undefined}
      data={{ head: ["run_id", "run", x, y], rows: pairs.map((pair) => [pair.id, pair.run, pair.x, pair.y]) }}
    />
  );
}
