// Where the lineages of what is compared part, in sentences.

import { useLoaded } from "../../api/loading";
import type { Artifact, Task } from "../../api/types";
import { plainText, shortId } from "../../format/texts";
import { Card } from "../../parts/card";
import { Link } from "../../parts/link";
import { Shown } from "../../parts/notices";
import { artifactPath, taskPath } from "../../state/routes";
import type { Parting } from "./parting";
import { type Parted, partedOf, type Side } from "./sides";

export function Partings({ sides }: { readonly sides: readonly Side[] }) {
  const asked = sides.map(({ kind, id }) => ({ kind, id }));
  const loaded = useLoaded(`partings\n${JSON.stringify(asked)}`, (signal) => partedOf(asked, signal));
  const [base, ...others] = sides;
  return (
    <Card title="Where their lineages part">
      <Shown of={loaded} what="their lineages" rows={2}>
        {(all) => <ul className="partings">{others.map((side) => base && <Told key={side.id} base={base} side={side} parted={all.find((each) => each.id === side.id)} />)}</ul>}
      </Shown>
    </Card>
  );
}

function Told({ base, side, parted }: { readonly base: Side; readonly side: Side; readonly parted: Parted | undefined }) {
  if (!parted) return null;
  return (
    <li>
      <p><strong>{sideName(base, side)}</strong> and <strong>{sideName(side, base)}</strong> {parted.common && <>both come from <Link to={parted.common.path}>{parted.common.name}</Link>. They </>}<PartingWords parting={parted.parting} /></p>
      {parted.parting && parted.parting.kind !== "alone" && parted.parting.differences.length > 0 && (
        <table className="small-table">
          <thead><tr><th scope="col">What differs there</th><th scope="col">{sideName(base, side)}</th><th scope="col">{sideName(side, base)}</th></tr></thead>
          <tbody>{parted.parting.differences.map(({ what, one, other }) => <tr key={what}><th scope="row">{plainText(what)}</th><td className="wraps mono">{plainText(one) || "–"}</td><td className="wraps mono">{plainText(other) || "–"}</td></tr>)}</tbody>
        </table>
      )}
      {parted.isCut && <p className="faint">Their lineages are longer than is read here; they may part before that.</p>}
    </li>
  );
}

/** The name of a side; with its id where the other has the same. */
export function sideName(side: Side, other: Side | undefined): string {
  return other?.name === side.name ? `${side.name} ${shortId(side.id)}` : side.name;
}

const isTask = (node: Artifact | Task): node is Task => "task_id" in node;

function NodeLink({ node }: { readonly node: Artifact | Task }) {
  if (isTask(node)) return <Link to={taskPath(node.task_id)}>{plainText(node.display_name ?? node.name ?? "") || shortId(node.task_id)}</Link>;
  return <Link to={artifactPath(node.artifact_id)}>{plainText(node.name) || shortId(node.artifact_id)}</Link>;
}

function PartingWords({ parting }: { readonly parting: Parting | null }) {
  if (!parting) return <>were made in the same way, as far as is known.</>;
  switch (parting.kind) {
    case "task": return <>part at the task <NodeLink node={parting.one} /> (<NodeLink node={parting.other} /> in the other): all before it is the same.</>;
    case "artifact": return <>begin with different artifacts: <NodeLink node={parting.one} /> and <NodeLink node={parting.other} />.</>;
    case "alone": return <>part where only {parting.side === "one" ? "the first" : "the second"} has <NodeLink node={parting.node} />.</>;
  }
}
