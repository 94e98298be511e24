// Loads a lineage: what is around its root and around each node that was unfolded, and how large the hubs in it are.

import { useMemo, useState } from "react";
import { type Loaded, type Polling, useLoaded } from "../api/loading";
import { getLineage, listArtifactTasks } from "../api/operations";
import { type Asked, centresOf } from "./explored";
import { BUNDLE_OVER, type Known, merged, Neighbours, type NodeId, refOf } from "./model";

export interface Found {
  readonly known: Known;
  /** How many tasks read an artifact, where more do than are known. */
  readonly totals: ReadonlyMap<NodeId, number>;
}

/** So many hubs are counted. */
const HUBS_MAX = 10;

async function find(asked: Asked, signal: AbortSignal): Promise<Found> {
  const known = merged(await Promise.all(centresOf(asked).map((centre) => getLineage(centre.query, signal))));
  return { known, totals: known.isCut ? await totalsOf(known, signal) : new Map() };
}

async function totalsOf(known: Known, signal: AbortSignal): Promise<Found["totals"]> {
  const neighbours = new Neighbours(known.edges);
  const hubs = [...known.artifacts.keys()].filter((id) => neighbours.of(id, "downstream").length > BUNDLE_OVER).slice(0, HUBS_MAX);
  const counts = hubs.map(async (id) => {
    const page = await listArtifactTasks({ artifact_ids: [refOf(id).id], type: "INPUT", page_size: 1 }, signal);
    return [id, page.total_size] as const;
  });
  return new Map(await Promise.all(counts));
}

/** A lineage, kept while another part of it is asked for and as long as it says the same. */
export function useLineage(asked: Asked, polling: Polling): Loaded<Found> {
  const loaded = useLoaded(`lineage\n${JSON.stringify(asked)}`, async (signal, last?: { found: Found; text: string }) => {
    const found = await find(asked, signal);
    const text = JSON.stringify([[...found.known.artifacts], [...found.known.tasks], found.known.edges, found.known.isCut, [...found.totals]]);
    return last?.text === text ? last : { found, text };
  }, polling);
  const root = `${asked.root.kind}:${asked.root.id}`;
  const [shown, setShown] = useState<{ root: string; found: Found } | null>(null);
  const found = loaded.data?.found;
  if (found && (shown?.found !== found || shown.root !== root)) setShown({ root, found });
  const kept = found ?? (shown?.root === root ? shown.found : undefined);
  return useMemo(() => ({ data: kept, error: loaded.error, isLoading: loaded.isLoading, reload: loaded.reload }), [kept, loaded.error, loaded.isLoading, loaded.reload]);
}
