// From node to node by the arrow keys: along the edges, and up and down within a layer.

import type { Layout } from "./layout";
import type { Graph, NodeId } from "./model";

export type Way = "left" | "right" | "up" | "down";

const WAYS: Readonly<Record<string, Way>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** The way that a key leads, if any. */
export const whichWay = (key: string): Way | undefined => WAYS[key];

/** The id of a node's element. */
export const domId = (id: NodeId): string => `node ${id}`.replaceAll(" ", "-");

/** Where an arrow key leads from a node; undefined where nothing is there. */
export function neighbourOf(id: NodeId, way: Way, graph: Graph, layout: Layout): NodeId | undefined {
  const here = layout.places.get(id);
  if (!here) return undefined;
  const far = (other: NodeId): number => {
    const place = layout.places.get(other);
    return place ? Math.abs(place.y - here.y) + Math.abs(place.x - here.x) / 1_000 : Infinity;
  };
  const nearest = (ids: readonly NodeId[]): NodeId | undefined => ids.toSorted((one, other) => far(one) - far(other))[0];
  if (way === "left") return nearest(graph.edges.filter((edge) => edge.to === id).map((edge) => edge.from));
  if (way === "right") return nearest(graph.edges.filter((edge) => edge.from === id).map((edge) => edge.to));
  const sign = way === "up" ? -1 : 1;
  return nearest([...layout.places].filter(([, place]) => place.x === here.x && (place.y - here.y) * sign > 0).map(([other]) => other));
}
