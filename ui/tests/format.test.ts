import { describe, expect, it } from "vitest";
import { ExactNumber } from "../src/api/json";
import { formatBytes } from "../src/format/bytes";
import { count, doubleOf, formatNumber } from "../src/format/numbers";
import { linkOf, plainText, shortId, stateName } from "../src/format/texts";
import { between, duration, relativeTime } from "../src/format/times";

describe("a number", () => {
  it.each([
    [0.97188, "0.97188"], [1204331, "1,204,331"], [1.2e-7, "1.2e-7"], [NaN, "NaN"], [Infinity, "∞"], [-Infinity, "−∞"],
    [-0, "-0"], [1 / 3, "0.333333"], [123456.789, "123,456.79"], [6.02e23, "6.02e23"], [0, "0"],
  ])("%d", (value, shown) => {
    expect(formatNumber(value)).toBe(shown);
  });

  it.each([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], [2, 2], ["2", null], [null, null], [{}, null]])("is read from %j", (value, double) => {
    expect(doubleOf(value)).toBe(double);
  });

  it("is read from what no double holds", () => {
    expect(doubleOf(new ExactNumber("100000000000000000000"))).toBe(1e20);
  });

  it("counts with its noun", () => {
    expect([count(1, "run"), count(1204, "run")]).toEqual(["1 run", "1,204 runs"]);
  });
});

describe("a time", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");

  it.each([
    ["2026-01-31T11:59:30Z", "just now"], ["2026-01-31T11:55:00Z", "5 min ago"], ["2026-01-31T09:00:00Z", "3 h ago"],
    ["2026-01-29T12:00:00Z", "2 d ago"], ["2025-11-01T12:00:00Z", "1 Nov 2025"], ["2026-01-31T12:10:00Z", "in 10 min"], ["nonsense", "nonsense"],
  ])("%s", (time, told) => {
    expect(relativeTime(time, now)).toBe(told);
  });

  it.each([[420, "0.42 s"], [3_900, "3.9 s"], [125_000, "2 min 05 s"], [4_800_000, "1 h 20 min"], [273_600_000, "3 d 4 h"]])("%d ms", (ms, told) => {
    expect(duration(ms)).toBe(told);
  });

  it("that ended before it began tells nothing", () => {
    expect(between("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z")).toBeNull();
    expect(between(undefined, "2026-01-01T00:00:00Z")).toBeNull();
  });
});

it.each([[0, "0 B"], [812, "812 B"], [1_400, "1.4 kB"], [20_000_000, "20 MB"]])("%d bytes", (bytes, told) => {
  expect(formatBytes(bytes)).toBe(told);
});

describe("a text", () => {
  it.each(["https://a.b/c", "http://a", "s3://bucket/a", "gs://bucket/a"])("may be a link: %s", (address) => {
    expect(linkOf(address)).toBe(address);
  });

  it.each(["javascript:alert(1)", "java\nscript://x", "data:text/html,x", "file:///etc", "x", "/pipelines/a", "https://a b", " https://a"])("is no link: %j", (address) => {
    expect(linkOf(address)).toBeNull();
  });

  it("shows what would rearrange its surroundings", () => {
    expect(plainText("a\u202eb\u0007c\n")).toBe("a\ufffdb\ufffdc\n");
  });

  it("names ids by their end and states by words", () => {
    expect([shortId("01a207ef-a943-7535-afa0-7955d4efbd5f"), shortId("run-1"), stateName("SUCCEEDED"), stateName(undefined)]).toEqual(["…d4efbd5f", "run-1", "Succeeded", "Unknown"]);
  });
});
