// Histories of metrics as series: smoothed without losing what stands out, and split into what an axis can show.

export interface Sample {
  readonly step: number | null;
  /** When it was logged, in ms. */
  readonly timeMs: number;
  readonly value: number;
}

export interface Series {
  readonly label: string;
  readonly samples: readonly Sample[];
}

export type Along = "step" | "time";

/** Where a sample stands along the axis; one without a step stands by its place among its like. */
export function placeOf(sample: Sample, index: number, along: Along): number {
  return along === "time" ? sample.timeMs : (sample.step ?? index);
}

/** The exponential mean of values, weighted so that the first ones are not pulled to zero. What is not finite is passed over. */
export function smoothed(values: readonly number[], weight: number): readonly number[] {
  let sum = 0;
  let known = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = sum * weight + value * (1 - weight);
    known = known * weight + (1 - weight);
    return sum / known;
  });
}

export interface Split {
  readonly shown: readonly (readonly [number, number])[];
  readonly nan: readonly number[];
  readonly above: readonly number[];
  readonly below: readonly number[];
  /** How many a logarithmic axis cannot show. */
  readonly notOnLog: number;
}

/** A series as its axis shows it: points, and where along it there is what no axis has a height for. */
export function splitOf(points: readonly (readonly [number, number])[], isLog: boolean): Split {
  const split = { shown: [] as (readonly [number, number])[], nan: [] as number[], above: [] as number[], below: [] as number[], notOnLog: 0 };
  for (const point of points) {
    const [x, y] = point;
    if (Number.isNaN(y)) split.nan.push(x);
    else if (y === Infinity) split.above.push(x);
    else if (y === -Infinity) split.below.push(x);
    else if (isLog && y <= 0) split.notOnLog += 1;
    else split.shown.push(point);
  }
  return split;
}

/** What a series came to, in words: `24 points, last 0.91, least 0.2, greatest 0.93, 2 of them no finite number`. */
export function toldOf({ label, samples }: Series, format: (value: number) => string): string {
  const finite = samples.map((sample) => sample.value).filter(Number.isFinite);
  const last = samples.at(-1);
  if (!last) return `${label}: no point`;
  let [least, greatest] = [Infinity, -Infinity];
  for (const value of finite) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const range = finite.length ? `, least ${format(least)}, greatest ${format(greatest)}` : "";
  const odd = samples.length - finite.length;
  return `${label}: ${samples.length} ${samples.length === 1 ? "point" : "points"}, last ${format(last.value)}${range}${odd ? `, ${odd} not finite` : ""}`;
}
