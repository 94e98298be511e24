// Artifacts of the same name and type in the same namespace, the newest first.

import { filterOf } from "../../api/filters";
import { useLoaded } from "../../api/loading";
import { listArtifacts } from "../../api/operations";
import type { Artifact } from "../../api/types";
import { doubleOf, formatNumber } from "../../format/numbers";
import { shortId } from "../../format/texts";
import { Card } from "../../parts/card";
import { Link } from "../../parts/link";
import { Shown } from "../../parts/notices";
import { Time } from "../../parts/time";
import { artifactPath, comparePath } from "../../state/routes";

const MOST = 20;

function versionsOf(artifact: Artifact, signal: AbortSignal) {
  const filter = filterOf([
    { operation: "EQUALS", key: "name", string_value: artifact.name },
    { operation: "EQUALS", key: "type", string_value: artifact.type },
    { operation: "EQUALS", key: "namespace", string_value: artifact.namespace },
  ]);
  return listArtifacts({ sort_by: "created_at desc", page_size: MOST, ...(filter && { filter }), namespace: artifact.namespace }, signal);
}

/** The table of all of them. */
const allPath = ({ name, type }: Artifact): string => `/artifacts?${new URLSearchParams({ type, where: `name = "${name}"` }).toString()}`;

export function Versions({ artifact }: { readonly artifact: Artifact }) {
  const { artifact_id: own, name, type, namespace } = artifact;
  const loaded = useLoaded(`versions\n${JSON.stringify([name, type, namespace])}`, (signal) => versionsOf(artifact, signal));
  const total = loaded.data?.total_size;
  return (
    <Card title="Versions of the same name" {...(total !== undefined && { note: total.toLocaleString("en-US") })} flush>
      <Shown of={loaded} what="the versions">
        {(page) => (
          <ul className="lines">
            {page.artifacts.map((each) => {
              const value = doubleOf(each.number_value);
              return (
                <li key={each.artifact_id}>
                  {each.artifact_id === own ? <strong className="line-name mono">{shortId(own)} (this one)</strong> : <Link to={artifactPath(each.artifact_id)} className="line-name mono">{shortId(each.artifact_id)}</Link>}
                  {value !== null && <span className="number">{formatNumber(value)}</span>}
                  <span className="faint"><Time at={each.created_at} /></span>
                  {each.artifact_id !== own && <Link to={comparePath("artifact", [own, each.artifact_id])} label={`Compare with ${each.artifact_id}`}>Compare</Link>}
                </li>
              );
            })}
            {page.next_page_token && <li><Link to={allPath(artifact)}>All {page.total_size.toLocaleString("en-US")} of them</Link></li>}
          </ul>
        )}
      </Shown>
    </Card>
  );
}
