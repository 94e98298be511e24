import { describe, expect, it } from "vitest";
import { choice, codec, flag, integer, list, text, words } from "../src/state/codec";
import { keyOf, listParams, onItsPage, queryOf } from "../src/state/list-state";
import { inNamespace } from "../src/state/namespace";
import { artifactPath, comparePath, viewOf } from "../src/state/routes";
import { parseSort, turned, writeSort } from "../src/parts/sorting";

interface Shown {
  readonly sort: string;
  readonly tab: "tasks" | "metrics";
  readonly size: number;
  readonly all: boolean;
  readonly where: readonly string[];
  readonly columns: readonly string[];
}

const SHOWN = codec<Shown>({
  sort: text("name"), tab: choice(["tasks", "metrics"]), size: integer(20, 1, 200), all: flag, where: list(2), columns: words(["a", "b"]),
});
const DEFAULT = SHOWN.read("");

describe("a view's state", () => {
  it("that is all default is no query", () => {
    expect(SHOWN.write(DEFAULT)).toBe("");
  });

  it("comes back from the address as it was", () => {
    const state: Shown = { sort: "x desc", tab: "metrics", size: 50, all: true, where: ["a>1", "b=ä&?"], columns: ["b"] };
    expect(SHOWN.read(SHOWN.write(state))).toEqual(state);
  });

  it.each(["?tab=nonsense", "?size=x", "?size=", "?all=yes", "?other=1"])("takes its default for what makes no sense: %s", (search) => {
    expect(SHOWN.read(search)).toEqual(DEFAULT);
  });

  it.each([["?size=0", 1], ["?size=9999", 200]])("keeps numbers within bounds: %s", (search, size) => {
    expect(SHOWN.read(search).size).toBe(size);
  });

  it("holds each of a list once, and not too many", () => {
    expect(SHOWN.read("?where=a&where=a&where=b&where=c").where).toEqual(["a", "b"]);
  });
});

describe("a path", () => {
  it.each([
    ["/", { name: "home" }],
    ["/artifacts", { name: "artifacts" }],
    ["/artifacts/", { name: "artifacts" }],
    ["/runs/a%20b", { name: "run", id: "a b" }],
    ["/tasks/t:1", { name: "task", id: "t:1" }],
    ["/run-metrics", { name: "metrics" }],
    ["/compare", { name: "compare" }],
    ["/nowhere", { name: "missing" }],
    ["/artifacts/a/b", { name: "missing" }],
    ["/compare/a", { name: "missing" }],
    ["/runs/%zz", { name: "missing" }],
    ["/constructor", { name: "missing" }],
  ])("%s", (path, view) => {
    expect(viewOf(path)).toEqual(view);
  });

  it("of an artifact leads to it, whatever its id", () => {
    expect(viewOf(artifactPath("a/b?c"))).toEqual({ name: "artifact", id: "a/b?c" });
  });

  it("to compare names all", () => {
    expect(comparePath("run", ["a", "b&c"])).toBe("/compare?run=a&run=b%26c");
  });

  it("carries the namespace along", () => {
    expect(inNamespace("/runs?x=1", "team a")).toBe("/runs?x=1&namespace=team+a");
  });
});

describe("a list", () => {
  const LIST = codec(listParams("created_at desc", ["name"]));
  const state = { ...LIST.read(""), page: "token", at: 3 };

  it("begins anew where another list comes of a change", () => {
    expect(onItsPage<typeof state>({ sort: "name" })).toEqual({ sort: "name", page: "", at: 1 });
  });

  it("stays on its page where only its looks change", () => {
    expect(onItsPage<typeof state>({ columns: ["x"] })).toEqual({ columns: ["x"] });
  });

  it("is the same one whatever columns it shows", () => {
    expect(keyOf("runs", { ...state, columns: ["x"] })).toBe(keyOf("runs", state));
  });

  it("asks for its page with its conditions", () => {
    expect(queryOf({ ...state, where: ["name=x"] })).toEqual({
      namespace: "", sort_by: "created_at desc", page_size: 20, page_token: "token",
      filter: '{"predicates":[{"operation":"EQUALS","key":"name","string_value":"x"}]}',
    });
  });
});

describe("an order", () => {
  it("is written as it is read", () => {
    expect(["name", "created_at desc"].map((each) => writeSort(parseSort(each)))).toEqual(["name", "created_at desc"]);
  });

  it("turns round, and begins with the newest", () => {
    expect(turned({ field: "name", descending: false }, "name")).toEqual({ field: "name", descending: true });
    expect(turned(undefined, "created_at")).toEqual({ field: "created_at", descending: true });
    expect(turned(undefined, "name")).toEqual({ field: "name", descending: false });
  });
});
