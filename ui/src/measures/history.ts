// The whole history of a metric, page by page; what is known already is not asked for again.

import { getMetricHistory } from "../api/operations";
import type { Metric } from "../api/types";
import type { Sample } from "../charts/series";
import { doubleOf } from "../format/numbers";

const PAGE = 200;
/** So many points are drawn of one metric. */
export const POINTS_MAX = 20_000;

export interface History {
  readonly points: readonly Metric[];
  readonly isCut: boolean;
}

/** Every point of a metric, at most POINTS_MAX of them, oldest first. */
export async function historyOf(taskId: string, name: string, signal: AbortSignal): Promise<History> {
  const points: Metric[] = [];
  let page_token = "";
  do {
    const page = await getMetricHistory(taskId, name, { page_size: PAGE, ...(page_token && { page_token }) }, signal);
    points.push(...page.metrics);
    page_token = page.next_page_token;
  } while (page_token && points.length < POINTS_MAX);
  return { points, isCut: page_token !== "" };
}

/** The points as a chart draws them. */
export function samplesOf(points: readonly Metric[]): readonly Sample[] {
  return points.flatMap((point) => {
    const value = doubleOf(point.value);
    return value === null ? [] : [{ step: point.step ?? null, timeMs: Date.parse(point.created_at), value }];
  });
}
