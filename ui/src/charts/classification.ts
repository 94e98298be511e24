// Classification metrics as KFP writes them: curves by threshold, confusion matrices, and both by slice.

import { ExactNumber, type Json } from "../api/json";
import { doubleOf } from "../format/numbers";

export interface Confidence {
  readonly threshold: number;
  readonly recall: number;
  readonly falsePositiveRate: number;
  /** As it was logged; null where it was not. */
  readonly precision: number | null;
}

export interface Matrix {
  readonly labels: readonly string[];
  /** Counts: by row what it is, by column what was said. */
  readonly rows: readonly (readonly number[])[];
}

export interface Classification {
  readonly curve: readonly Confidence[] | null;
  readonly matrix: Matrix | null;
}

export interface Slice extends Classification {
  readonly name: string;
}

type Fields = Readonly<Record<string, Json>>;

const isFields = (value: Json | undefined): value is Record<string, Json> => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const fieldsOf = (value: Json | undefined): readonly Fields[] => listOf(value).filter(isFields);
const nameOf = (value: Json | undefined): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : value instanceof ExactNumber ? value.text : JSON.stringify(value));

/** What a classification metric's value, or an artifact's metadata, has of curves and matrices; null where it has none. */
export function classificationOf(value: Json | undefined): Classification | null {
  if (!isFields(value)) return null;
  const curve = curveOf(fieldsOf(value["confidenceMetrics"]));
  const matrix = matrixOf(value["confusionMatrix"]);
  return curve || matrix ? { curve, matrix } : null;
}

/** The slices of a sliced classification metric that have a curve or a matrix. */
export function slicesOf(value: Json | undefined): readonly Slice[] {
  if (!isFields(value)) return [];
  return fieldsOf(value["evaluationSlices"]).flatMap((slice, index) => {
    const found = classificationOf(slice["sliceClassificationMetrics"]);
    return found ? [{ name: nameOf(slice["slice"]) || `slice ${index + 1}`, ...found }] : [];
  });
}

function curveOf(points: readonly Fields[]): readonly Confidence[] | null {
  const curve = points.flatMap((point) => {
    const recall = doubleOf(point["recall"]);
    const falsePositiveRate = doubleOf(point["falsePositiveRate"]);
    if (recall === null || falsePositiveRate === null) return [];
    return [{ threshold: doubleOf(point["confidenceThreshold"]) ?? NaN, recall, falsePositiveRate, precision: doubleOf(point["precision"]) }];
  });
  return curve.length ? curve.sort((one, other) => one.falsePositiveRate - other.falsePositiveRate || one.recall - other.recall) : null;
}

function matrixOf(value: Json | undefined): Matrix | null {
  if (!isFields(value)) return null;
  const rows = listOf(value["rows"]).map((row) => listOf(isFields(row) ? row["row"] : row).map((count) => doubleOf(count) ?? NaN));
  if (!rows.length) return null;
  const specs = fieldsOf(value["annotationSpecs"]);
  return { rows, labels: rows.map((_, index) => nameOf(specs[index]?.["displayName"]) || `class ${index + 1}`) };
}

/** The area under a curve by trapezoids; its points ascend. */
export function areaOf(points: readonly (readonly [number, number])[]): number {
  return points.slice(1).reduce((area, [x, y], index) => {
    const [before, height] = points[index] ?? [x, y];
    return area + ((x - before) * (y + height)) / 2;
  }, 0);
}

/** The area under a ROC curve, from corner to corner whether the curve was logged that far or not. */
export function rocArea(curve: readonly Confidence[]): number {
  const points = curve.map((point) => [point.falsePositiveRate, point.recall] as const);
  return areaOf([[0, 0], ...points, [1, 1]]);
}

export interface PrecisionPoint {
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
}

/** How many of the last class there are and how many of the other, in a matrix of two classes; null of any other. */
export function totalsOf(matrix: Matrix | null): { readonly positives: number; readonly negatives: number } | null {
  if (matrix?.rows.length !== 2) return null;
  const [negatives = NaN, positives = NaN] = matrix.rows.map((row) => row.reduce((sum, count) => sum + count, 0));
  return positives > 0 && negatives > 0 ? { positives, negatives } : null;
}

/** Precision by recall: as logged, else from the rates and how many of each class there are; null where neither is known. */
export function precisionOf(curve: readonly Confidence[], matrix: Matrix | null): readonly PrecisionPoint[] | null {
  const totals = totalsOf(matrix);
  const points = curve.flatMap(({ threshold, recall, falsePositiveRate, precision }) => {
    const hits = recall * (totals?.positives ?? NaN);
    const computed = hits / (hits + falsePositiveRate * (totals?.negatives ?? NaN));
    const value = precision ?? computed;
    return Number.isFinite(value) ? [{ threshold, recall, precision: value }] : [];
  });
  return points.length > 1 ? points.sort((one, other) => one.recall - other.recall || other.precision - one.precision) : null;
}

/** The average precision: what each step in recall adds, at its precision. */
export function averagePrecision(points: readonly PrecisionPoint[]): number {
  return points.reduce((sum, { recall, precision }, index) => sum + (recall - (points[index - 1]?.recall ?? 0)) * precision, 0);
}

/** Counts as shares of their row; a row of nothing stays nothing. */
export function normalised(rows: Matrix["rows"]): readonly (readonly number[])[] {
  return rows.map((row) => {
    const sum = row.reduce((all, count) => all + count, 0);
    return row.map((count) => (sum > 0 ? count / sum : 0));
  });
}
