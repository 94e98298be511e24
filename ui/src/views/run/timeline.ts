// When the tasks of a run ran, as parts of its whole time.

import type { Task } from "../../api/types";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const KINDS: Readonly<Record<string, string>> = { SUCCEEDED: "good", CACHED: "good", FAILED: "bad", RUNNING: "busy", PENDING: "busy" };

export function stateKind(state: string | undefined): string {
  return KINDS[state ?? ""] ?? "";
}

function beginOf(task: Task): number {
  // What was imported may tell only when it ended: then it is a mark at that moment.
  return Date.parse(task.start_time ?? task.end_time ?? task.create_time);
}

function endOf(task: Task, nowMs: number): number {
  const end = Date.parse(task.end_time ?? "");
  if (!Number.isNaN(end)) return end;
  return task.state === "RUNNING" ? nowMs : beginOf(task);
}

/** From the first task's beginning to the last one's end, or to now while one runs. */
export function spanOf(tasks: readonly Task[], nowMs: number): Span {
  // Not Math.min(...tasks): a run may have more tasks than a call may have arguments.
  return tasks.reduce(
    (span, task) => ({ fromMs: Math.min(span.fromMs, beginOf(task)), toMs: Math.max(span.toMs, endOf(task, nowMs)) }),
    { fromMs: Infinity, toMs: -Infinity },
  );
}

/** Where a task's bar stands, in per cent of the span; null where it has no time. */
export function barOf(task: Task, span: Span, nowMs: number): { readonly left: number; readonly width: number } | null {
  const whole = span.toMs - span.fromMs;
  if (!(whole > 0)) return null;
  const left = ((beginOf(task) - span.fromMs) / whole) * 100;
  return { left, width: ((endOf(task, nowMs) - beginOf(task)) / whole) * 100 };
}
