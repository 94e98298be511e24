import { describe, expect, it } from "vitest";
import type { Json } from "../src/api/json";
import type { Artifact, ArtifactTask, Lineage, Metric, Task } from "../src/api/types";
import { merged } from "../src/graph/model";
import { deltaOf, metricRows } from "../src/views/compare/metric-table";
import { Ancestry, Comparison, nearestCommon, partingOfRuns } from "../src/views/compare/parting";
import { headsOf } from "../src/views/compare/side-bar";

interface Step {
  readonly task: string;
  readonly reads?: Readonly<Record<string, string>>;
  readonly makes: string;
  readonly parameters?: Record<string, Json>;
  readonly metadata?: Record<string, Json>;
}

/** A lineage of steps, each id with the run's name before it unless it is shared. */
function ancestry(run: string, steps: readonly Step[], shared: readonly string[] = []): Ancestry {
  const own = (id: string): string => (shared.includes(id) ? id : `${run}/${id}`);
  const artifacts = new Map<string, Artifact>();
  const add = (id: string, metadata: Record<string, Json> = {}): string => {
    const known = artifacts.get(own(id));
    artifacts.set(own(id), { artifact_id: own(id), name: id, type: "Model", created_at: "", updated_at: "", namespace: "", metadata: known?.metadata ?? metadata });
    return own(id);
  };
  const links: ArtifactTask[] = [];
  const link = (artifact_id: string, task: string, type: string, key: string): void => void links.push({ id: `${artifact_id} ${own(task)} ${type} ${key}`, artifact_id, task_id: own(task), type, created_at: "", key });
  const tasks = steps.map(({ task, reads = {}, makes, parameters, metadata }): Task => {
    link(add(makes, metadata), task, "OUTPUT", "out");
    for (const [key, id] of Object.entries(reads)) link(add(id), task, "INPUT", key);
    return { task_id: own(task), run_id: run, name: task, namespace: "", create_time: "", ...(parameters && { input_parameters: parameters }) };
  });
  const lineage: Lineage = { artifacts: [...artifacts.values()], tasks, artifact_tasks: links, truncated: false };
  return new Ancestry(merged([lineage]));
}

const STEPS: readonly Step[] = [
  { task: "load", makes: "data", parameters: { year: 2026 } },
  { task: "train", reads: { rows: "data" }, makes: "model", parameters: { rate: 0.1, depth: 3 } },
  { task: "report", reads: { model: "model" }, makes: "page" },
];
const changed = (task: string, change: Partial<Step>): readonly Step[] => STEPS.map((step) => (step.task === task ? { ...step, ...change } : step));
const partingOf = (one: readonly Step[], other: readonly Step[], shared: readonly string[] = []) =>
  new Comparison(ancestry("a", one, shared), ancestry("b", other, shared)).partingOf("artifact:a/page", "artifact:b/page");

describe("two lineages", () => {
  it("that were made in the same way do not part", () => {
    expect(partingOf(STEPS, STEPS)).toBeNull();
  });

  it("part at the step that was done with other parameters, not behind it", () => {
    const parting = partingOf(STEPS, changed("train", { parameters: { depth: 3, rate: 0.3 }, metadata: { auc: 1 } }));
    expect(parting).toMatchObject({ kind: "task", one: { task_id: "a/train" }, other: { task_id: "b/train" }, differences: [{ what: "parameter rate", one: "0.1", other: "0.3" }] });
  });

  it("part at the earliest of several differences", () => {
    const other = changed("train", { parameters: { rate: 9 } }).map((step) => (step.task === "load" ? { ...step, parameters: { year: 2025 } } : step));
    expect(partingOf(STEPS, other)).toMatchObject({ kind: "task", one: { task_id: "a/load" } });
  });

  it("part at a step that made something else of the same", () => {
    expect(partingOf(STEPS, changed("train", { metadata: { auc: 0.9 } }))).toMatchObject({ kind: "task", one: { name: "train" }, differences: [{ what: "metadata" }] });
  });

  it("part where one of them has what the other lacks", () => {
    expect(partingOf(STEPS, changed("train", { reads: { rows: "data", labels: "labels" } }))).toMatchObject({ kind: "alone", side: "other", node: { name: "labels" } });
  });

  it("part at their beginnings where they begin with different things", () => {
    const bare = STEPS.slice(1);
    expect(partingOf(bare, bare)).toMatchObject({ kind: "artifact", one: { artifact_id: "a/data" }, other: { artifact_id: "b/data" } });
  });

  it("do not part before what they share", () => {
    const bare = STEPS.slice(1);
    expect(partingOf(bare, bare, ["data"])).toBeNull();
    const [one, other] = [ancestry("a", bare, ["data"]), ancestry("b", bare, ["data"])];
    expect(nearestCommon(one, "artifact:a/page", other, "artifact:b/page")).toBe("artifact:data");
  });

  it("of which nothing is shared have no common ancestor", () => {
    expect(nearestCommon(ancestry("a", STEPS), "artifact:a/page", ancestry("b", STEPS), "artifact:b/page")).toBeNull();
  });

  it("that go round are compared all the same", () => {
    const round = [{ task: "t", reads: { in: "x" }, makes: "page" }, { task: "u", reads: { in: "page" }, makes: "x" }];
    expect(partingOf(round, round)).toBeNull();
  });

  it("part the same way seen from either side", () => {
    const other = changed("train", { parameters: { rate: 0.3 } });
    const [there, back] = [partingOf(STEPS, other), partingOf(other, STEPS)];
    expect([there?.kind, back?.kind]).toEqual(["task", "task"]);
  });
});

describe("two runs", () => {
  it("part at the earliest task that differs", () => {
    const other = changed("report", { parameters: { title: "x" } }).map((step) => (step.task === "train" ? { ...step, parameters: { rate: 2 } } : step));
    expect(partingOfRuns(ancestry("a", STEPS), ancestry("b", other))).toMatchObject({ kind: "task", one: { name: "train" } });
  });

  it("part at a task that only one of them has", () => {
    expect(partingOfRuns(ancestry("a", STEPS), ancestry("b", STEPS.slice(0, 2)))).toMatchObject({ kind: "alone", side: "one", node: { name: "report" } });
    expect(partingOfRuns(ancestry("a", STEPS.slice(0, 2)), ancestry("b", STEPS))).toMatchObject({ kind: "alone", side: "other", node: { name: "report" } });
  });

  it("that are the same do not part", () => {
    expect(partingOfRuns(ancestry("a", STEPS), ancestry("b", STEPS))).toBeNull();
  });
});

describe("metrics side by side", () => {
  const metric = (name: string, value: Metric["value"]): Metric => ({ task_id: "t", name, value, schema: "Metric", created_at: "", type: "", namespace: "" });

  it("have the best of each name, those of most sides first", () => {
    const rows = metricRows([{ metrics: [metric("x", 1), metric("loss", 3), metric("loss", 2)] }, { metrics: [metric("loss", "NaN")] }]);
    expect(rows.map(({ name, values, better }) => [name, values, better])).toEqual([["loss", [2, NaN], "lower"], ["x", [1, null], "higher"]]);
  });

  it.each([[1.1, 1, "+0.1 (+10%)"], [1, 2, "−1 (−50%)"], [2, 2, "same"], [3, 0, "+3"], [NaN, 1, ""], [Infinity, 1, ""]])("%d differs from %d by %s", (value, base, told) => {
    expect(deltaOf(value, base)).toBe(told);
  });
});

it("sides of one name are told apart by their ids", () => {
  expect(headsOf([{ name: "model", id: "0123456789abcdef" }, { name: "model", id: "0123456789abcdee" }, { name: "other", id: "x" }])).toEqual(["model …89abcdef", "model …89abcdee", "other"]);
});
