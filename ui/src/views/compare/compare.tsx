// Several artifacts or runs side by side: where their fields and metadata differ.

import { getArtifact, getRun } from "../../api/operations";
import { useLoaded } from "../../api/loading";
import type { Json } from "../../api/json";
import { shortId } from "../../format/texts";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { Empty, Shown } from "../../parts/notices";
import { codec, flag, list, text } from "../../state/codec";
import { useViewState } from "../../state/router";
import { artifactPath, runPath } from "../../state/routes";
import { comparedOf, type Side } from "./differences";

interface CompareState {
  readonly namespace: string;
  readonly artifact: readonly string[];
  readonly run: readonly string[];
  /** Whether what is the same in all is shown too. */
  readonly all: boolean;
}

const STATE = codec<CompareState>({ namespace: text(), artifact: list(10), run: list(10), all: flag });

async function sidesOf(state: CompareState, signal: AbortSignal): Promise<readonly Side[]> {
  const artifacts = state.artifact.map(async (id) => ({ id, path: artifactPath(id), value: (await getArtifact(id, signal)).message as Json }));
  const runs = state.run.map(async (id) => {
    // Its tasks are many, and other ones in each run.
    const fields = Object.entries(await getRun(id, signal)).filter(([name]) => name !== "run_details");
    return { id, path: runPath(id), value: Object.fromEntries(fields) as Json };
  });
  return Promise.all([...artifacts, ...runs]);
}

export default function Compare() {
  const [state, change] = useViewState(STATE);
  const { all, ...asked } = state;
  const loaded = useLoaded(`compare\n${JSON.stringify(asked)}`, (signal) => sidesOf(state, signal));
  if (state.artifact.length + state.run.length < 2) {
    return <><Heading title="Compare" /><Empty title="There is nothing to compare yet">Tick two or more in the <Link to="/artifacts">artifacts</Link> or the <Link to="/runs">runs</Link>.</Empty></>;
  }
  return (
    <>
      <Heading title="Compare">
        <span className="grow" />
        <label className="inline"><input type="checkbox" checked={all} onChange={() => change({ all: !all })} /> What is the same, too</label>
      </Heading>
      <Shown of={loaded} what="what is compared">{(sides) => <Differences sides={sides} all={all} />}</Shown>
    </>
  );
}

function Differences({ sides, all }: { readonly sides: readonly Side[]; readonly all: boolean }) {
  const rows = comparedOf(sides.map((side) => side.value)).filter((row) => all || row.differs);
  if (!rows.length) return <Empty title="They differ in nothing" />;
  return (
    <section className="card flush table-box differs" aria-label="Differences" tabIndex={0}>
      <table>
        <thead><tr><th scope="col">Field</th>{sides.map((side) => <th key={side.id} scope="col"><Link to={side.path} className="mono">{shortId(side.id)}</Link></th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}><th scope="row" className="mono">{row.path}</th>{row.values.map((value, index) => <td key={sides[index]?.id} className="wraps">{value ?? <span className="faint">–</span>}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
