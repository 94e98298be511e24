// What an artifact was made from and what was made of it, two hops each way, to be unfolded where it stands.

import { useState } from "react";
import type { Artifact } from "../../api/types";
import { Explorer } from "../../graph/explorer";
import { FRESH, type ExplorerState } from "../../graph/state";

const POLLING = { everyMs: 15_000 };

export function LineagePreview({ artifact }: { readonly artifact: Artifact }) {
  const [state, setState] = useState<ExplorerState>(FRESH);
  const root = { kind: "artifact", id: artifact.artifact_id } as const;
  return <Explorer root={root} name={artifact.name} state={state} onChange={(change) => setState((now) => ({ ...now, ...change }))} polling={POLLING} size="part" />;
}
