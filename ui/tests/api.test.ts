import { describe, expect, it } from "vitest";
import { queryString } from "../src/api/client";
import { ApiError, adviceOf, errorOf, Unreachable } from "../src/api/errors";
import { filterOf, parseCondition, timeOf } from "../src/api/filters";
import { ExactNumber, parseJson, writeJson } from "../src/api/json";
import { pollDelayMs } from "../src/api/loading";

describe("JSON", () => {
  it("comes back as it was written", () => {
    const text = '{"a":[1,-0.5,1e-7,"x",null,true,{}],"b":[]}';
    expect(writeJson(parseJson(text), false)).toBe(text);
  });

  it("writes an integer beyond doubles digit by digit", () => {
    expect(writeJson([new ExactNumber("123456789012345678901")], false)).toBe("[123456789012345678901]");
  });

  it("is indented for people", () => {
    expect(writeJson({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
});

describe("a query string", () => {
  it("leaves out what is absent or empty and repeats lists", () => {
    expect(queryString({ a: "", b: undefined, c: 0, run_ids: ["x", "y z"] })).toBe("?c=0&run_ids=x&run_ids=y+z");
  });

  it("is empty without parameters", () => {
    expect(queryString({})).toBe("");
  });
});

describe("a condition", () => {
  it.each([
    ["metadata.framework = sklearn", { operation: "EQUALS", key: "metadata.framework", string_value: "sklearn" }],
    ["metric.val/loss<=.5", { operation: "LESS_THAN_EQUALS", key: "metric.val/loss", double_value: 0.5 }],
    ["name=007", { operation: "EQUALS", key: "name", string_value: "007" }],
    ['metadata.version = "1"', { operation: "EQUALS", key: "metadata.version", string_value: "1" }],
    ["metadata.ready != true", { operation: "NOT_EQUALS", key: "metadata.ready", bool_value: true }],
    ["uri ~ s3://x=1", { operation: "IS_SUBSTRING", key: "uri", string_value: "s3://x=1" }],
    ["type in Model, Dataset", { operation: "IN", key: "type", string_values: { values: ["Model", "Dataset"] } }],
    ["metadata.depth in 3,4", { operation: "IN", key: "metadata.depth", double_values: { values: [3, 4] } }],
    ["metadata.seed = 12345678901234567890", { operation: "EQUALS", key: "metadata.seed", long_value: "12345678901234567890" }],
  ])("%s", (text, predicate) => {
    expect(parseCondition(text)).toEqual(predicate);
  });

  it.each(["nonsense", "= 3", ""])("that is none is refused: %j", (text) => {
    expect(() => parseCondition(text)).toThrow("is not a condition");
  });
});

describe("a time", () => {
  it("counts ages back from now", () => {
    expect(timeOf("2h", Date.UTC(2026, 0, 1, 12))).toBe("2026-01-01T10:00:00.000Z");
  });

  it("that is none is refused", () => {
    expect(() => timeOf("yesterday")).toThrow("is no time");
  });
});

it("no predicates are no filter", () => {
  expect(filterOf([])).toBeUndefined();
});

describe("an error", () => {
  it("says what the server said, with the fields", () => {
    const body = JSON.stringify({ code: 3, message: "bad", details: [{ field_violations: [{ field: "f", description: "d" }] }] });
    const error = errorOf(400, body, null);
    expect([error.message, error.violations]).toEqual(["bad", [{ field: "f", description: "d" }]]);
  });

  it("of no JSON is told by its status", () => {
    expect(errorOf(502, "<html>", null).message).toBe("the server answered 502");
  });

  it.each([400, 401, 403, 404, 409, 429, 503, 500])("of status %d says what to do", (status) => {
    expect(adviceOf(new ApiError(status, "m")).next).not.toBe("");
  });

  it("that nobody answered says what to do", () => {
    expect(adviceOf(new Unreachable("m")).title).toBe("The server does not answer");
  });
});

describe("polling", () => {
  it("waits the time that was asked for", () => {
    expect(pollDelayMs(5_000, 10, 0)).toBe(5_000);
  });

  it("takes no more than a twentieth of the server's time", () => {
    expect(pollDelayMs(5_000, 1_000, 0)).toBe(20_000);
  });

  it("is seldomer after each failure, up to a minute", () => {
    expect([1, 2, 3, 9].map((failures) => pollDelayMs(5_000, 10, failures))).toEqual([10_000, 20_000, 40_000, 60_000]);
  });
});
