// One artifact: what it is, who made it from what, how good it is, and who uses it.

import { lazy, Suspense, useState } from "react";
import { useLoaded } from "../../api/loading";
import type { Artifact } from "../../api/types";
import { doubleOf, formatNumber } from "../../format/numbers";
import { plainText } from "../../format/texts";
import { Card, Facts } from "../../parts/card";
import { Id } from "../../parts/copy";
import { Heading } from "../../parts/heading";
import { Address, Link } from "../../parts/link";
import { Empty, Loading, Shown } from "../../parts/notices";
import { TypeBadge } from "../../parts/state";
import { Time } from "../../parts/time";
import { Tree } from "../../parts/tree";
import { lineagePath } from "../../state/routes";
import { CopyAs } from "./copy-as";
import { EditDialog } from "./edit-dialog";
import { around, versioned, type Versioned } from "./loading";
import { Consumers, KeyMetrics, Producers, Sources } from "./neighbours";
import { Versions } from "./versions";

const POLLING = { everyMs: 10_000 };
// What is read at once shall not wait for what is looked at next.
const LineagePreview = lazy(async () => ({ default: (await import("./lineage-preview")).LineagePreview }));
const Classifications = lazy(async () => ({ default: (await import("../../measures/measured")).Classifications }));

export default function OneArtifact({ id }: { readonly id: string }) {
  const loaded = useLoaded(`artifact\n${id}`, (signal, last?: Versioned) => versioned(id, signal, last), POLLING);
  return <Shown of={loaded} what="the artifact">{(found) => <Found key={id} found={found} reload={loaded.reload} />}</Shown>;
}

function Found({ found, reload }: { readonly found: Versioned; readonly reload: () => void }) {
  const { artifact } = found;
  const [dialog, setDialog] = useState<"edit" | "copy" | null>(null);
  const close = (): void => setDialog(null);
  return (
    <>
      <Heading title={plainText(artifact.name)} above={<Link to="/artifacts">Artifacts</Link>}>
        <TypeBadge type={artifact.type} />
        <span className="grow" />
        <button type="button" onClick={() => setDialog("copy")}>Copy as…</button>
        <button type="button" onClick={() => setDialog("edit")}>Edit</button>
      </Heading>
      <div className="around">
        <div className="around-lineage">
          <Card title="Lineage" actions={<Link to={lineagePath({ kind: "artifact", id: artifact.artifact_id })}>Larger</Link>} flush>
            <Suspense fallback={<Loading what="the lineage" />}><LineagePreview artifact={artifact} /></Suspense>
          </Card>
        </div>
        <div className="main-and-side mixed">
          <Main found={found} />
          <Side artifact={artifact} />
        </div>
      </div>
      {dialog === "copy" && <CopyAs artifact={artifact} onClose={close} />}
      {dialog === "edit" && <EditDialog found={found} onClose={close} onSaved={() => { close(); reload(); }} />}
    </>
  );
}

function Main({ found: { artifact } }: { readonly found: Versioned }) {
  const value = doubleOf(artifact.number_value);
  const metadata = artifact.metadata ?? {};
  return (
    <div className="rows">
      <Card title="What it is">
        <Facts facts={[
          ["URI", artifact.uri && <Address text={artifact.uri} />],
          ["Value", value !== null && <span className="number">{formatNumber(value)}</span>],
          ["Description", artifact.description && plainText(artifact.description)],
          ["Made", <Time key="made" at={artifact.created_at} absolute />],
          ["Changed", artifact.updated_at !== artifact.created_at && <Time key="changed" at={artifact.updated_at} absolute />],
          ["Namespace", artifact.namespace],
          ["Id", <Id key="id" id={artifact.artifact_id} what="artifact" />],
        ]} />
      </Card>
      {isClassification(metadata) && <Suspense fallback={<Loading what="what was measured" />}><Classifications measures={[{ label: plainText(artifact.name), value: metadata }]} /></Suspense>}
      <Card title="Metadata" note={`${Object.keys(metadata).length} keys`} flush>
        {Object.keys(metadata).length ? <Tree key={artifact.updated_at} value={metadata} label="Metadata" /> : <Empty title="It has no metadata" />}
      </Card>
      <Versions artifact={artifact} />
    </div>
  );
}

/** Whether metadata may have curves or matrices; what draws them looks closer. */
const isClassification = (metadata: object): boolean => "confidenceMetrics" in metadata || "confusionMatrix" in metadata || "evaluationSlices" in metadata;

function Side({ artifact }: { readonly artifact: Artifact }) {
  const id = artifact.artifact_id;
  const loaded = useLoaded(`around\n${id}`, (signal) => around(id, signal), POLLING);
  return (
    <Shown of={loaded} what="who made and uses it">
      {(found) => (
        <div className="rows">
          <KeyMetrics around={found} artifact={artifact} />
          <Producers around={found} />
          <Sources around={found} />
          <Consumers around={found} />
        </div>
      )}
    </Shown>
  );
}
