// Histories of metrics over steps or over time.
//
// Every point is drawn, faint where it is smoothed, so that no extreme is lost; what has no height, NaN and the infinities, is
// marked at the edges.

import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "react";
import { formatNumber } from "../format/numbers";
import { Chart, type Data } from "./chart";
import { framed } from "./options";
import { type Along, placeOf, type Series, smoothed, splitOf, toldOf } from "./series";
import { type Colours, seriesColour, useColours } from "./theme";

export interface LineLook {
  readonly along: Along;
  readonly isLog: boolean;
  /** From 0, as it is, to 1. */
  readonly smoothing: number;
}

interface LineChartProps {
  readonly title: string;
  readonly series: readonly Series[];
  readonly look: LineLook;
  readonly caveat?: string | undefined;
}

/** Above this many points, each pixel shows its least and its greatest. */
const SAMPLED_OVER = 2_000;

export function LineChart({ title, series, look, caveat }: LineChartProps) {
  const colours = useColours();
  const { along, isLog, smoothing } = look;
  const option = useMemo(() => lineOption(series, { along, isLog, smoothing }, colours), [series, along, isLog, smoothing, colours]);
  const lost = isLog ? series.reduce((sum, each) => sum + each.samples.filter(({ value }) => Number.isFinite(value) && value <= 0).length, 0) : 0;
  const caveats = [caveat, lost ? `A logarithmic axis cannot show ${lost} of the points: they are zero or less.` : undefined].filter(Boolean).join(" ");
  return <Chart title={title} option={option} colours={colours} told={series.map((each) => toldOf(each, formatNumber))} data={dataOf(series)} caveat={caveats || undefined} />;
}

function dataOf(series: readonly Series[]): Data {
  return {
    head: ["series", "step", "time", "value"],
    rows: series.flatMap(({ label, samples }) => samples.map(({ step, timeMs, value }) => [label, step, new Date(timeMs).toISOString(), value])),
  };
}

/** What ECharts draws of histories. */
export function lineOption(series: readonly Series[], look: LineLook, colours: Colours): EChartsCoreOption {
  // Of all points, so that a mark at the end of a history is not beyond the axis.
  let [min, max] = [Infinity, -Infinity];
  for (const { samples } of series) {
    samples.forEach((sample, index) => {
      const place = placeOf(sample, index, look.along);
      min = Math.min(min, place);
      max = Math.max(max, place);
    });
  }
  const x = { name: look.along, type: look.along === "time" ? "time" : "value", ...(min < max && { min, max }) } as const;
  const y = { name: "", type: look.isLog ? "log" : "value" } as const;
  return { ...framed(colours, x, y, series.length > 1), series: series.flatMap((each, index) => linesOf(each, look, seriesColour(colours, index))) };
}

function linesOf({ label, samples }: Series, { along, isLog, smoothing }: LineLook, colour: string): object[] {
  const places = samples.map((sample, index) => placeOf(sample, index, along));
  const values = samples.map((sample) => sample.value);
  const whole = splitOf(places.map((place, index) => [place, values[index] ?? NaN]), isLog);
  const line = {
    type: "line", name: label, itemStyle: { color: colour }, lineStyle: { color: colour, width: 2 }, symbolSize: 5,
    showSymbol: whole.shown.length <= 60, ...(whole.shown.length > SAMPLED_OVER && { sampling: "minmax" }),
    tooltip: { valueFormatter: (value: unknown) => (typeof value === "number" ? formatNumber(value) : String(value)) },
  };
  const lines = smoothing === 0 ? [{ ...line, data: whole.shown }] : [
    { ...line, data: whole.shown, lineStyle: { color: colour, width: 1, opacity: 0.35 }, showSymbol: false },
    { ...line, data: splitOf(smoothed(values, smoothing).map((value, index) => [places[index] ?? index, value]), isLog).shown, showSymbol: false },
  ];
  return [...lines, ...marksOf(label, whole, colour)];
}

/** Where there is a value without a height: dotted lines that say which, at most so many of each. */
const MARKS_MAX = 200;

function marksOf(label: string, split: ReturnType<typeof splitOf>, colour: string): object[] {
  const mark = (what: string, places: readonly number[], position: "start" | "end"): object[] => (places.length ? [{
    type: "line", name: label, data: [], markLine: {
      symbol: "none", animation: false, lineStyle: { color: colour, type: "dotted", opacity: 0.8 },
      label: { show: true, position, formatter: what, color: colour },
      data: places.slice(0, MARKS_MAX).map((xAxis) => ({ xAxis, name: what })),
    },
  }] : []);
  return [...mark("NaN", split.nan, "end"), ...mark("∞", split.above, "end"), ...mark("−∞", split.below, "start")];
}
