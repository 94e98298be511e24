// The lines of edges, for the screen and for the file.

import { type Layout, NODE_WIDTH, type Point } from "./layout";
import type { Edge } from "./model";

const round = (value: number): number => Math.round(value * 10) / 10;

/** The path of an edge, as SVG writes it: from one node's right side to another's left, through its bends. */
export function pathOf(edge: Edge, layout: Layout, index: number): string {
  const [from, to] = [layout.places.get(edge.from), layout.places.get(edge.to)];
  if (!from || !to) return "";
  const points: Point[] = [{ x: from.x + NODE_WIDTH / 2, y: from.y }];
  // Between its curves an edge runs straight through the layers that it passes.
  for (const { x, y } of layout.bends[index] ?? []) points.push({ x: x - NODE_WIDTH / 2, y }, { x: x + NODE_WIDTH / 2, y });
  points.push({ x: to.x - NODE_WIDTH / 2 - 3, y: to.y });
  return points.map((point, at) => segment(points[at - 1], point)).join("");
}

function segment(before: Point | undefined, { x, y }: Point): string {
  if (!before) return `M${round(x)} ${round(y)}`;
  if (before.y === y) return `L${round(x)} ${round(y)}`;
  const middle = round((before.x + x) / 2);
  return `C${middle} ${round(before.y)} ${middle} ${round(y)} ${round(x)} ${round(y)}`;
}
