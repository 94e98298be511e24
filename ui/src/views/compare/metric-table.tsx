// The metrics of what is compared, each with how far it is from the first side's.

import { bestOf, type Better, betterOf, isBetter } from "../../charts/direction";
import { doubleOf, formatNumber } from "../../format/numbers";
import { plainText } from "../../format/texts";
import { Link } from "../../parts/link";
import { metricRef, plotPath } from "../../state/routes";
import type { Side } from "./sides";

export interface MetricRow {
  readonly name: string;
  /** The best that each side has of that name; null where it has none. */
  readonly values: readonly (number | null)[];
  readonly refs: readonly string[];
  readonly better: Better;
}

/** The scalar metrics of all sides, those of most sides first. */
export function metricRows(sides: readonly Pick<Side, "metrics">[]): readonly MetricRow[] {
  const names = [...new Set(sides.flatMap((side) => side.metrics.flatMap((metric) => (metric.schema === "Metric" ? metric.name : []))))];
  const rows = names.map((name) => {
    const better = betterOf(name);
    const own = sides.map((side) => side.metrics.filter((metric) => metric.name === name && metric.schema === "Metric"));
    const values = own.map((metrics) => (metrics.length ? (bestOf(metrics.map((metric) => doubleOf(metric.value) ?? NaN), better) ?? NaN) : null));
    return { name, better, values, refs: own.flat().map((metric) => metricRef(metric.task_id, metric.name)) };
  });
  const known = (row: MetricRow): number => row.values.filter((value) => value !== null).length;
  return rows.sort((one, other) => known(other) - known(one));
}

/** How a value differs from the first: the difference, and in percent where that says something. */
export function deltaOf(value: number, base: number): string {
  const delta = value - base;
  if (!Number.isFinite(delta)) return "";
  if (delta === 0) return "same";
  const sign = delta > 0 ? "+" : "−";
  const share = base === 0 ? "" : ` (${sign}${formatNumber(Number(Math.abs((delta / base) * 100).toPrecision(3)))}%)`;
  return `${sign}${formatNumber(Math.abs(Number(delta.toPrecision(6))))}${share}`;
}

export function MetricTable({ sides, heads, all }: { readonly sides: readonly Side[]; readonly heads: readonly string[]; readonly all: boolean }) {
  const rows = metricRows(sides).filter(({ values }) => all || new Set(values.map(String)).size > 1);
  if (!rows.length) return null;
  return (
    <section className="card flush table-box" aria-label="Metrics" tabIndex={0}>
      <table className="compared">
        <thead><tr><th scope="col">Metric</th>{heads.map((head, index) => <th key={sides[index]?.id} scope="col" className="numeric">{head}</th>)}</tr></thead>
        <tbody>
          {rows.map(({ name, better, values, refs }) => {
            const best = bestOf(values.flatMap((value) => value ?? []), better);
            return (
              <tr key={name}>
                <th scope="row"><Link to={plotPath(refs.slice(0, 20))}>{plainText(name)}</Link> <span className="faint" title={`${better} is better`}>{better === "higher" ? "↑" : "↓"}</span></th>
                {values.map((value, index) => <Value key={sides[index]?.id} value={value} base={index ? (values[0] ?? null) : null} better={better} isBest={value !== null && value === best} />)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Value({ value, base, better, isBest }: { readonly value: number | null; readonly base: number | null; readonly better: Better; readonly isBest: boolean }) {
  if (value === null) return <td className="numeric faint">–</td>;
  const delta = base === null ? "" : deltaOf(value, base);
  const kind = base === null || delta === "" || value === base ? "faint" : isBetter(value, base, better) ? "delta-better" : "delta-worse";
  return (
    <td className={isBest ? "numeric best" : "numeric"}>
      {formatNumber(value)}{isBest && <span className="best-mark"> best</span>}
      {delta && <span className={`delta ${kind}`}>{delta}{kind === "delta-better" ? " better" : kind === "delta-worse" ? " worse" : ""}</span>}
    </td>
  );
}
