// Edits what may be edited of an artifact, unless somebody else has changed it meanwhile.

import { type SubmitEvent, useId, useState } from "react";
import { ApiError } from "../../api/errors";
import { getArtifact, updateArtifact } from "../../api/operations";
import { Dialog } from "../../parts/dialog";
import { Failure } from "../../parts/notices";
import { TYPES } from "../artifacts/state";
import { bodyOf, differing, type Draft, draftOf, type FieldName, wrongWith } from "./changes";
import type { Versioned } from "./loading";

interface EditProps {
  readonly found: Versioned;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function EditDialog({ found, onClose, onSaved }: EditProps) {
  // The artifact as it was when the edit began: what comes in meanwhile must not slip under it.
  const [base, setBase] = useState(found);
  const [draft, setDraft] = useState(() => draftOf(found.artifact));
  const [theirs, setTheirs] = useState<Versioned | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const begun = draftOf(base.artifact);
  const wrong = wrongWith(draft.metadata);
  const isChanged = differing(begun, draft).length > 0;

  const save = async (over: Versioned): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await updateArtifact(over.artifact.artifact_id, bodyOf(begun, draft), over.etag);
      onSaved();
    } catch (failed) {
      if (failed instanceof ApiError && failed.status === 409) await conflict();
      else setError(failed);
      setBusy(false);
    }
  };
  const conflict = async (): Promise<void> => {
    try {
      const { message, etag } = await getArtifact(base.artifact.artifact_id);
      if (message !== null) setTheirs({ artifact: message, etag: etag ?? "" });
    } catch (failed) {
      setError(failed);
    }
  };
  const takeTheirs = (now: Versioned): void => {
    setBase(now);
    setDraft(draftOf(now.artifact));
    setTheirs(null);
  };
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!wrong && isChanged) void save(base);
  };
  return (
    <Dialog title="Edit the artifact" onClose={onClose}>
      <form onSubmit={onSubmit}>
        <Fields draft={draft} hasUri={begun.uri !== ""} wrong={wrong} onChange={(change) => setDraft({ ...draft, ...change })} />
        {error !== null && <Failure error={error} compact />}
        {theirs && <Conflict begun={begun} theirs={draftOf(theirs.artifact)} mine={draft} onKeep={() => void save(theirs)} onTake={() => takeTheirs(theirs)} />}
        <div className="actions">
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="primary" disabled={isBusy || !isChanged || wrong !== "" || theirs !== null}>Save</button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly draft: Draft;
  readonly hasUri: boolean;
  readonly wrong: string;
  readonly onChange: (change: Partial<Draft>) => void;
}

function Fields({ draft, hasUri, wrong, onChange }: FieldsProps) {
  const id = useId();
  const types = TYPES.includes(draft.type) ? TYPES : [draft.type, ...TYPES];
  return (
    <>
      <label htmlFor={`${id}-name`}>Name</label>
      <input id={`${id}-name`} value={draft.name} required maxLength={256} onChange={(event) => onChange({ name: event.target.value })} />
      <label htmlFor={`${id}-type`}>Type</label>
      <select id={`${id}-type`} value={draft.type} onChange={(event) => onChange({ type: event.target.value })}>{types.map((type) => <option key={type}>{type}</option>)}</select>
      <label htmlFor={`${id}-description`}>Description</label>
      <input id={`${id}-description`} value={draft.description} maxLength={4_096} onChange={(event) => onChange({ description: event.target.value })} />
      <label htmlFor={`${id}-uri`}>URI {hasUri && <span className="faint">(never changes once it is set)</span>}</label>
      <input id={`${id}-uri`} className="mono" value={draft.uri} readOnly={hasUri} maxLength={2_048} onChange={(event) => onChange({ uri: event.target.value })} />
      <label htmlFor={`${id}-metadata`}>Metadata <span className="faint">(JSON; replaces all of it)</span></label>
      <textarea id={`${id}-metadata`} className="mono" spellCheck={false} value={draft.metadata} aria-invalid={wrong !== ""} aria-describedby={wrong ? `${id}-wrong` : undefined} onChange={(event) => onChange({ metadata: event.target.value })} />
      {wrong && <p id={`${id}-wrong`} className="wrong" role="alert">{wrong}</p>}
    </>
  );
}

interface ConflictProps {
  readonly begun: Draft;
  readonly theirs: Draft;
  readonly mine: Draft;
  readonly onKeep: () => void;
  readonly onTake: () => void;
}

const told = (fields: readonly FieldName[]): string => (fields.length ? fields.join(", ") : "nothing that is edited here");

function Conflict({ begun, theirs, mine, onKeep, onTake }: ConflictProps) {
  const changed = differing(begun, theirs);
  const own = differing(begun, mine);
  const both = own.filter((field) => changed.includes(field));
  return (
    <div className="notice bad compact" role="alert">
      <strong>Somebody else changed this artifact while you edited it</strong>
      <p>They changed {told(changed)}; you changed {told(own)}. Nothing of yours is saved yet.</p>
      {both.length > 0 && <p>Saving yours would undo theirs in: {told(both)}.</p>}
      <div className="actions">
        <button type="button" onClick={onTake}>Drop mine, show theirs</button>
        <button type="button" className="primary" onClick={onKeep}>{both.length ? "Save mine over theirs" : "Save mine beside theirs"}</button>
      </div>
    </div>
  );
}
