// JSON values side by side, leaf by leaf.

import { ExactNumber, type Json, writeJson } from "../../api/json";
import { plainText } from "../../format/texts";

export interface Compared {
  readonly path: string;
  /** The value on each side as text; null where it is not there. */
  readonly values: readonly (string | null)[];
  readonly differs: boolean;
}

function leavesOf(value: Json, at: string, into: Map<string, string>): Map<string, string> {
  const nests = value !== null && typeof value === "object" && !(value instanceof ExactNumber);
  if (nests && !Array.isArray(value) && Object.keys(value).length) {
    for (const [key, item] of Object.entries(value)) leavesOf(item, at ? `${at}.${key}` : key, into);
  } else {
    into.set(plainText(at), typeof value === "string" ? plainText(value) : writeJson(value, false));
  }
  return into;
}

/** Every leaf that any side has, in the order in which they come; lists count as one leaf. */
export function comparedOf(sides: readonly Json[]): readonly Compared[] {
  const leaves = sides.map((side) => leavesOf(side, "", new Map<string, string>()));
  const paths = [...new Set(leaves.flatMap((each) => [...each.keys()]))];
  return paths.map((path) => {
    const values = leaves.map((each) => each.get(path) ?? null);
    return { path, values, differs: new Set(values).size > 1 };
  });
}
