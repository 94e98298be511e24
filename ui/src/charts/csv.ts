// Tables as CSV (RFC 4180), numbers in full.

export type Cell = string | number | null;

/** A value as others read it: every digit, and words for what is not finite. */
function written(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  // A text that a spreadsheet would take for a formula is kept from being one.
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A head and rows as CSV. */
export function csvOf(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => row.map(written).join(",")).join("\r\n") + "\r\n";
}
