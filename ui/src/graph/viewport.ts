// What part of a drawing is seen: a shift and a scale, moved by pointer, wheel, keys and buttons.

import type { Point } from "./layout";
import { NODE_HEIGHT, NODE_WIDTH } from "./layout";

/** A point p of the drawing is seen at `p * scale + (x, y)`. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 28;
const SCALE_LEAST = 0.03;
const SCALE_MOST = 2.5;
const READABLE = 0.72;
const FIRST_SCALE = 0.85;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** All of the drawing, in the middle. */
export function fitted({ width, height }: Size, seen: Size): Viewport {
  const scale = clamp(Math.min((seen.width - 2 * MARGIN) / Math.max(1, width), (seen.height - 2 * MARGIN) / Math.max(1, height)), SCALE_LEAST, 1);
  return { scale, x: (seen.width - width * scale) / 2, y: (seen.height - height * scale) / 2 };
}

/** A point in the middle. */
export function centred(point: Point, scale: number, seen: Size): Viewport {
  return { scale, x: seen.width / 2 - point.x * scale, y: seen.height / 2 - point.y * scale };
}

/** What is seen first: all of it where its names can be read so, else what is around the start, with no room left empty. */
export function firstView({ width, height }: Size, start: Point | undefined, seen: Size): Viewport {
  const all = fitted({ width, height }, seen);
  if (all.scale >= READABLE || !start) return all;
  const { x, y, scale } = centred(start, FIRST_SCALE, seen);
  return { scale, x: filling(x, width * scale, seen.width), y: filling(y, height * scale, seen.height) };
}

/** A shift that leaves no more than a margin empty before or behind what is drawn; the middle where all of it fits. */
function filling(shift: number, drawn: number, seen: number): number {
  const room = seen - drawn;
  return room >= 2 * MARGIN ? room / 2 : clamp(shift, room - MARGIN, MARGIN);
}

/** Nearer by a factor, about a point that stays where it is seen. */
export function zoomed(view: Viewport, factor: number, about: Point): Viewport {
  const scale = clamp(view.scale * factor, SCALE_LEAST, SCALE_MOST);
  const real = scale / view.scale;
  return { scale, x: about.x - (about.x - view.x) * real, y: about.y - (about.y - view.y) * real };
}

/** Moved as little as shows a whole node; the same where that is seen already. */
export function revealing(view: Viewport, place: Point, seen: Size): Viewport {
  const [half, tall] = [(NODE_WIDTH / 2) * view.scale + MARGIN, (NODE_HEIGHT / 2) * view.scale + MARGIN];
  const at = { x: place.x * view.scale + view.x, y: place.y * view.scale + view.y };
  const x = clamp(at.x, Math.min(half, seen.width / 2), Math.max(seen.width - half, seen.width / 2));
  const y = clamp(at.y, Math.min(tall, seen.height / 2), Math.max(seen.height - tall, seen.height / 2));
  return x === at.x && y === at.y ? view : { ...view, x: view.x + x - at.x, y: view.y + y - at.y };
}

/** The same view of a drawing that was laid out anew: a node that both have stays where it is seen. */
export function kept(view: Viewport, before: Point | undefined, after: Point | undefined): Viewport {
  if (!before || !after) return view;
  return { ...view, x: view.x + (before.x - after.x) * view.scale, y: view.y + (before.y - after.y) * view.scale };
}
