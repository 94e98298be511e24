// Which of many metrics are worth a headline.

import type { Metric } from "../api/types";

/** What people look for first, best first. */
const TELLING = ["accuracy", "acc", "auc", "roc_auc", "f1", "r2", "rmse", "mae", "loss", "precision", "recall"];

/** Whether a name is one of those that people look for first. */
export function isTelling(name: string): boolean {
  return rank(name) < TELLING.length;
}

function rank(name: string): number {
  const words = name.toLowerCase().split(/[^a-z0-9_]+/);
  const at = TELLING.findIndex((word) => words.some((each) => each === word || each.endsWith(`_${word}`) || each.startsWith(`${word}_`)));
  return at < 0 ? TELLING.length : at;
}

/** At most so many scalar metrics, one of each name: what people look for first, then as they came. */
export function headlines(metrics: readonly Metric[], most: number): readonly Metric[] {
  const byName = new Map<string, Metric>();
  // The latest of a name is what a run came to.
  for (const metric of metrics) if (metric.schema === "Metric") byName.set(metric.name, metric);
  return [...byName.values()].sort((one, other) => rank(one.name) - rank(other.name)).slice(0, most);
}
