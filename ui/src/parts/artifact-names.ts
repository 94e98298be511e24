// The artifacts behind ids, asked for together.

import { filterOf } from "../api/filters";
import { useLoaded } from "../api/loading";
import { listArtifacts } from "../api/operations";
import type { Artifact } from "../api/types";

const MOST = 100;

/** The artifacts of those ids, by id, as far as they are known and at most a hundred. */
export function useArtifacts(ids: readonly string[]): ReadonlyMap<string, Artifact> {
  const asked = [...new Set(ids)].slice(0, MOST);
  const { data } = useLoaded(`artifacts of\n${asked.join()}`, async (signal) => {
    if (!asked.length) return new Map<string, Artifact>();
    const filter = filterOf([{ operation: "IN", key: "artifact_id", string_values: { values: asked } }]);
    const page = await listArtifacts({ page_size: MOST, ...(filter && { filter }) }, signal);
    return new Map(page.artifacts.map((artifact) => [artifact.artifact_id, artifact]));
  });
  return data ?? NONE;
}

const NONE: ReadonlyMap<string, Artifact> = new Map();
