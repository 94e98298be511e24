// What was measured of all sides, drawn over each other.

import { useMemo } from "react";
import { lookOf, LookFields, type LookState } from "../../measures/look";
import { type Drawn, Measured } from "../../measures/measured";
import type { Side } from "./sides";

const NAMES_MAX = 3;
const DRAWN_MAX = 20;

/** What can be drawn: curves and matrices, and the histories of metrics that have steps, of at most three names. */
export function drawnOf(sides: readonly Side[], heads: readonly string[]): readonly Drawn[] {
  const stepped = new Map<string, number>();
  for (const { metrics } of sides) for (const name of new Set(metrics.flatMap((metric) => (metric.schema === "Metric" && metric.step !== undefined ? metric.name : [])))) stepped.set(name, (stepped.get(name) ?? 0) + 1);
  const names = [...stepped].sort(([, one], [, other]) => other - one).slice(0, NAMES_MAX).map(([name]) => name);
  return sides.flatMap(({ metrics }, index) => {
    const own = metrics.filter((metric) => metric.schema !== "Metric" || names.includes(metric.name));
    const count = (name: string): number => own.filter((metric) => metric.name === name).length;
    return own.map((metric) => ({ metric, label: `${heads[index] ?? ""}${count(metric.name) > 1 ? ` ${metric.task_id.slice(0, 8)}` : ""} · ${metric.name}` }));
  }).slice(0, DRAWN_MAX);
}

export default function Overlays({ sides, heads, look, onLook }: { readonly sides: readonly Side[]; readonly heads: readonly string[]; readonly look: LookState; readonly onLook: (change: Partial<LookState>, replace?: boolean) => void }) {
  const drawn = useMemo(() => drawnOf(sides, heads), [sides, heads]);
  if (!drawn.length) return null;
  return (
    <section aria-label="Charts" className="rows">
      {drawn.some(({ metric }) => metric.schema === "Metric") && <LookFields state={look} onChange={onLook} />}
      <Measured drawn={drawn} look={lookOf(look)} everyMs={15_000} />
    </section>
  );
}
