// States over time.

import type { StateChange } from "../api/types";
import { plainText } from "../format/texts";
import { Empty } from "./notices";
import { State } from "./state";
import { Time } from "./time";

export function StateHistory({ history }: { readonly history: readonly StateChange[] }) {
  if (!history.length) return <Empty title="No state was told">A run that was told none has the state of its tasks.</Empty>;
  return (
    <ol className="lines card">
      {history.map((change, index) => (
        <li key={index}>
          <State state={change.state} />
          <span className="line-name wraps">{plainText(change.error?.message ?? "")}</span>
          <span className="faint"><Time at={change.update_time} absolute /></span>
        </li>
      ))}
    </ol>
  );
}
