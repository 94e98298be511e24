// Conditions as people write them (`metadata.accuracy > 0.9`), made into the API's filter. The same words as the command line's.

export interface Predicate {
  readonly operation: string;
  readonly key: string;
  readonly string_value?: string;
  readonly double_value?: number;
  readonly long_value?: string;
  readonly bool_value?: boolean;
  readonly timestamp_value?: string;
  readonly string_values?: { readonly values: readonly string[] };
  readonly double_values?: { readonly values: readonly number[] };
}

const OPERATIONS: Readonly<Record<string, string>> = {
  "=": "EQUALS",
  "==": "EQUALS",
  "!=": "NOT_EQUALS",
  ">": "GREATER_THAN",
  ">=": "GREATER_THAN_EQUALS",
  "<": "LESS_THAN",
  "<=": "LESS_THAN_EQUALS",
  "~": "IS_SUBSTRING",
  in: "IN",
};
const LIST = /^\s*([^=!<>~]*[^=!<>~\s])\s+in\s+(.*)$/is;
const SCALAR = /^([^=!<>~]*)(!=|>=|<=|==|=|>|<|~)(.*)$/s;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const TIMES = new Set(["created_at", "updated_at", "create_time", "start_time", "end_time", "finished_at", "scheduled_at"]);
/** Fields that hold text even where it looks like a number. */
const TEXTS = new Set([
  "artifact_id", "id", "name", "type", "uri", "namespace", "description", "task_id", "run_id", "display_name", "state",
  "pipeline_name", "experiment_id", "storage_state", "pod_name", "execution_id", "parent_task_id", "schema", "key",
]);

export const EXAMPLE = "metadata.framework = sklearn";

/** The predicate that a condition means. Raises Error, saying what would be right. */
export function parseCondition(text: string): Predicate {
  const list = LIST.exec(text);
  const scalar = list ? null : SCALAR.exec(text);
  const key = (list?.[1] ?? scalar?.[1] ?? "").trim();
  if (!key) throw new Error(`“${text}” is not a condition: write a field, one of = != > >= < <= ~ in, and a value, such as ${EXAMPLE}`);
  if (list) return { operation: "IN", key, ...listValues(key, list[2] ?? "") };
  const operation = OPERATIONS[scalar?.[2] ?? ""] ?? "EQUALS";
  return { operation, key, ...scalarValue(key, (scalar?.[3] ?? "").trim(), operation) };
}

function scalarValue(key: string, written: string, operation: string): Partial<Predicate> {
  const quoted = /^"(.*)"$/s.exec(written);
  if (quoted || operation === "IS_SUBSTRING" || TEXTS.has(key)) return { string_value: quoted?.[1] ?? written };
  if (TIMES.has(key)) return { timestamp_value: timeOf(written) };
  if (written === "true" || written === "false") return { bool_value: written === "true" };
  if (!NUMBER.test(written)) return { string_value: written };
  const number = Number(written);
  // A huge integer goes out as it was written; a double would be another one.
  return /^[+-]?\d+$/.test(written) && !Number.isSafeInteger(number) ? { long_value: written } : { double_value: number };
}

function listValues(key: string, written: string): Partial<Predicate> {
  const items = written.split(",").map((item) => item.trim()).filter(Boolean);
  const numbers = !TEXTS.has(key) && items.every((item) => NUMBER.test(item));
  return numbers ? { double_values: { values: items.map(Number) } } : { string_values: { values: items } };
}

const AGE = /^(\d+)\s*(m|h|d|w)$/;
const AGE_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A moment as RFC 3339: a date, a time, or an age such as `2h`, counted back from now. Raises Error. */
export function timeOf(written: string, nowMs = Date.now()): string {
  const age = AGE.exec(written);
  const ms = age ? nowMs - Number(age[1]) * (AGE_MS[age[2] ?? ""] ?? 0) : Date.parse(written);
  if (Number.isNaN(ms)) throw new Error(`“${written}” is no time: write 2026-01-31, 2026-01-31T12:30Z, or an age such as 2h or 7d`);
  return new Date(ms).toISOString();
}

/** The `filter` parameter of predicates; undefined without any. */
export function filterOf(predicates: readonly Predicate[]): string | undefined {
  return predicates.length ? JSON.stringify({ predicates }) : undefined;
}
