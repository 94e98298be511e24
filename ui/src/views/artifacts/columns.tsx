// The columns of the table of artifacts.

import type { Artifact } from "../../api/types";
import { doubleOf, formatNumber } from "../../format/numbers";
import { plainText, shortId } from "../../format/texts";
import { Link } from "../../parts/link";
import { TypeBadge } from "../../parts/state";
import type { Column } from "../../parts/table";
import { Time } from "../../parts/time";
import { previewOf } from "../../parts/tree-rows";
import { artifactPath } from "../../state/routes";

function numberOf(artifact: Artifact): string {
  const value = doubleOf(artifact.number_value);
  return value === null ? "" : formatNumber(value);
}

function metadataOf(artifact: Artifact): string {
  const entries = Object.entries(artifact.metadata ?? {}).slice(0, 4);
  return entries.map(([key, value]) => `${plainText(key)} ${previewOf(value)}`).join(" · ");
}

export const COLUMNS: readonly Column<Artifact>[] = [
  { id: "name", title: "Name", sort: "name", cell: (row) => <Link to={artifactPath(row.artifact_id)} className="name-cell one-line">{plainText(row.name)}</Link> },
  { id: "type", title: "Type", sort: "type", cell: (row) => <TypeBadge type={row.type} /> },
  { id: "number_value", title: "Value", sort: "number_value", numeric: true, priority: 2, cell: numberOf },
  { id: "created_at", title: "Made", sort: "created_at", cell: (row) => <Time at={row.created_at} /> },
  { id: "updated_at", title: "Changed", sort: "updated_at", priority: 2, cell: (row) => <Time at={row.updated_at} /> },
  { id: "namespace", title: "Namespace", priority: 3, cell: (row) => row.namespace || <span className="faint">none</span> },
  { id: "uri", title: "URI", priority: 3, cell: (row) => <span className="mono name-cell one-line">{plainText(row.uri ?? "")}</span> },
  { id: "metadata", title: "Metadata", priority: 3, cell: (row) => <span className="name-cell one-line faint">{metadataOf(row)}</span> },
  { id: "description", title: "Description", priority: 3, cell: (row) => <span className="name-cell one-line">{plainText(row.description ?? "")}</span> },
  { id: "artifact_id", title: "Id", sort: "artifact_id", priority: 2, cell: (row) => <span className="mono faint" title={row.artifact_id}>{shortId(row.artifact_id)}</span> },
];
