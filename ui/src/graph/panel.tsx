// The node that is selected: what it is, how good, and where to go from it.

import { useLoaded } from "../api/loading";
import { listMetrics } from "../api/operations";
import type { Artifact, Task } from "../api/types";
import { between, duration } from "../format/times";
import { doubleOf, formatNumber } from "../format/numbers";
import { plainText } from "../format/texts";
import { taskName } from "../parts/artifact-lines";
import { Facts } from "../parts/card";
import { Id } from "../parts/copy";
import { Address, Link } from "../parts/link";
import { MetricChips } from "../parts/metrics";
import { State, TypeBadge } from "../parts/state";
import { Time } from "../parts/time";
import { VirtualList } from "../parts/virtual-list";
import { artifactPath, lineagePath, runPath, taskPath } from "../state/routes";
import { type BundleNode, type GraphNode, type Known, Neighbours, type NodeId, refOf } from "./model";
import { nodeName } from "./naming";

interface PanelProps {
  readonly node: GraphNode;
  readonly known: Known;
  readonly isTaken: boolean;
  readonly hasMore: boolean;
  readonly canFold: boolean;
  readonly onUnfold: () => void;
  readonly onFold: () => void;
  readonly onClose: () => void;
}

export function Panel({ node, known, isTaken, hasMore, canFold, onUnfold, onFold, onClose }: PanelProps) {
  return (
    <aside className="graph-panel card" aria-label="The selected node">
      <header className="card-head">
        <h3 className="one-line">{nodeName(node)}</h3>
        <span className="grow" />
        <button type="button" className="quiet" aria-label="Close" onClick={onClose}>✕</button>
      </header>
      <div className="card-body rows">
        {node.kind === "artifact" && <OfArtifact artifact={node.artifact} tasks={producersOf(node.id, known)} />}
        {node.kind === "task" && <OfTask task={node.task} />}
        {node.kind === "bundle" && <OfBundle bundle={node} known={known} />}
        <p className="actions">
          {node.kind === "bundle" && node.members.length > 0 && <button type="button" onClick={onUnfold}>Show {Math.min(10, node.members.length)} more</button>}
          {node.kind === "bundle" && isTaken && <button type="button" onClick={onFold}>Fold</button>}
          {node.kind !== "bundle" && hasMore && <button type="button" onClick={onUnfold}>Unfold</button>}
          {node.kind !== "bundle" && canFold && <button type="button" onClick={onFold}>Fold</button>}
        </p>
        {node.kind !== "bundle" && (
          <p className="actions">
            <Link to={node.kind === "artifact" ? artifactPath(node.artifact.artifact_id) : taskPath(node.task.task_id)} className="button">Open</Link>
            <Link to={lineagePath(refOf(node.id))} className="button">Centre here</Link>
          </p>
        )}
      </div>
    </aside>
  );
}

function producersOf(id: NodeId, known: Known): readonly string[] {
  return new Neighbours(known.edges).of(id, "upstream").map((task) => refOf(task).id);
}

function OfArtifact({ artifact, tasks }: { readonly artifact: Artifact; readonly tasks: readonly string[] }) {
  const value = doubleOf(artifact.number_value);
  return (
    <Facts facts={[
      ["Type", <TypeBadge key="type" type={artifact.type} />],
      ["Made", <Time key="made" at={artifact.created_at} absolute />],
      ["Value", value !== null && <span className="number">{formatNumber(value)}</span>],
      ["Metrics", tasks.length > 0 && <KeyMetrics key="metrics" tasks={tasks} />],
      ["URI", artifact.uri && <Address key="uri" text={artifact.uri} />],
      ["Namespace", artifact.namespace],
      ["Id", <Id key="id" id={artifact.artifact_id} what="artifact" />],
    ]} />
  );
}

function OfTask({ task }: { readonly task: Task }) {
  const took = between(task.start_time, task.end_time);
  return (
    <Facts facts={[
      ["State", <State key="state" state={task.state} />],
      ["Error", task.error?.message && <span className="wrong wraps">{plainText(task.error.message)}</span>],
      ["Begun", task.start_time && <Time key="begun" at={task.start_time} absolute />],
      ["Took", took === null ? undefined : duration(took)],
      ["Metrics", <KeyMetrics key="metrics" tasks={[task.task_id]} />],
      ["Run", task.run_id && <Link key="run" to={runPath(task.run_id)} className="mono wraps">{plainText(task.run_id)}</Link>],
      ["Id", <Id key="id" id={task.task_id} what="task" />],
    ]} />
  );
}

function KeyMetrics({ tasks }: { readonly tasks: readonly string[] }) {
  const { data } = useLoaded(`metrics of\n${tasks.join()}`, (signal) => listMetrics({ task_ids: tasks, page_size: 100 }, signal));
  return data ? <MetricChips metrics={data.metrics} most={4} /> : <span className="faint">…</span>;
}

const ROW = 32;

function OfBundle({ bundle, known }: { readonly bundle: BundleNode; readonly known: Known }) {
  const unknown = bundle.count - bundle.members.length;
  return (
    <>
      <p>{bundle.side === "downstream" ? (bundle.what === "tasks" ? "All of them read it." : "All of them were made by it.") : (bundle.what === "tasks" ? "All of them made it." : "All of them were read by it.")}</p>
      {unknown > 0 && <p className="faint">{unknown.toLocaleString("en-US")} of them lie beyond the limit of nodes.</p>}
      <VirtualList count={bundle.members.length} rowHeight={ROW} height={ROW * 8} label="What is in it" row={(index) => {
        const id = bundle.members[index] ?? "";
        const task = known.tasks.get(id);
        const artifact = known.artifacts.get(id);
        if (task) return <div key={id} className="panel-row"><Link to={taskPath(task.task_id)} className="one-line">{taskName(task)}</Link><State state={task.state} /></div>;
        return artifact && <div key={id} className="panel-row"><Link to={artifactPath(artifact.artifact_id)} className="one-line">{plainText(artifact.name)}</Link><TypeBadge type={artifact.type} /></div>;
      }} />
    </>
  );
}
