// What has come since a list was first shown: it is marked, and announced to who listens.

import { useState } from "react";

export interface Fresh {
  readonly ids: ReadonlySet<string>;
  /** How many the last look found that the one before had not. */
  readonly arrived: number;
}

interface Seen extends Fresh {
  readonly key: string;
  readonly known: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** The ids that were not there when the list of that key was first shown. */
export function useFresh(key: string, ids: readonly string[] | undefined): Fresh {
  const [seen, setSeen] = useState<Seen>({ key: "", known: NONE, ids: NONE, arrived: 0 });
  if (ids === undefined) return { ids: NONE, arrived: 0 };
  if (seen.key !== key) {
    setSeen({ key, known: new Set(ids), ids: NONE, arrived: 0 });
    return { ids: NONE, arrived: 0 };
  }
  const arrived = ids.filter((id) => !seen.known.has(id));
  if (arrived.length) {
    setSeen({ key, known: new Set([...seen.known, ...arrived]), ids: new Set([...seen.ids, ...arrived]), arrived: arrived.length });
  }
  return seen;
}
