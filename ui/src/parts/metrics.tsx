// Scalar metrics: a value, a few of them as chips, and which of many are worth a headline.

import { doubleOf, formatNumber } from "../format/numbers";
import { plainText } from "../format/texts";
import type { Metric } from "../api/types";
import { headlines } from "./headlines";

export function MetricValue({ metric }: { readonly metric: Metric }) {
  const value = doubleOf(metric.value);
  if (value === null) return <span className="faint">{metric.schema === "Metric" ? "–" : "curve or matrix"}</span>;
  return <span className={Number.isFinite(value) ? "number" : "number odd"} title={String(value)}>{formatNumber(value)}</span>;
}

export function MetricChips({ metrics, most = 3 }: { readonly metrics: readonly Metric[]; readonly most?: number }) {
  const shown = headlines(metrics, most);
  const more = new Set(metrics.map((metric) => metric.name)).size - shown.length;
  if (!shown.length) return <span className="faint">–</span>;
  return (
    <span className="metric-chips">
      {shown.map((metric) => (
        <span key={`${metric.task_id} ${metric.name}`} className="metric-chip">
          <span className="faint">{plainText(metric.name)}</span> <MetricValue metric={metric} />
        </span>
      ))}
      {more > 0 && <span className="faint">+{more}</span>}
    </span>
  );
}
