// The paths of the page, both ways: what a path shows, and the path of what is to be shown.

export type View =
  | { readonly name: "home" | "artifacts" | "runs" | "tasks" | "metrics" | "plot" | "lineage" | "compare" | "missing" }
  | { readonly name: "artifact" | "run" | "task"; readonly id: string };

/** Each list by the word in its path. `/metrics` is Prometheus', which the server answers itself. */
const LISTS = { artifacts: "artifacts", runs: "runs", tasks: "tasks", "run-metrics": "metrics", plot: "plot", lineage: "lineage", compare: "compare" } as const;
const ONES = { artifacts: "artifact", runs: "run", tasks: "task" } as const;
const MISSING: View = { name: "missing" };

/** What a path shows. */
export function viewOf(path: string): View {
  const parts = path.split("/").filter(Boolean);
  const [noun, id] = parts;
  if (noun === undefined) return { name: "home" };
  if (parts.length > 2 || !Object.hasOwn(LISTS, noun)) return MISSING;
  if (id === undefined) return { name: LISTS[noun as keyof typeof LISTS] };
  if (!Object.hasOwn(ONES, noun)) return MISSING;
  try {
    return { name: ONES[noun as keyof typeof ONES], id: decodeURIComponent(id) };
  } catch {
    return MISSING;
  }
}

export const artifactPath = (id: string): string => `/artifacts/${encodeURIComponent(id)}`;
export const runPath = (id: string): string => `/runs/${encodeURIComponent(id)}`;
export const taskPath = (id: string): string => `/tasks/${encodeURIComponent(id)}`;

export const METRICS_PATH = "/run-metrics";

/** The address that compares artifacts, or runs. */
export function comparePath(kind: "artifact" | "run", ids: readonly string[]): string {
  return `/compare?${new URLSearchParams(ids.map((id) => [kind, id])).toString()}`;
}

/** The address of the lineage around an artifact, a task or a run. */
export function lineagePath({ kind, id }: { readonly kind: "artifact" | "task" | "run"; readonly id: string }): string {
  return `/lineage?${new URLSearchParams({ [kind]: id }).toString()}`;
}

/** A metric by the task that logged it and its name, as one text of an address. */
export const metricRef = (taskId: string, name: string): string => `${encodeURIComponent(taskId)}/${encodeURIComponent(name)}`;

/** The inverse of `metricRef`; null of what is none. */
export function parseMetricRef(text: string): { readonly taskId: string; readonly name: string } | null {
  const parts = text.split("/");
  if (parts.length !== 2) return null;
  try {
    const [taskId = "", name = ""] = parts.map(decodeURIComponent);
    return taskId && name ? { taskId, name } : null;
  } catch {
    return null;
  }
}

/** The address that plots metrics over each other. */
export function plotPath(refs: readonly string[]): string {
  return `/plot?${new URLSearchParams(refs.map((ref) => ["of", ref])).toString()}`;
}
