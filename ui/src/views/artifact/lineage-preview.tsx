// What an artifact was made from and what was made of it, two hops each way, as a list.

import { useLoaded } from "../../api/loading";
import { getLineage } from "../../api/operations";
import { ArtifactLine } from "../../parts/artifact-lines";
import { Empty, Shown } from "../../parts/notices";
import { type Hop, hopsOf } from "./hops";

/** Artifact, task, artifact: two links make a hop. */
const LINKS = 4;
const NODES_MAX = 200;
const POLLING = { everyMs: 15_000 };

export function LineagePreview({ artifactId }: { readonly artifactId: string }) {
  const loaded = useLoaded(`lineage\n${artifactId}`, (signal) => getLineage({ artifact_id: artifactId, max_depth: LINKS, max_nodes: NODES_MAX }, signal), POLLING);
  return (
    <Shown of={loaded} what="the lineage">
      {(lineage) => {
        const hops = hopsOf(lineage, artifactId);
        if (!hops.length) return <Empty title="Nothing else is known of its lineage" />;
        return (
          <>
            {hops.map((hop) => <Distance key={`${hop.direction} ${hop.distance}`} hop={hop} />)}
            {lineage.truncated && <p className="hop cut" role="status">{lineage.artifacts.length + lineage.tasks.length < NODES_MAX ? "There is more beyond two hops." : `Cut here at ${NODES_MAX} nodes: there is more.`}</p>}
          </>
        );
      }}
    </Shown>
  );
}

function Distance({ hop }: { readonly hop: Hop }) {
  const arrow = hop.direction === "UPSTREAM" ? "↑ Made from" : "↓ Became";
  return (
    <>
      <h3 className="hop">{arrow}, {hop.distance === 1 ? "directly" : `${hop.distance} hops away`}</h3>
      <ul className="lines">{hop.artifacts.map((artifact) => <ArtifactLine key={artifact.artifact_id} artifact={artifact} />)}</ul>
    </>
  );
}
