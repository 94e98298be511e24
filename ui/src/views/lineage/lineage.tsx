// The lineage around one artifact, task or run, as large as the window.

import { useLoaded } from "../../api/loading";
import { getArtifact, getRun, getTask } from "../../api/operations";
import { plainText, shortId } from "../../format/texts";
import { Explorer } from "../../graph/explorer";
import type { Ref } from "../../graph/model";
import { explorerParams, type ExplorerState } from "../../graph/state";
import { runName, taskName } from "../../parts/artifact-lines";
import { Heading } from "../../parts/heading";
import { Link } from "../../parts/link";
import { Empty } from "../../parts/notices";
import { codec, text } from "../../state/codec";
import { useViewState } from "../../state/router";
import { artifactPath, runPath, taskPath } from "../../state/routes";

interface LineageState extends ExplorerState {
  readonly namespace: string;
  readonly artifact: string;
  readonly task: string;
  readonly run: string;
}

const STATE = codec<LineageState>({ namespace: text(), artifact: text(), task: text(), run: text(), ...explorerParams });
const POLLING = { everyMs: 10_000 };
const PATHS = { artifact: artifactPath, task: taskPath, run: runPath };
const LISTS = { artifact: ["/artifacts", "Artifacts"], task: ["/tasks", "Tasks"], run: ["/runs", "Runs"] } as const;

function rootOf({ artifact, task, run }: LineageState): Ref | null {
  if (artifact) return { kind: "artifact", id: artifact };
  if (task) return { kind: "task", id: task };
  return run ? { kind: "run", id: run } : null;
}

async function nameOf({ kind, id }: Ref, signal: AbortSignal): Promise<string> {
  if (kind === "artifact") return plainText((await getArtifact(id, signal)).message?.name ?? "");
  return kind === "task" ? taskName(await getTask(id, signal)) : runName(await getRun(id, signal));
}

export default function LineageView() {
  const [state, change] = useViewState(STATE);
  const root = rootOf(state);
  if (!root) return <><Heading title="Lineage" /><Empty title="Lineage of what?">Open one of the <Link to="/artifacts">artifacts</Link> or <Link to="/runs">runs</Link>: its lineage is there.</Empty></>;
  return <Around root={root} state={state} change={change} />;
}

function Around({ root, state, change }: { readonly root: Ref; readonly state: LineageState; readonly change: (change: Partial<LineageState>, replace?: boolean) => void }) {
  const { kind, id } = root;
  const { data } = useLoaded(`name\n${kind}\n${id}`, (signal) => nameOf({ kind, id }, signal));
  const [list, title] = LISTS[kind];
  return (
    <>
      <Heading title={`Lineage of ${data ?? shortId(id)}`} above={<><Link to={list}>{title}</Link> / <Link to={PATHS[kind](id)}>{data ?? shortId(id)}</Link></>} />
      <Explorer key={`${kind} ${id}`} root={root} name={data ?? id} state={state} onChange={change} polling={POLLING} size="full" />
    </>
  );
}
