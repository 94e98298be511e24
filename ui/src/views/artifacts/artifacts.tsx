// Artifacts as a table.

import { useId } from "react";
import { useLoaded } from "../../api/loading";
import { listArtifacts } from "../../api/operations";
import { Heading } from "../../parts/heading";
import { ListView } from "../../parts/list-view";
import { Picker } from "../../parts/picker";
import { navigate, useViewState } from "../../state/router";
import { keyOf, type ListState, onItsPage } from "../../state/list-state";
import { artifactPath, comparePath } from "../../state/routes";
import { inNamespace } from "../../state/namespace";
import { COLUMNS } from "./columns";
import { type ArtifactsState, STATE, TYPES, requestOf } from "./state";
import { NameFilter } from "./name-filter";

const POLLING = { everyMs: 5_000 };
const STILL = { everyMs: null };
const COMPARED_MAX = 10;

export default function Artifacts() {
  const [state, change] = useViewState(STATE);
  const { ticked } = state;
  // Only the first page can grow while it is looked at.
  const polling = state.page ? STILL : POLLING;
  const list = useLoaded(keyOf("artifacts", state), async (signal) => {
    const page = await listArtifacts(requestOf(state), signal);
    return { rows: page.artifacts, total: page.total_size, next: page.next_page_token };
  }, polling);
  const narrow = (changed: Partial<ArtifactsState>): void => change(onItsPage(changed));
  const tick = (id: string): void => {
    const next = ticked.includes(id) ? ticked.filter((each) => each !== id) : [...ticked, id].slice(-COMPARED_MAX);
    change({ ticked: next }, true);
  };
  return (
    <>
      <Heading title="Artifacts" />
      <ListView
        noun="artifact" list={list} columns={COLUMNS} state={state} onChange={(changed: Partial<ListState>) => change(changed)}
        idOf={(row) => row.artifact_id} nameOf={(row) => row.name} pathOf={(row) => artifactPath(row.artifact_id)}
        ticked={new Set(ticked)} onTick={tick}
        isNarrowed={Boolean(state.type || state.name || state.since || state.until)}
        filters={<Filters state={state} onChange={narrow} />}
        foot={ticked.length > 0 && <CompareBar ids={ticked} namespace={state.namespace} onClear={() => change({ ticked: [] }, true)} />}
      />
    </>
  );
}

function Filters({ state, onChange }: { readonly state: ArtifactsState; readonly onChange: (change: Partial<ArtifactsState>) => void }) {
  return (
    <>
      <Picker label="Type" value={state.type} none="Every type" options={TYPES} onPick={(type) => onChange({ type })} />
      <NameFilter name={state.name} onChange={(name) => onChange({ name })} />
      <Day label="from" value={state.since} onChange={(since) => onChange({ since })} />
      <Day label="to" value={state.until} onChange={(until) => onChange({ until })} />
    </>
  );
}

function Day({ label, value, onChange }: { readonly label: string; readonly value: string; readonly onChange: (day: string) => void }) {
  const id = useId();
  return (
    <span className="field">
      <label htmlFor={id} className="faint">{label}</label>
      <input id={id} type="date" aria-label={`Made ${label}`} value={value} onChange={(event) => onChange(event.target.value)} />
    </span>
  );
}

function CompareBar({ ids, namespace, onClear }: { readonly ids: readonly string[]; readonly namespace: string; readonly onClear: () => void }) {
  return (
    <div className="compare-bar" role="status">
      <span>{ids.length} ticked</span>
      <button type="button" className="primary" disabled={ids.length < 2} onClick={() => navigate(inNamespace(comparePath("artifact", ids), namespace))}>Compare</button>
      <button type="button" className="quiet" onClick={onClear}>Clear</button>
      {ids.length < 2 && <span className="faint">Tick another to compare</span>}
    </div>
  );
}
