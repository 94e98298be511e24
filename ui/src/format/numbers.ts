// Numbers for people, NaN and the infinities among them.

import { ExactNumber, type Json } from "../api/json";

const GROUPED = new Intl.NumberFormat("en-US");
const NOT_FINITE: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** The double that a value of the API is; null where it is no number. */
export function doubleOf(value: Json | undefined): number | null {
  if (typeof value === "number") return value;
  if (value instanceof ExactNumber) return Number(value.text);
  return typeof value === "string" ? (NOT_FINITE[value] ?? null) : null;
}

/** A double in at most six significant digits, eight beyond a thousand: `0.9719`, `1,204,331`, `1.2e-7`, `NaN`, `∞`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return Object.is(value, -0) ? "-0" : GROUPED.format(value);
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(4).replace(/\.?0+e/, "e").replace("e+", "e");
  return size >= 1_000 ? GROUPED.format(Number(value.toPrecision(8))) : String(Number(value.toPrecision(6)));
}

/** A count with its noun: `1 run`, `1,204 runs`. */
export function count(items: number, one: string, many = `${one}s`): string {
  return `${GROUPED.format(items)} ${items === 1 ? one : many}`;
}
