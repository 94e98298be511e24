import { describe, expect, it } from "vitest";
import type { Artifact, ArtifactTask, Lineage, Task } from "../src/api/types";
import { centresOf, frontierOf } from "../src/graph/explored";
import { matching } from "../src/graph/explorer";
import { escapedXml, jsonOf, shortened, svgOf } from "../src/graph/export";
import { acyclic, isotonic, layersOf, layOut, NODE_HEIGHT } from "../src/graph/layout";
import { BUNDLE_STEP, bundleId, drawn, type Edge, merged, nodeId, refOf, type Shape } from "../src/graph/model";
import { neighbourOf } from "../src/graph/moves";
import { FRESH, folded, takenOf, unfolded } from "../src/graph/state";
import { firstView, fitted, kept, revealing, zoomed } from "../src/graph/viewport";

const artifact = (id: string): Artifact => ({ artifact_id: id, name: id, type: "Model", created_at: "", updated_at: "", namespace: "" });
const task = (id: string): Task => ({ task_id: id, namespace: "", name: id, create_time: "" });
const link = (artifact_id: string, task_id: string, type: string): ArtifactTask => ({ id: `${artifact_id} ${task_id} ${type}`, artifact_id, task_id, type, created_at: "", key: type.toLowerCase() });
const edge = (from: string, to: string): Edge => ({ from, to, keys: [] });

function lineage(links: readonly ArtifactTask[], truncated = false): Lineage {
  const artifacts = [...new Set(links.map((each) => each.artifact_id))].map(artifact);
  return { artifacts, tasks: [...new Set(links.map((each) => each.task_id))].map(task), artifact_tasks: links, truncated };
}

const CHAIN = lineage([link("rows", "split", "INPUT"), link("train", "split", "OUTPUT"), link("train", "fit", "TASK_OUTPUT_INPUT"), link("model", "fit", "OUTPUT")]);
const shape = (start: string, more: Partial<Shape> = {}): Shape => ({ starts: new Set([start]), folded: new Set(), taken: new Map(), totals: new Map(), ...more });
const idsOf = (graph: { nodes: readonly { id: string }[] }): string[] => graph.nodes.map((node) => node.id).sort();

/** The same numbers each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

describe("what is known of a lineage", () => {
  it("has edges in the direction of time", () => {
    expect(merged([CHAIN]).edges.map(({ from, to }) => `${from} ${to}`)).toEqual(["artifact:rows task:split", "task:split artifact:train", "artifact:train task:fit", "task:fit artifact:model"]);
  });

  it("has each node and edge of several answers once", () => {
    const known = merged([CHAIN, CHAIN, lineage([link("model", "serve", "INPUT")])]);
    expect([known.artifacts.size, known.tasks.size, known.edges.length]).toEqual([3, 3, 5]);
  });

  it("names nodes so that their ids come back", () => {
    expect(refOf(nodeId("task", "a:b"))).toEqual({ kind: "task", id: "a:b" });
  });
});

describe("what is drawn", () => {
  it("ends at what is folded", () => {
    expect(idsOf(drawn(merged([CHAIN]), shape("artifact:model", { folded: new Set(["artifact:train"]) })))).toEqual(["artifact:model", "artifact:train", "task:fit"]);
  });

  it("has the readers of a hub in one bundle, the unknown ones counted", () => {
    const known = merged([lineage(Array.from({ length: 20 }, (_, index) => link("hub", `t${index}`, "INPUT")), true)]);
    const graph = drawn(known, shape("artifact:hub", { totals: new Map([["artifact:hub", 5_000]]) }));
    expect(graph.nodes.map((node) => (node.kind === "bundle" ? node.count : node.id))).toEqual(["artifact:hub", 5_000]);
  });

  it("takes some out of a bundle at a time", () => {
    const known = merged([lineage(Array.from({ length: 20 }, (_, index) => link("hub", `t${index}`, "INPUT")))]);
    const bundle = bundleId("artifact:hub", "downstream");
    const graph = drawn(known, shape("artifact:hub", { taken: new Map([[bundle, BUNDLE_STEP]]) }));
    expect(graph.nodes).toHaveLength(1 + BUNDLE_STEP + 1);
    expect(drawn(known, shape("artifact:hub", { taken: new Map([[bundle, 20]]) })).nodes).toHaveLength(21);
  });

  it("has what starts in a hub's bundle beside it, not in it", () => {
    const known = merged([lineage(Array.from({ length: 20 }, (_, index) => link("hub", `t${index}`, "INPUT")))]);
    const graph = drawn(known, shape("task:t7"));
    expect(idsOf(graph)).toEqual(["artifact:hub", "bundle:downstream:artifact:hub", "task:t7"]);
  });
});

describe("the edge of what was asked for", () => {
  const asked = { root: { kind: "artifact", id: "model" }, direction: "both", depth: 1, most: 100, open: [] } as const;

  it("is what lies furthest", () => {
    expect([...frontierOf(merged([lineage([link("train", "fit", "INPUT"), link("model", "fit", "OUTPUT")])]), asked)]).toEqual(["artifact:train"]);
  });

  it("moves on when a node is unfolded", () => {
    expect([...frontierOf(merged([CHAIN]), { ...asked, open: ["artifact:train"] })]).toEqual(["artifact:rows"]);
  });

  it("is asked for by one question for each node that was unfolded", () => {
    expect(centresOf({ ...asked, open: ["task:fit"] }).map((centre) => [centre.query.artifact_id ?? centre.query.task_id, centre.links])).toEqual([["model", 2], ["fit", 2]]);
  });
});

describe("a layout", () => {
  const ids = ["a", "b", "c", "d"];
  const edges = [edge("a", "b"), edge("b", "c"), edge("a", "c"), edge("d", "c")];

  it("goes from left to right along every edge", () => {
    const next = random(7);
    const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
    const many = Array.from({ length: 120 }, () => [Math.floor(next() * 60), Math.floor(next() * 60)] as const).filter(([from, to]) => from < to).map(([from, to]) => edge(`n${from}`, `n${to}`));
    const { places } = layOut(names, many);
    expect(many.every(({ from, to }) => (places.get(from)?.x ?? 0) < (places.get(to)?.x ?? 0))).toBe(true);
  });

  it("puts no two nodes over each other", () => {
    const next = random(11);
    const names = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const many = Array.from({ length: 300 }, () => [Math.floor(next() * 200), Math.floor(next() * 200)] as const).filter(([from, to]) => from < to).map(([from, to]) => edge(`n${from}`, `n${to}`));
    const columns = new Map<number, number[]>();
    for (const { x, y } of layOut(names, many).places.values()) columns.set(x, [...(columns.get(x) ?? []), y]);
    for (const heights of columns.values()) {
      heights.sort((one, other) => one - other);
      heights.slice(1).forEach((y, index) => expect(y - (heights[index] ?? 0)).toBeGreaterThanOrEqual(NODE_HEIGHT));
    }
  });

  it("passes the layers between by bends", () => {
    expect(layOut(ids, edges).bends.map((bends) => bends.length)).toEqual([0, 0, 1, 0]);
  });

  it("puts what begins late near what it leads to", () => {
    expect(layersOf(ids, edges)).toEqual(new Map([["a", 0], ["b", 1], ["c", 2], ["d", 1]]));
  });

  it("of what goes round ends, and leaves out what closes the circle", () => {
    expect(acyclic(["a", "b"], [edge("a", "b"), edge("b", "a")])).toEqual([edge("a", "b")]);
    expect(layOut(["a", "b"], [edge("a", "b"), edge("b", "a")]).places.size).toBe(2);
  });

  it("of nothing is empty", () => {
    expect(layOut([], []).places.size).toBe(0);
  });
});

describe("values in order", () => {
  it("stay as they are where they never fall", () => {
    expect(isotonic([1, 2, 2, 5])).toEqual([1, 2, 2, 5]);
  });

  it("are pooled to their mean where they do", () => {
    expect(isotonic([3, 1, 2, 9, 8])).toEqual([2, 2, 2, 8.5, 8.5]);
  });

  it("are never further off than any other order of them", () => {
    const next = random(3);
    const values = Array.from({ length: 40 }, () => next() * 10);
    const off = (fit: readonly number[]): number => fit.reduce((sum, value, index) => sum + (value - (values[index] ?? 0)) ** 2, 0);
    const best = isotonic(values);
    for (let trial = 0; trial < 50; trial += 1) expect(off(best)).toBeLessThanOrEqual(off(values.map(() => next() * 10).sort((one, other) => one - other)));
  });
});

describe("what is seen", () => {
  const seen = { width: 800, height: 400 };

  it("holds all of a drawing when fitted", () => {
    const view = fitted({ width: 4_000, height: 300 }, seen);
    expect([view.x >= 0, view.x + 4_000 * view.scale <= 800]).toEqual([true, true]);
  });

  it("is at first around the start, and leaves no room empty", () => {
    const view = firstView({ width: 2_000, height: 200 }, { x: 1_950, y: 100 }, seen);
    expect(view.x + 2_000 * view.scale).toBeCloseTo(800 - 28, 6);
    expect(view.y + 100 * view.scale).toBeCloseTo(200, 6);
  });

  it("is at first all of it where that can be read", () => {
    expect(firstView({ width: 700, height: 300 }, { x: 0, y: 0 }, seen)).toEqual(fitted({ width: 700, height: 300 }, seen));
  });

  it("keeps the point that is zoomed about", () => {
    const view = zoomed({ x: 10, y: 20, scale: 1 }, 2, { x: 110, y: 120 });
    expect([(110 - view.x) / view.scale, (120 - view.y) / view.scale]).toEqual([100, 100]);
  });

  it("does not move for what is seen already, and does for what is not", () => {
    const view = { x: 0, y: 0, scale: 1 };
    expect(revealing(view, { x: 400, y: 200 }, seen)).toBe(view);
    expect(revealing(view, { x: 4_000, y: 200 }, seen).x).toBeLessThan(-3_000);
  });

  it("keeps a node where it was when the rest is laid out anew", () => {
    expect(kept({ x: 0, y: 0, scale: 2 }, { x: 10, y: 10 }, { x: 30, y: 10 })).toEqual({ x: -40, y: 0, scale: 2 });
  });
});

describe("the arrow keys", () => {
  const graph = drawn(merged([CHAIN]), shape("artifact:model"));
  const layout = layOut(graph.nodes.map((node) => node.id), graph.edges);

  it("lead along the edges", () => {
    expect([neighbourOf("artifact:model", "left", graph, layout), neighbourOf("task:fit", "right", graph, layout)]).toEqual(["task:fit", "artifact:model"]);
  });

  it("lead nowhere where nothing is", () => {
    expect(neighbourOf("artifact:model", "right", graph, layout)).toBeUndefined();
  });
});

describe("a drawing as a file", () => {
  const known = merged([lineage([link('<img src=x onerror="1">', "t", "OUTPUT")])]);
  const graph = drawn(known, shape("task:t"));

  it("has every name as a text", () => {
    const svg = svgOf(graph, layOut(graph.nodes.map((node) => node.id), graph.edges));
    expect(svg).not.toContain("<img");
    expect(svg).toContain("&lt;img src=x");
  });

  it("has no character that XML cannot write", () => {
    expect(escapedXml("a\u0000b\ud800c&")).toBe("a\ufffdb\ufffdc&amp;");
  });

  it("has whole nodes and edges in JSON", () => {
    expect(jsonOf(graph)).toMatchObject({ nodes: [{ kind: "task", task: { task_id: "t" } }, { kind: "artifact" }], edges: [{ keys: ["output"] }] });
  });

  it("shortens by letters, not by halves of them", () => {
    expect(shortened("😀😀😀", 2)).toBe("😀…");
  });
});

describe("what a reader makes of a lineage", () => {
  const graph = drawn(merged([CHAIN]), shape("artifact:model"));
  const [node] = graph.nodes;
  const bundle = { kind: "bundle", id: "bundle:downstream:artifact:a", of: "artifact:a", side: "downstream", what: "tasks", members: [], count: 9, isFolded: true } as const;

  it("asks for more around a node that is unfolded", () => {
    expect(node && unfolded(FRESH, node)).toEqual({ open: ["artifact:model"] });
  });

  it("only shows again what was folded", () => {
    expect(node && unfolded({ ...FRESH, folded: ["artifact:model"] }, node)).toEqual({ folded: [] });
  });

  it("takes from a bundle again and again, and gives all back", () => {
    const once = { ...FRESH, ...unfolded(FRESH, bundle) };
    const twice = { ...once, ...unfolded(once, bundle) };
    expect(takenOf(twice)).toEqual(new Map([[bundle.id, 2 * BUNDLE_STEP]]));
    expect(folded(twice, bundle)).toEqual({ taken: [] });
  });

  it("finds by name, kind and id", () => {
    expect([matching(graph.nodes, "FIT"), matching(graph.nodes, "model").length > 0, matching(graph.nodes, " ")]).toEqual([["task:fit"], true, []]);
  });
});
