// JSON without loss: an integer that a double cannot hold stays the text that came.

/** A number of which JavaScript's would be another. */
export class ExactNumber {
  constructor(readonly text: string) {}
}

export type Json = null | boolean | number | string | ExactNumber | Json[] | { [key: string]: Json };

interface Source {
  readonly source?: string;
}

/** Reads JSON; integers beyond what a double holds become `ExactNumber`. Raises SyntaxError. */
export function parseJson(text: string): Json {
  const revive = (_key: string, value: Json, context?: Source): Json => {
    const source = context?.source;
    const differs = typeof value === "number" && source !== undefined && !isKept(value, source);
    return differs ? new ExactNumber(source) : value;
  };
  // Older engines give no source; there a huge integer is shown as the double nearest to it.
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown) as Json;
}

function isKept(value: number, source: string): boolean {
  return !/^-?\d+$/.test(source) || Number.isSafeInteger(value);
}

/** Writes JSON, indented by two blanks where wanted; the inverse of `parseJson`. */
export function writeJson(value: Json, indented = true): string {
  return write(value, indented ? "\n" : "");
}

function write(value: Json, newline: string): string {
  if (value instanceof ExactNumber) return value.text;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = newline && `${newline}  `;
  const colon = newline ? ": " : ":";
  const items = Array.isArray(value)
    ? value.map((item) => write(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}${colon}${write(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return items.length ? `${open}${inner}${items.join(`,${inner}`)}${newline}${close}` : `${open}${close}`;
}
