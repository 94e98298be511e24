import { describe, expect, it } from "vitest";
import type { Artifact, Metric, Task } from "../src/api/types";
import { headlines } from "../src/parts/headlines";
import { placeOf } from "../src/parts/table";
import { openAtFirst, previewOf, rowsOf } from "../src/parts/tree-rows";
import { windowOf } from "../src/parts/virtual-list";
import { bodyOf, differing, draftOf, wrongWith } from "../src/views/artifact/changes";
import { shellWord } from "../src/views/artifact/snippets";
import { comparedOf } from "../src/views/compare/differences";
import { barOf, spanOf } from "../src/views/run/timeline";

const artifact = (id: string): Artifact => ({ artifact_id: id, name: id, type: "Model", created_at: "", updated_at: "", namespace: "" });
const metric = (name: string, value: number, schema: Metric["schema"] = "Metric"): Metric => ({ task_id: "t", name, schema, value, created_at: "", type: "", namespace: "" });

describe("a tree", () => {
  const value = { a: { b: [1, 2] }, c: "x" };

  it("shows what is unfolded", () => {
    expect(rowsOf(value, new Set()).map((row) => row.name)).toEqual(["a", "c"]);
    expect(rowsOf(value, openAtFirst(value, 60)).map((row) => `${row.depth}${row.name}`)).toEqual(["0a", "1b", "20", "21", "0c"]);
  });

  it("stays folded where much would come of it", () => {
    expect(rowsOf({ a: Array(100).fill(0) }, openAtFirst({ a: Array(100).fill(0) }, 60))).toHaveLength(1);
  });

  it("tells apart keys that hold what joins them", () => {
    const rows = rowsOf({ 'a"b': { c: 1 }, a: { 'b"c': 1 } }, openAtFirst({ 'a"b': { c: 1 }, a: { 'b"c': 1 } }, 60));
    expect(new Set(rows.map((row) => row.path)).size).toBe(rows.length);
  });

  it.each([[[], "[]"], [{}, "{}"], [[1], "[1]"], [0.1, "0.1"], [null, "null"], ["x".repeat(300), `${"x".repeat(200)}…`]])("previews %j", (item, shown) => {
    expect(previewOf(item)).toBe(shown);
  });
});

it.each([[0, 400, [0, 26]], [400, 400, [14, 46]], [19_600, 400, [974, 1_000]]])("a window at %d px draws what is seen", (top, height, rows) => {
  expect(windowOf(top, height, 20, 1_000)).toEqual(rows);
});

it("the keyboard stays within the rows", () => {
  expect([placeOf("j", 9, 10), placeOf("k", 0, 10), placeOf("End", 0, 10), placeOf("a", 0, 10)]).toEqual([9, 0, 9, null]);
});

describe("headlines", () => {
  it("are what people look for first", () => {
    const metrics = [metric("epochs", 3), metric("loss", 1), metric("val/accuracy", 0.9), metric("confusion", 0, "ClassificationMetric")];
    expect(headlines(metrics, 2).map((each) => each.name)).toEqual(["val/accuracy", "loss"]);
  });

  it("give each name once", () => {
    expect(headlines([metric("loss", 1), metric("loss", 2)], 9)).toHaveLength(1);
  });
});

describe("an edit", () => {
  const begun = draftOf({ ...artifact("a"), metadata: { n: 1 } });

  it("sends what has changed alone, metadata as it was written", () => {
    const draft = { ...begun, name: 'b"', metadata: '{"n": 12345678901234567890}' };
    expect(bodyOf(begun, draft)).toBe('{"name": "b\\"", "metadata": {"n": 12345678901234567890}}');
  });

  it("notices where two differ", () => {
    expect(differing(begun, { ...begun, uri: "x", type: "Dataset" })).toEqual(["type", "uri"]);
  });

  it.each([["{", "no JSON"], ["[]", "an object"], ["null", "an object"]])("refuses %s as metadata", (text, why) => {
    expect(wrongWith(text)).toContain(why);
  });

  it("takes empty metadata as none", () => {
    expect(wrongWith("  ")).toBe("");
  });
});

it.each([["http://a/b", "http://a/b"], ["a b", "'a b'"], ["a'b;$(x)", "'a'\\''b;$(x)'"]])("%s is one word of a shell", (text, word) => {
  expect(shellWord(text)).toBe(word);
});

it("a comparison tells which leaves differ", () => {
  const rows = comparedOf([{ a: 1, m: { x: [1], y: 2 } }, { a: 1, m: { x: [2] } }]);
  expect(rows).toEqual([
    { path: "a", values: ["1", "1"], differs: false },
    { path: "m.x", values: ["[1]", "[2]"], differs: true },
    { path: "m.y", values: ["2", null], differs: true },
  ]);
});

describe("a timeline", () => {
  const at = (second: number): string => new Date(second * 1_000).toISOString();
  const task = (start: number, end?: number): Task => ({
    task_id: "t", namespace: "", create_time: at(0), start_time: at(start), state: end === undefined ? "RUNNING" : "SUCCEEDED", ...(end !== undefined && { end_time: at(end) }),
  });

  it("places a task within the whole", () => {
    const span = spanOf([task(10, 20), task(20, 30)], 0);
    expect(barOf(task(20, 30), span, 0)).toEqual({ left: 50, width: 50 });
  });

  it("lets what runs reach until now", () => {
    expect(spanOf([task(10)], 40_000)).toEqual({ fromMs: 10_000, toMs: 40_000 });
  });

  it("that has no length has no bar", () => {
    expect(barOf(task(10, 10), spanOf([task(10, 10)], 0), 0)).toBeNull();
  });
});
