import { describe, expect, it } from "vitest";
import type { Metric, Run } from "../src/api/types";
import { areaOf, averagePrecision, classificationOf, normalised, precisionOf, rocArea, slicesOf, totalsOf } from "../src/charts/classification";
import { shadeOf } from "../src/charts/confusion-matrix";
import { csvOf } from "../src/charts/csv";
import { bestOf, betterOf } from "../src/charts/direction";
import { smoothed, splitOf, toldOf } from "../src/charts/series";
import { metricRef, parseMetricRef } from "../src/state/routes";
import { bests, betterBy, pivotOf } from "../src/views/metrics/pivot";

const run = (run_id: string): Run => ({ run_id, namespace: "", created_at: "" });
const metric = (run_id: string, task_id: string, name: string, value: Metric["value"]): Metric => ({ task_id, run_id, name, value, schema: "Metric", created_at: "", type: "", namespace: "" });
const point = (confidenceThreshold: number | string, falsePositiveRate: number, recall: number) => ({ confidenceThreshold, falsePositiveRate, recall });

describe("what is better", () => {
  it.each([["accuracy", "higher"], ["val/loss", "lower"], ["log_loss", "lower"], ["rmse", "lower"], ["roc_auc", "higher"], ["runtime_score", "higher"], ["error_rate", "lower"], ["timeliness", "higher"]])("of %s is %s", (name, better) => {
    expect(betterOf(name)).toBe(better);
  });

  it("is never what is no number", () => {
    expect([bestOf([NaN, 2, 1], "higher"), bestOf([NaN, 2, 1], "lower"), bestOf([NaN], "lower"), bestOf([1, Infinity], "higher")]).toEqual([2, 1, null, Infinity]);
  });
});

describe("smoothing", () => {
  it("of nothing changes nothing", () => {
    expect(smoothed([1, 5, 2], 0)).toEqual([1, 5, 2]);
  });

  it("stays between the least and the greatest so far", () => {
    const values = Array.from({ length: 200 }, (_, index) => Math.sin(index * 1.7) * index);
    smoothed(values, 0.9).forEach((value, index) => {
      const known = values.slice(0, index + 1);
      expect(value).toBeGreaterThanOrEqual(Math.min(...known) - 1e-9);
      expect(value).toBeLessThanOrEqual(Math.max(...known) + 1e-9);
    });
  });

  it("leaves a constant as it is", () => {
    smoothed([3, 3, 3, 3], 0.99).forEach((value) => expect(value).toBeCloseTo(3, 12));
  });

  it("passes over what is not finite, and keeps it", () => {
    expect(smoothed([1, NaN, 1, Infinity], 0.5)).toEqual([1, NaN, 1, Infinity]);
  });
});

describe("what an axis shows", () => {
  const points = [[0, 1], [1, NaN], [2, Infinity], [3, -Infinity], [4, 0], [5, -2]] as const;

  it("loses no point: each is shown, marked or counted", () => {
    const split = splitOf(points, true);
    expect(split).toEqual({ shown: [[0, 1]], nan: [1], above: [2], below: [3], notOnLog: 2 });
  });

  it("has zero and less where it is linear", () => {
    expect(splitOf(points, false).shown).toEqual([[0, 1], [4, 0], [5, -2]]);
  });

  it("is told in words", () => {
    const samples = [1, NaN, 3].map((value, step) => ({ step, timeMs: 0, value }));
    expect(toldOf({ label: "loss", samples }, String)).toBe("loss: 3 points, last 3, least 1, greatest 3, 1 not finite");
  });
});

describe("a classification metric", () => {
  const value = { confidenceMetrics: [point(0.1, 1, 1), point("Infinity", 0, 0), point(0.5, 0.5, 1)], confusionMatrix: { annotationSpecs: [{ displayName: "no" }], rows: [{ row: [8, 2] }, { row: [1, 9] }] } };
  const found = classificationOf(value);

  it("has its curve in order, thresholds beyond numbers too", () => {
    expect(found?.curve?.map((each) => each.threshold)).toEqual([Infinity, 0.5, 0.1]);
  });

  it("has its matrix with a name for each class", () => {
    expect(found?.matrix).toEqual({ labels: ["no", "class 2"], rows: [[8, 2], [1, 9]] });
  });

  it("of something else is none", () => {
    expect([classificationOf({ a: 1 }), classificationOf([1]), classificationOf(null), classificationOf({ confidenceMetrics: "x", confusionMatrix: { rows: 3 } })]).toEqual([null, null, null, null]);
  });

  it("has an area from corner to corner", () => {
    expect([rocArea(found?.curve ?? []), rocArea([])]).toEqual([0.75, 0.5]);
  });

  it("has precision from the rates and the classes", () => {
    expect(totalsOf(found?.matrix ?? null)).toEqual({ positives: 10, negatives: 10 });
    const points = precisionOf(found?.curve ?? [], found?.matrix ?? null) ?? [];
    expect(points.map(({ recall, precision }) => [recall, Number(precision.toFixed(3))])).toEqual([[1, 0.667], [1, 0.5]]);
    expect(averagePrecision(points)).toBeCloseTo(2 / 3, 9);
  });

  it("has no precision where neither it nor the classes are known", () => {
    expect(precisionOf(found?.curve ?? [], null)).toBeNull();
  });

  it("is shown by slice", () => {
    const sliced = { evaluationSlices: [{ slice: "small", sliceClassificationMetrics: value }, { slice: 3, sliceClassificationMetrics: value }, { slice: "none" }] };
    expect(slicesOf(sliced).map((slice) => slice.name)).toEqual(["small", "3"]);
  });

  it("has shares that sum to one in each row that has any", () => {
    expect(normalised([[8, 2], [0, 0]])).toEqual([[0.8, 0.2], [0, 0]]);
    expect([shadeOf(0.8), shadeOf(NaN), shadeOf(9)]).toEqual([8, 0, 10]);
  });
});

it("the area under a line is that of its trapezoids", () => {
  expect(areaOf([[0, 0], [1, 1], [3, 1]])).toBe(2.5);
});

describe("CSV", () => {
  it("has every digit, and words for what is not finite", () => {
    expect(csvOf(["a"], [[0.1 + 0.2], [NaN], [-Infinity], [null]])).toBe("a\r\n0.30000000000000004\r\nNaN\r\n-Infinity\r\n\r\n");
  });

  it("quotes what would be read otherwise", () => {
    expect(csvOf(["a", "b"], [['x"y', "1,2"]])).toBe('a,b\r\n"x""y","1,2"\r\n');
  });

  it("lets no spreadsheet run a text", () => {
    expect(csvOf(["a"], [["=1+1"]])).toBe("a\r\n'=1+1\r\n");
  });
});

describe("runs by metrics", () => {
  const metrics = [metric("a", "t", "accuracy", 0.8), metric("a", "u", "accuracy", 0.9), metric("b", "t", "accuracy", 0.7), metric("b", "t", "loss", "NaN"), metric("a", "t", "loss", 2)];
  const better = betterBy([]);
  const pivot = pivotOf([run("a"), run("b")], metrics, better);

  it("have the best of a run's tasks in each cell", () => {
    expect(pivot.rows[0]?.cells.get("accuracy")).toEqual({ value: 0.9, refs: ["t/accuracy", "u/accuracy"] });
  });

  it("have the names that tell most first", () => {
    expect(pivotOf([run("a")], [metric("a", "t", "zeta", 1), metric("a", "t", "accuracy", 1)], better).names).toEqual(["accuracy", "zeta"]);
  });

  it("mark the best of each column, as the reader turned it", () => {
    expect(bests(pivot, pivot.names, better)).toEqual(new Map([["accuracy", 0.9], ["loss", 2]]));
    expect(bests(pivot, ["accuracy"], betterBy(["accuracy"])).get("accuracy")).toBe(0.7);
  });
});

it("a metric's address brings any name back", () => {
  expect(parseMetricRef(metricRef("a/b c", "val/ü&?"))).toEqual({ taskId: "a/b c", name: "val/ü&?" });
  expect([parseMetricRef("x"), parseMetricRef("a/b/c"), parseMetricRef("%/x"), parseMetricRef("/x")]).toEqual([null, null, null, null]);
});
