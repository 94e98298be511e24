// A run as its graph: its tasks in their states, and what each read and made.

import { useState } from "react";
import type { Run } from "../../api/types";
import { Explorer } from "../../graph/explorer";
import { type ExplorerState, FRESH } from "../../graph/state";
import { runName } from "../../parts/artifact-lines";
import { Link } from "../../parts/link";
import { isLive } from "../../parts/state";
import { lineagePath } from "../../state/routes";

const LIVE = { everyMs: 3_000 };
const OVER = { everyMs: 30_000 };
/** A run's tasks and what is directly at them. */
const NEAR: ExplorerState = { ...FRESH, depth: 1 };

export default function RunGraph({ run }: { readonly run: Run }) {
  const [state, setState] = useState(NEAR);
  const root = { kind: "run", id: run.run_id } as const;
  return (
    <section className="card flush" aria-label="Graph of the run">
      <Explorer root={root} name={runName(run)} state={state} onChange={(change) => setState((now) => ({ ...now, ...change }))} polling={isLive(run.state) ? LIVE : OVER} size="part" />
      <p className="pager"><Link to={lineagePath(root)}>Larger</Link></p>
    </section>
  );
}
