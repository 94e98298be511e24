// Several artifacts or runs side by side: first where they differ, then what was measured, then where their lineages part.

import { lazy, Suspense, useMemo } from "react";
import { useLoaded } from "../../api/loading";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { Empty, Loading, Shown } from "../../parts/notices";
import { lookParams, type LookState } from "../../measures/look";
import { codec, flag, list, text } from "../../state/codec";
import { useViewState } from "../../state/router";
import { AddSide } from "./add-side";
import { comparedOf } from "./differences";
import { MetricTable } from "./metric-table";
import { Partings } from "./partings";
import { artifactSide, runSide, type Side } from "./sides";
import { headsOf, SideBar } from "./side-bar";

interface CompareState extends LookState {
  readonly namespace: string;
  readonly artifact: readonly string[];
  readonly run: readonly string[];
  /** Whether what is the same in all is shown too. */
  readonly all: boolean;
}

export const SIDES_MAX = 10;
// One more is read, so that it can be said that it is one too many.
const STATE = codec<CompareState>({ namespace: text(), artifact: list(SIDES_MAX + 1), run: list(SIDES_MAX + 1), all: flag, ...lookParams });
const Overlays = lazy(() => import("./overlays"));
const POLLING = { everyMs: 15_000 };

export default function Compare() {
  const [state, change] = useViewState(STATE);
  const kind = state.artifact.length ? "artifact" : "run";
  const ids = state[kind];
  const isMixed = state.artifact.length > 0 && state.run.length > 0;
  const isFew = ids.length < 2;
  const key = `compare\n${isMixed ? "mixed" : kind}\n${ids.join("\n")}`;
  const loaded = useLoaded(key, async (signal, last?: { text: string; sides: readonly Side[] }) => {
    if (isFew || isMixed || ids.length > SIDES_MAX) return { text: "", sides: [] };
    const sides = await Promise.all(ids.map((id) => (kind === "artifact" ? artifactSide(id, signal) : runSide(id, signal))));
    const told = JSON.stringify(sides);
    return last?.text === told ? last : { text: told, sides };
  }, POLLING);
  const setIds = (next: readonly string[]): void => change({ [kind]: next });
  return (
    <>
      <Heading title="Compare">
        <span className="grow" />
        <label className="inline"><input type="checkbox" checked={state.all} onChange={() => change({ all: !state.all })} /> What is the same, too</label>
      </Heading>
      {isMixed ? <Empty title="Artifacts and runs cannot be compared with each other">Compare <button type="button" className="small" onClick={() => change({ run: [] })}>the artifacts</button> or <button type="button" className="small" onClick={() => change({ artifact: [] })}>the runs</button>.</Empty>
        : ids.length > SIDES_MAX ? <Empty title={`At most ${SIDES_MAX} can be compared at once`}><button type="button" className="small" onClick={() => setIds(ids.slice(0, SIDES_MAX))}>Compare the first {SIDES_MAX}</button></Empty>
          : (
            <>
              {isFew && <Empty title="There is nothing to compare yet">Tick two or more in the <Link to="/artifacts">artifacts</Link> or the <Link to="/runs">runs</Link>, or add them here.</Empty>}
              <AddSide kind={ids.length ? kind : undefined} taken={ids} isFull={ids.length >= SIDES_MAX} onAdd={(added, id) => change({ [added]: [...state[added], id] })} />
              {!isFew && <Shown of={loaded} what="what is compared">{({ sides }) => (sides.length ? <Sides sides={sides} state={state} onIds={setIds} onLook={change} /> : null)}</Shown>}
            </>
          )}
    </>
  );
}

function Sides({ sides, state, onIds, onLook }: { readonly sides: readonly Side[]; readonly state: CompareState; readonly onIds: (ids: readonly string[]) => void; readonly onLook: (change: Partial<LookState>, replace?: boolean) => void }) {
  const heads = useMemo(() => headsOf(sides), [sides]);
  return (
    <div className="rows">
      <SideBar sides={sides} heads={heads} onIds={onIds} />
      <Differences sides={sides} heads={heads} all={state.all} />
      <MetricTable sides={sides} heads={heads} all={state.all} />
      <Partings sides={sides} />
      <Suspense fallback={<Loading what="the charts" />}><Overlays sides={sides} heads={heads} look={state} onLook={onLook} /></Suspense>
    </div>
  );
}

function Differences({ sides, heads, all }: { readonly sides: readonly Side[]; readonly heads: readonly string[]; readonly all: boolean }) {
  const rows = comparedOf(sides.map((side) => side.value)).filter((row) => all || row.differs);
  if (!rows.length) return <Empty title="They differ in nothing" />;
  return (
    <section className="card flush table-box differs" aria-label="Differences" tabIndex={0}>
      <table className="compared">
        <thead><tr><th scope="col">Field</th>{sides.map((side, index) => <th key={side.id} scope="col"><Link to={side.path}>{heads[index]}</Link></th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}><th scope="row" className="mono">{row.path}</th>{row.values.map((value, index) => <td key={sides[index]?.id} className="wraps">{value ?? <span className="faint">–</span>}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
