// A long list of which only what is seen is drawn. Rows have one height.

import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

interface VirtualListProps {
  readonly count: number;
  /** The height of a row in px. */
  readonly rowHeight: number;
  /** The greatest height of the list in px; beyond it, it scrolls. */
  readonly height: number;
  readonly row: (index: number) => ReactNode;
  /** The row to keep in sight, as the keyboard moves. */
  readonly active?: number | undefined;
  readonly role?: "list" | "tree" | "presentation";
  readonly label?: string;
}

const SPARE = 6;

/** The rows that are to be drawn: those in sight and a few on either side. */
export function windowOf(top: number, height: number, rowHeight: number, count: number): readonly [number, number] {
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  return [Math.min(first, last), last];
}

export function VirtualList({ count, rowHeight, height, row, active, role = "presentation", label }: VirtualListProps) {
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const seen = Math.min(height, count * rowHeight);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || active === undefined) return;
    const at = active * rowHeight;
    if (at < element.scrollTop) element.scrollTop = at;
    else if (at + rowHeight > element.scrollTop + seen) element.scrollTop = at + rowHeight - seen;
  }, [active, rowHeight, seen]);
  const [first, last] = windowOf(top, seen, rowHeight, count);
  const scrolls = count * rowHeight > height;
  return (
    <div ref={box} className="virtual" style={{ height: seen }} onScroll={(event) => setTop(event.currentTarget.scrollTop)} {...(scrolls && { tabIndex: role === "tree" ? -1 : 0 })} {...(label && role !== "tree" && { "aria-label": label, role: "group" })}>
      <div className="virtual-all" style={{ height: count * rowHeight }} role="presentation">
        <div style={{ transform: `translateY(${first * rowHeight}px)` }} role={role === "list" ? "list" : "presentation"}>
          {Array.from({ length: last - first }, (_, index) => row(first + index))}
        </div>
      </div>
    </div>
  );
}
