// Moves a drawing: one pointer shifts it, two scale it, the wheel scales it about where the pointer is.

import { type RefObject, useEffect, useRef, useState } from "react";
import type { Point } from "./layout";
import { type Size, type Viewport, zoomed } from "./viewport";

type Change = (how: (view: Viewport, seen: Size) => Viewport) => void;

/** A press that moves less than this is a click. */
const SLACK = 4;
const WHEEL = 0.0016;

class Pointers {
  private readonly down = new Map<number, Point>();
  private begin: Point | null = null;
  isMoving = false;

  press(id: number, at: Point): void {
    if (!this.down.size) {
      this.begin = at;
      this.isMoving = false;
    }
    this.down.set(id, at);
  }

  release(id: number): void {
    this.down.delete(id);
    if (!this.down.size) this.begin = null;
  }

  /** What a move of one of them does to what is seen; null where it does nothing. */
  move(id: number, at: Point): ((view: Viewport) => Viewport) | null {
    const before = this.down.get(id);
    if (!before || !this.begin) return null;
    if (!this.isMoving && this.down.size === 1 && Math.hypot(at.x - this.begin.x, at.y - this.begin.y) < SLACK) return null;
    this.isMoving = true;
    this.down.set(id, at);
    const other = [...this.down].find(([each]) => each !== id)?.[1];
    if (!other) return (view) => ({ ...view, x: view.x + at.x - before.x, y: view.y + at.y - before.y });
    const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const shift = { x: (at.x - before.x) / 2, y: (at.y - before.y) / 2 };
    return (view) => zoomed({ ...view, x: view.x + shift.x, y: view.y + shift.y }, factor, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
  }
}

/** Follows pointers and wheel over an element; says whether it is being moved. */
export function usePanning(box: RefObject<HTMLElement | null>, change: Change, takesWheel: boolean): boolean {
  const [isPanning, setPanning] = useState(false);
  const latest = useRef(change);
  useEffect(() => {
    latest.current = change;
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const pointers = new Pointers();
    const placeOf = (event: MouseEvent): Point => {
      const { left, top } = element.getBoundingClientRect();
      return { x: event.clientX - left, y: event.clientY - top };
    };
    const onDown = (event: PointerEvent): void => {
      if (event.button === 0) pointers.press(event.pointerId, placeOf(event));
    };
    const onMove = (event: PointerEvent): void => {
      const how = pointers.move(event.pointerId, placeOf(event));
      if (!how) return;
      setPanning(true);
      latest.current(how);
    };
    const onUp = (event: PointerEvent): void => {
      pointers.release(event.pointerId);
      setPanning(false);
    };
    // What was a drag is no click on what it ended over.
    const onClick = (event: MouseEvent): void => {
      if (pointers.isMoving) event.stopPropagation();
    };
    const onWheel = (event: WheelEvent): void => {
      if (!takesWheel && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current((view) => zoomed(view, Math.exp(-event.deltaY * WHEEL), placeOf(event)));
    };
    element.addEventListener("pointerdown", onDown);
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", onUp);
    element.addEventListener("click", onClick, true);
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      element.removeEventListener("pointerdown", onDown);
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", onUp);
      element.removeEventListener("click", onClick, true);
      element.removeEventListener("wheel", onWheel);
    };
  }, [box, takesWheel]);
  return isPanning;
}
