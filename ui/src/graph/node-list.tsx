// The nodes of a drawing as a list, in the direction of time: for who would rather read than look.

import { State, TypeBadge } from "../parts/state";
import { VirtualList } from "../parts/virtual-list";
import type { Layout } from "./layout";
import type { Graph, GraphNode, NodeId } from "./model";
import { nodeName } from "./naming";

const ROW = 40;
const ROWS = 14;

export function NodeList({ graph, layout, selected, onSelect }: { readonly graph: Graph; readonly layout: Layout; readonly selected: NodeId; readonly onSelect: (id: NodeId) => void }) {
  const at = (node: GraphNode) => layout.places.get(node.id) ?? { x: 0, y: 0 };
  const nodes = graph.nodes.toSorted((one, other) => at(one).x - at(other).x || at(one).y - at(other).y);
  return (
    <VirtualList count={nodes.length} rowHeight={ROW} height={ROW * ROWS} label="Nodes of the lineage" row={(index) => {
      const node = nodes[index];
      return node && (
        <div key={node.id} className={node.id === selected ? "panel-row chosen" : "panel-row"}>
          <button type="button" className="quiet one-line" aria-pressed={node.id === selected} onClick={() => onSelect(node.id)}>{nodeName(node)}</button>
          {node.kind === "task" && <State state={node.task.state} />}
          {node.kind === "artifact" && <TypeBadge type={node.artifact.type} />}
        </div>
      );
    }} />
  );
}
