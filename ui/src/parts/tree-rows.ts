// JSON as the rows of a tree: which there are depends on what is unfolded.

import { ExactNumber, type Json, writeJson } from "../api/json";
import { formatNumber } from "../format/numbers";
import { plainText } from "../format/texts";

export interface TreeRow {
  /** Its place: keys joined as JSON text, unlike that of any other row. */
  readonly path: string;
  readonly parent: string | null;
  readonly depth: number;
  readonly name: string;
  readonly value: Json;
  readonly children: number | null;
  readonly position: number;
  readonly siblings: number;
}

const PREVIEW_CHARS = 200;

function entriesOf(value: Json): readonly (readonly [string, Json])[] | null {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  if (value === null || typeof value !== "object" || value instanceof ExactNumber) return null;
  return Object.entries(value);
}

/** The rows of a value's children, and of what is unfolded below them. */
export function rowsOf(value: Json, open: ReadonlySet<string>, at: string | null = null, depth = 0): TreeRow[] {
  const entries = entriesOf(value) ?? [];
  const rows: TreeRow[] = [];
  for (const [index, [name, item]] of entries.entries()) {
    const path = (at ?? "") + JSON.stringify(name);
    const children = entriesOf(item)?.length ?? null;
    rows.push({ path, parent: at, depth, name, value: item, children, position: index + 1, siblings: entries.length });
    if (children !== null && open.has(path)) for (const row of rowsOf(item, open, path, depth + 1)) rows.push(row);
  }
  return rows;
}

/** The places to unfold at first: the outermost, as long as few rows come of it. */
export function openAtFirst(value: Json, rowsMax: number): ReadonlySet<string> {
  const open = new Set<string>();
  for (;;) {
    const closed = rowsOf(value, open).filter((row) => row.children !== null && row.children > 0 && !open.has(row.path));
    const level = Math.min(...closed.map((row) => row.depth));
    const next = closed.filter((row) => row.depth === level);
    const more = next.reduce((sum, row) => sum + (row.children ?? 0), 0);
    if (!next.length || rowsOf(value, open).length + more > rowsMax) return open;
    for (const row of next) open.add(row.path);
  }
}

/** A value in a few words. */
export function previewOf(value: Json): string {
  if (Array.isArray(value)) return value.length ? `[${value.length}]` : "[]";
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === "number") return Number.isInteger(value) ? writeJson(value) : formatPrecise(value);
  if (typeof value === "string") return plainText(value.length > PREVIEW_CHARS ? `${value.slice(0, PREVIEW_CHARS)}…` : value);
  if (value === null || typeof value === "boolean") return String(value);
  const count = Object.keys(value).length;
  return count ? `{${count}}` : "{}";
}

function formatPrecise(value: number): string {
  // A setting such as 0.1 is shown to its last digit; only the very long are shortened.
  const exact = String(value);
  return exact.length <= 12 ? exact : formatNumber(value);
}

export function kindOf(value: Json): "text" | "number" | "word" | "group" {
  if (typeof value === "string") return "text";
  if (typeof value === "number" || value instanceof ExactNumber) return "number";
  return value === null || typeof value === "boolean" ? "word" : "group";
}
