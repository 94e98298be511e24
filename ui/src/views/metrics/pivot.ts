// Metrics of runs as a table: a run is a row, a metric's name a column.

import type { Metric, Run } from "../../api/types";
import { bestOf, type Better, betterOf } from "../../charts/direction";
import { isTelling } from "../../parts/headlines";
import { doubleOf } from "../../format/numbers";
import { metricRef } from "../../state/routes";

export interface Cell {
  /** The best of those that the run's tasks logged. */
  readonly value: number;
  /** The metrics behind it, as an address has them. */
  readonly refs: readonly string[];
}

export interface Row {
  readonly run: Run;
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface Pivot {
  readonly rows: readonly Row[];
  /** Every name that a run has, those that tell most first. */
  readonly names: readonly string[];
}

/** What is better of each metric: the guess, unless the reader turned it. */
export function betterBy(turned: readonly string[]): (name: string) => Better {
  return (name) => {
    const guess = betterOf(name);
    if (!turned.includes(name)) return guess;
    return guess === "higher" ? "lower" : "higher";
  };
}

/** Runs and their metrics as a table. */
export function pivotOf(runs: readonly Run[], metrics: readonly Metric[], better: (name: string) => Better): Pivot {
  const byRun = new Map<string, Map<string, Metric[]>>();
  const counts = new Map<string, number>();
  for (const metric of metrics) {
    if (metric.schema !== "Metric") continue;
    const run = byRun.get(metric.run_id ?? "") ?? new Map<string, Metric[]>();
    const same = run.get(metric.name) ?? [];
    if (!same.length) counts.set(metric.name, (counts.get(metric.name) ?? 0) + 1);
    byRun.set(metric.run_id ?? "", run.set(metric.name, [...same, metric]));
  }
  const cellOf = (name: string, same: readonly Metric[]): Cell => {
    const values = same.map((metric) => doubleOf(metric.value) ?? NaN);
    return { value: bestOf(values, better(name)) ?? NaN, refs: same.map((metric) => metricRef(metric.task_id, metric.name)) };
  };
  const rows = runs.map((run) => ({ run, cells: new Map([...(byRun.get(run.run_id) ?? [])].map(([name, same]) => [name, cellOf(name, same)] as const)) }));
  const weight = (name: string): number => (isTelling(name) ? 1_000_000 : 0) + (counts.get(name) ?? 0);
  return { rows, names: [...counts.keys()].sort((one, other) => weight(other) - weight(one) || (one < other ? -1 : 1)) };
}

/** The best value of each column, of those that have more than one. */
export function bests({ rows }: Pivot, names: readonly string[], better: (name: string) => Better): ReadonlyMap<string, number> {
  return new Map(names.flatMap((name) => {
    const values = rows.flatMap((row) => row.cells.get(name)?.value ?? []);
    const best = values.length > 1 ? bestOf(values, better(name)) : null;
    return best === null ? [] : [[name, best] as const];
  }));
}
