// What is compared, in its order: the first is what the others are measured against.

import { shortId } from "../../format/texts";
import { Link } from "../../parts/link";
import { Time } from "../../parts/time";
import type { Side } from "./sides";

/** A name for each side; where several have one name, the end of the id tells which. */
export function headsOf(sides: readonly Pick<Side, "name" | "id">[]): readonly string[] {
  return sides.map(({ name, id }) => (sides.filter((side) => side.name === name).length > 1 ? `${name} ${shortId(id)}` : name));
}

export function SideBar({ sides, heads, onIds }: { readonly sides: readonly Side[]; readonly heads: readonly string[]; readonly onIds: (ids: readonly string[]) => void }) {
  const ids = sides.map((side) => side.id);
  return (
    <ol className="sides" aria-label="What is compared">
      {sides.map((side, index) => (
        <li key={side.id} className="card">
          <Link to={side.path}>{heads[index]}</Link>
          <span className="faint">{index === 0 ? "measured against" : <Time at={side.madeAt} />}</span>
          {index > 0 && <button type="button" className="quiet small" aria-label={`First: measure against ${heads[index] ?? ""}`} onClick={() => onIds([side.id, ...ids.filter((id) => id !== side.id)])}>First</button>}
          <button type="button" className="quiet small" aria-label={`Leave ${heads[index] ?? ""} out`} onClick={() => onIds(ids.filter((id) => id !== side.id))}>✕</button>
        </li>
      ))}
    </ol>
  );
}
