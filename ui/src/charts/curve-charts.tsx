// ROC and precision-recall curves, laid over each other, with thresholds under the pointer.

import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "react";
import { formatNumber } from "../format/numbers";
import { Chart } from "./chart";
import { averagePrecision, type Classification, precisionOf, rocArea } from "./classification";
import { framed } from "./options";
import { type Colours, seriesColour, useColours } from "./theme";

export interface Labelled extends Classification {
  readonly label: string;
}

interface Curve {
  readonly label: string;
  /** x, y and threshold. */
  readonly points: readonly (readonly [number, number, number])[];
}

function curveOption(colours: Colours, x: string, y: string, curves: readonly Curve[], isChanceShown: boolean): EChartsCoreOption {
  const tip = ({ seriesName, data }: { seriesName: string; data: readonly number[] }): string =>
    `${seriesName}\nthreshold ${formatNumber(data[2] ?? NaN)}\n${x} ${formatNumber(data[0] ?? NaN)}\n${y} ${formatNumber(data[1] ?? NaN)}`;
  const frame = framed(colours, { name: x, type: "value", min: 0, max: 1 }, { name: y, type: "value", min: 0, max: 1 }, curves.length > 1);
  const lines = curves.map(({ label, points }, index) => ({
    type: "line", name: label, data: points, symbolSize: 7, showSymbol: points.length <= 60, itemStyle: { color: seriesColour(colours, index) },
    lineStyle: { color: seriesColour(colours, index), width: 2 }, tooltip: { formatter: tip },
  }));
  const chance = { type: "line", name: "chance", data: [[0, 0], [1, 1]], symbol: "none", silent: true, lineStyle: { color: colours.soft, type: "dashed", width: 1 } };
  return { ...frame, tooltip: { ...(frame["tooltip"] as object), axisPointer: { type: "cross" } }, ...(curves.length > 1 && { legend: { ...(frame["legend"] as object), data: curves.map((curve) => curve.label) } }), series: isChanceShown ? [...lines, chance] : lines };
}

export function RocChart({ all, title = "ROC curve" }: { readonly all: readonly Labelled[]; readonly title?: string }) {
  const colours = useColours();
  const curves = useMemo(() => all.flatMap(({ label, curve }) => (curve ? [{ label, auc: rocArea(curve), points: curve.map((point) => [point.falsePositiveRate, point.recall, point.threshold] as const) }] : [])), [all]);
  const option = useMemo(() => curveOption(colours, "false positive rate", "true positive rate", curves, true), [colours, curves]);
  if (!curves.length) return null;
  return (
    <Chart
      title={title} option={option} colours={colours} height={340} told={curves.map(({ label, auc, points }) => `${label}: AUC ${auc.toFixed(4)}, ${points.length} thresholds`)}
      data={{ head: ["curve", "threshold", "false_positive_rate", "true_positive_rate"], rows: curves.flatMap(({ label, points }) => points.map(([fpr, recall, threshold]) => [label, threshold, fpr, recall])) }}
    />
  );
}

export function PrecisionChart({ all, title = "Precision and recall" }: { readonly all: readonly Labelled[]; readonly title?: string }) {
  const colours = useColours();
  const curves = useMemo(() => all.flatMap(({ label, curve, matrix }) => {
    const points = curve && precisionOf(curve, matrix);
    return points ? [{ label, average: averagePrecision(points), isComputed: curve.every((point) => point.precision === null), points: points.map((point) => [point.recall, point.precision, point.threshold] as const) }] : [];
  }), [all]);
  const option = useMemo(() => curveOption(colours, "recall", "precision", curves, false), [colours, curves]);
  const without = all.filter(({ label, curve }) => curve && !curves.some((each) => each.label === label));
  if (!curves.length) return without.length ? <p className="faint chart-missing">Precision is not logged, and cannot be computed without a confusion matrix of two classes beside the curve.</p> : null;
  const caveat = [
    curves.some((each) => each.isComputed) && "Precision is computed from the rates and from how many of each class the confusion matrix has; the second class counts as the positive one.",
    without.length > 0 && `Not known of ${without.map((each) => each.label).join(", ")}.`,
  ].filter(Boolean).join(" ");
  return (
    <Chart
      title={title} option={option} colours={colours} height={340} caveat={caveat || undefined}
      told={curves.map(({ label, average, points }) => `${label}: average precision ${average.toFixed(4)}, ${points.length} thresholds`)}
      data={{ head: ["curve", "threshold", "recall", "precision"], rows: curves.flatMap(({ label, points }) => points.map(([recall, precision, threshold]) => [label, threshold, recall, precision])) }}
    />
  );
}
