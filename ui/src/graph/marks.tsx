// A node and an edge, as they are drawn.

import { type KeyboardEvent, memo } from "react";
import { kindOf, markOf } from "../parts/state";
import { type Layout, NODE_HEIGHT, NODE_WIDTH, type Point } from "./layout";
import type { Edge, GraphNode, NodeId } from "./model";
import { domId } from "./moves";
import { nodeKind, nodeLabel, nodeName } from "./naming";
import { pathOf } from "./paths";

/** What a letter of a name takes, and what it takes at least; what is longer still is clipped. */
const NAME_SIZE = 13;
const NAME_SIZE_LEAST = 9.5;
const LETTER = 0.58;
const HANDLE = 9;

export const EdgeLine = memo(function EdgeLine({ edge, layout, index, isLit }: { readonly edge: Edge; readonly layout: Layout; readonly index: number; readonly isLit: boolean }) {
  return (
    <path className={isLit ? "edge lit" : "edge"} d={pathOf(edge, layout, index)} markerEnd="url(#edge-end)">
      {edge.keys.length > 0 && <title>{edge.keys.join(", ")}</title>}
    </path>
  );
});

interface NodeMarkProps {
  readonly node: GraphNode;
  readonly place: Point;
  readonly isStart: boolean;
  readonly isSelected: boolean;
  readonly isMatch: boolean;
  readonly hasMore: boolean;
  readonly isFocusable: boolean;
  readonly onKey: (event: KeyboardEvent, node: GraphNode) => void;
  readonly onSelect: (id: NodeId) => void;
  readonly onUnfold: (node: GraphNode) => void;
}

export const NodeMark = memo(function NodeMark({ node, place, isStart, isSelected, isMatch, hasMore, isFocusable, onKey, onSelect, onUnfold }: NodeMarkProps) {
  const [x, y] = [place.x - NODE_WIDTH / 2, place.y - NODE_HEIGHT / 2];
  const name = nodeName(node);
  const left = node.kind === "task" ? 32 : 20;
  const names = ["node", node.kind, colourOf(node), isStart && "start", isSelected && "selected", isMatch && "match"].filter(Boolean).join(" ");
  return (
    <>
      <g id={domId(node.id)} className={names} transform={`translate(${x} ${y})`} role="button" tabIndex={isFocusable ? 0 : -1} aria-label={nodeLabel(node)} aria-pressed={isSelected} onClick={() => onSelect(node.id)} onKeyDown={(event) => onKey(event, node)}>
        <g aria-hidden="true">
          {node.kind === "bundle" && <rect className="node-back" x={5} y={5} width={NODE_WIDTH} height={NODE_HEIGHT} rx={8} />}
          <rect className="node-box" width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.kind === "task" ? NODE_HEIGHT / 2 : 8} />
          {node.kind === "artifact" && <rect className="node-bar" x={8} y={10} width={4} height={NODE_HEIGHT - 20} rx={2} />}
          {node.kind === "task" && <text className="node-mark" x={19} y={NODE_HEIGHT / 2 + 5} textAnchor="middle">{markOf(node.task.state)}</text>}{" "}
          <g clipPath="url(#node-clip)">
            <text className="node-name" x={left} y={19} fontSize={sizeOf(name, left)}>{name}</text>{" "}
            <text className="node-kind" x={left} y={35}>{nodeKind(node)}</text>
          </g>
          {" "}<title>{name}</title>
        </g>
      </g>
      {hasMore && (
        <g className="node-more" transform={`translate(${place.x + NODE_WIDTH / 2} ${y})`} onClick={() => onUnfold(node)} aria-hidden="true">
          <circle r={HANDLE} />
          <path d={`M-4 0H4M0 -4V4`} />
        </g>
      )}
    </>
  );
});

/** The size at which a name fits, in px. */
function sizeOf(name: string, left: number): number {
  const fits = (NODE_WIDTH - left - 10) / (name.length * LETTER);
  return Math.max(NAME_SIZE_LEAST, Math.min(NAME_SIZE, fits));
}

function colourOf(node: GraphNode): string {
  if (node.kind === "task") return kindOf(node.task.state);
  return node.kind === "artifact" ? `is-${node.artifact.type.toLowerCase().replace(/[^a-z]/g, "")}` : "";
}
