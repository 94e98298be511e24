// Where nodes stand: layers from left to right in the direction of time, few crossings, and each node near its neighbours.
//
// Sugiyama's steps: layers by the longest path, places in long edges held by dummies, order within a layer by the
// neighbours' mean, heights by least squares that keep the order and the gaps (pooling adjacent violators).

import { type Edge, grouped, type NodeId } from "./model";

export const NODE_WIDTH = 176;
export const NODE_HEIGHT = 46;
const LAYER_GAP = 44;
const NODE_GAP = 18;
const DUMMY_HEIGHT = 10;
const SWEEPS = 8;
/** Beyond so many, long edges go straight. */
const DUMMIES_MAX = 6_000;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** The middle of each node. */
  readonly places: ReadonlyMap<NodeId, Point>;
  /** By edge: the points that it passes between its ends. */
  readonly bends: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

/** The edges without those that would close a circle. */
export function acyclic(ids: readonly NodeId[], edges: readonly Edge[]): readonly Edge[] {
  const out = grouped(edges, (edge) => edge.from);
  const states = new Map<NodeId, "open" | "done">();
  const kept: Edge[] = [];
  for (const root of ids) {
    if (states.has(root)) continue;
    const stack: { id: NodeId; rest: Edge[] }[] = [{ id: root, rest: [...(out.get(root) ?? [])] }];
    states.set(root, "open");
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = top.rest.shift();
      if (!edge) {
        states.set(top.id, "done");
        stack.pop();
      } else if (states.get(edge.to) !== "open") {
        kept.push(edge);
        if (!states.has(edge.to)) {
          states.set(edge.to, "open");
          stack.push({ id: edge.to, rest: [...(out.get(edge.to) ?? [])] });
        }
      }
    }
  }
  return kept;
}

/** Each node's layer: behind all that leads to it, and no further from what it leads to than it must be. */
export function layersOf(ids: readonly NodeId[], edges: readonly Edge[]): Map<NodeId, number> {
  const out = grouped(edges, (edge) => edge.from);
  const missing = new Map(ids.map((id) => [id, 0]));
  for (const edge of edges) missing.set(edge.to, (missing.get(edge.to) ?? 0) + 1);
  const order = ids.filter((id) => missing.get(id) === 0);
  const layers = new Map(order.map((id) => [id, 0]));
  // The list grows while it is gone through.
  for (const id of order) {
    const layer = layers.get(id) ?? 0;
    for (const { to } of out.get(id) ?? []) {
      layers.set(to, Math.max(layers.get(to) ?? 0, layer + 1));
      const left = (missing.get(to) ?? 1) - 1;
      missing.set(to, left);
      if (left === 0) order.push(to);
    }
  }
  const fed = new Set(edges.map((edge) => edge.to));
  for (const id of order.toReversed()) {
    const next = (out.get(id) ?? []).map((edge) => layers.get(edge.to) ?? 0);
    if (next.length && !fed.has(id)) layers.set(id, Math.min(...next) - 1);
  }
  return layers;
}

interface Slot {
  readonly height: number;
  readonly before: Slot[];
  readonly after: Slot[];
  order: number;
  y: number;
}

/** Lays a graph out. The order of `ids` decides where nothing else does, so that the same graph always looks the same. */
export function layOut(ids: readonly NodeId[], edges: readonly Edge[]): Layout {
  const forward = acyclic(ids, edges);
  const layers = layersOf(ids, forward);
  const rows: Slot[][] = Array.from({ length: Math.max(0, ...layers.values()) + 1 }, () => []);
  const add = (layer: number, height: number): Slot => {
    const slot: Slot = { height, before: [], after: [], order: 0, y: 0 };
    rows[layer]?.push(slot);
    return slot;
  };
  const slots = new Map(ids.map((id) => [id, add(layers.get(id) ?? 0, NODE_HEIGHT)]));
  const dummies = dummiesOf(forward, layers, slots, add);
  arrange(rows);
  const heights = place(rows);
  const x = (layer: number): number => layer * (NODE_WIDTH + LAYER_GAP) + NODE_WIDTH / 2;
  const places = new Map([...slots].map(([id, slot]) => [id, { x: x(layers.get(id) ?? 0), y: slot.y - heights.least }]));
  const bends = edges.map((edge) => {
    const first = (layers.get(edge.from) ?? 0) + 1;
    return (dummies.get(edge) ?? []).map((slot, index) => ({ x: x(first + index), y: slot.y - heights.least }));
  });
  return { places, bends, width: rows.length * (NODE_WIDTH + LAYER_GAP) - LAYER_GAP, height: heights.most - heights.least };
}

function dummiesOf(edges: readonly Edge[], layers: ReadonlyMap<NodeId, number>, slots: ReadonlyMap<NodeId, Slot>, add: (layer: number, height: number) => Slot): ReadonlyMap<Edge, readonly Slot[]> {
  const dummies = new Map<Edge, Slot[]>();
  let left = DUMMIES_MAX;
  for (const edge of edges) {
    const [from, to] = [slots.get(edge.from), slots.get(edge.to)];
    const [first, last] = [layers.get(edge.from) ?? 0, layers.get(edge.to) ?? 0];
    if (!from || !to) continue;
    const held: Slot[] = [];
    if (last - first - 1 <= left) {
      for (let layer = first + 1; layer < last; layer += 1) held.push(add(layer, DUMMY_HEIGHT));
      left -= held.length;
    }
    dummies.set(edge, held);
    const path = [from, ...held, to];
    path.slice(1).forEach((slot, index) => {
      path[index]?.after.push(slot);
      slot.before.push(path[index] ?? slot);
    });
  }
  return dummies;
}

const mean = (values: readonly number[], otherwise: number): number =>
  values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise;

/** Orders each layer by where its neighbours stand, from the left, then from the right, again and again. */
function arrange(rows: Slot[][]): void {
  const number = (row: Slot[]): void => row.forEach((slot, index) => (slot.order = index / Math.max(1, row.length - 1)));
  rows.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const row of isForward ? rows : rows.toReversed()) {
      const wanted = new Map(row.map((slot) => [slot, mean((isForward ? slot.before : slot.after).map((each) => each.order), slot.order)]));
      row.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
      number(row);
    }
  }
}

/** Gives each slot its height, and says how far they reach. */
function place(rows: readonly Slot[][]): { least: number; most: number } {
  for (const row of rows) {
    let y = 0;
    const whole = row.reduce((sum, slot) => sum + slot.height + NODE_GAP, -NODE_GAP);
    for (const slot of row) {
      slot.y = y + slot.height / 2 - whole / 2;
      y += slot.height + NODE_GAP;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      settle(row, row.map((slot) => mean([...slot.before, ...slot.after].map((each) => each.y), slot.y)));
    }
  }
  let [least, most] = [Infinity, -Infinity];
  for (const slot of rows.flat()) {
    least = Math.min(least, slot.y - slot.height / 2);
    most = Math.max(most, slot.y + slot.height / 2);
  }
  return least <= most ? { least, most } : { least: 0, most: 0 };
}

/** Puts a layer's slots as near to where they want to be as their order and the gaps let them, by least squares. */
function settle(row: readonly Slot[], wanted: readonly number[]): void {
  // Measured from where each would stand if all were pushed together, the order alone is left to keep.
  const offsets: number[] = [];
  row.forEach((slot, index) => {
    const previous = row[index - 1];
    offsets.push(previous ? (offsets[index - 1] ?? 0) + (previous.height + slot.height) / 2 + NODE_GAP : 0);
  });
  isotonic(wanted.map((y, index) => y - (offsets[index] ?? 0))).forEach((value, index) => {
    const slot = row[index];
    if (slot) slot.y = value + (offsets[index] ?? 0);
  });
}

/** The values that never fall and are nearest to the given ones, by least squares. */
export function isotonic(values: readonly number[]): readonly number[] {
  const pools: { sum: number; size: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.size >= pool.sum / pool.size; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, size: last.size + pool.size };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, size }) => Array.from({ length: size }, () => sum / size));
}
