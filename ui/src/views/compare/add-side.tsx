// Adds one to what is compared, found by the beginning of its name or id.

import { useState } from "react";
import { useLoaded } from "../../api/loading";
import { search } from "../../api/operations";
import { plainText, shortId } from "../../format/texts";
import { runName } from "../../parts/artifact-lines";
import { useNamespace } from "../../state/namespace";

interface AddSideProps {
  /** What is compared already; undefined where that is open. */
  readonly kind: "artifact" | "run" | undefined;
  readonly taken: readonly string[];
  readonly isFull: boolean;
  readonly onAdd: (kind: "artifact" | "run", id: string) => void;
}

const MOST = 8;

export function AddSide({ kind, taken, isFull, onAdd }: AddSideProps) {
  const [typed, setTyped] = useState("");
  const namespace = useNamespace();
  const { data } = useLoaded(`add\n${namespace}\n${typed}`, async (signal) => (typed ? search({ query: typed, page_size: MOST, ...(namespace && { namespace }) }, signal) : null));
  const found = [
    ...(kind !== "run" ? (data?.artifacts ?? []).map((artifact) => ({ kind: "artifact" as const, id: artifact.artifact_id, name: plainText(artifact.name), note: artifact.type })) : []),
    ...(kind !== "artifact" ? (data?.runs ?? []).map((run) => ({ kind: "run" as const, id: run.run_id, name: runName(run), note: "Run" })) : []),
  ].filter((each) => !taken.includes(each.id)).slice(0, MOST);
  if (isFull) return <p className="faint">No more than ten can be compared at once.</p>;
  return (
    <div className="add-side">
      <input type="search" aria-label="Add to what is compared" placeholder={`Add ${kind === "run" ? "a run" : kind === "artifact" ? "an artifact" : "an artifact or a run"} by name or id`} value={typed} onChange={(event) => setTyped(event.target.value)} />
      {typed && (
        <ul className="lines card" aria-label="Found">
          {found.map((each) => (
            <li key={`${each.kind} ${each.id}`}>
              <button type="button" className="quiet" onClick={() => { onAdd(each.kind, each.id); setTyped(""); }}>{each.name} <span className="faint">{each.note} {shortId(each.id)}</span></button>
            </li>
          ))}
          {data && !found.length && <li className="faint">Nothing else begins so</li>}
        </ul>
      )}
    </div>
  );
}
