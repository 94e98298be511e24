// Whether less or more of a metric is better: guessed by its name, unless the reader says otherwise.

export type Better = "higher" | "lower";

const LOWER = /(^|[^a-z])(loss|losses|error|errors|err|rmse|mse|mae|mape|perplexity|latency|seconds|duration|time|cost|wer|cer|fpr|fnr|diverged|bytes)([^a-z]|$)/;

/** The guess by a metric's name: `log_loss` and `val/rmse` lower, all else higher. */
export function betterOf(name: string): Better {
  return LOWER.test(name.toLowerCase()) ? "lower" : "higher";
}

/** The better of two values; what is no number is never better. */
export function isBetter(value: number, than: number, better: Better): boolean {
  if (Number.isNaN(value)) return false;
  return Number.isNaN(than) || (better === "higher" ? value > than : value < than);
}

/** The best of several values; null where none is a number. */
export function bestOf(values: readonly number[], better: Better): number | null {
  let best = NaN;
  for (const value of values) if (isBetter(value, best, better)) best = value;
  return Number.isNaN(best) ? null : best;
}
