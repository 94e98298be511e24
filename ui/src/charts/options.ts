// What all charts of the page have in common, as ECharts takes it.

import type { EChartsCoreOption } from "echarts/core";
import { formatNumber } from "../format/numbers";
import type { Colours } from "./theme";

export interface AxisSpec {
  readonly name: string;
  readonly type: "value" | "log" | "time" | "category";
  readonly data?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** Whether it may leave zero out; bars may not. */
  readonly scale?: boolean;
}

/** Axes, tooltip and legend in the page's colours. */
export function framed(colours: Colours, x: AxisSpec, y: AxisSpec, hasLegend: boolean): EChartsCoreOption {
  const axis = (spec: AxisSpec, isX: boolean): object => ({
    scale: true,
    ...spec,
    nameLocation: "middle",
    nameGap: isX ? 28 : 46,
    nameTextStyle: { color: colours.soft },
    axisLabel: { color: colours.soft, hideOverlap: true, ...(spec.type === "value" || spec.type === "log" ? { formatter: formatNumber } : {}) },
    axisLine: { lineStyle: { color: colours.line } },
    splitLine: { show: !isX || spec.type !== "category", lineStyle: { color: colours.line } },
  });
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.ink },
    grid: { left: 64, right: 24, top: hasLegend ? 40 : 16, bottom: 48, containLabel: false },
    xAxis: axis(x, true),
    yAxis: axis(y, false),
    ...(hasLegend && { legend: { type: "scroll", top: 6, textStyle: { color: colours.ink }, pageTextStyle: { color: colours.soft } } }),
    // As rich text it is painted, and never becomes part of the document.
    tooltip: { trigger: "item", renderMode: "richText", confine: true, backgroundColor: colours.ground, borderColor: colours.line, textStyle: { color: colours.ink } },
  };
}
