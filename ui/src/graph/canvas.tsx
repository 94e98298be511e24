// A lineage drawn: nodes and edges in SVG, to be moved about by pointer, wheel, touch and keys.

import { type KeyboardEvent, memo, useLayoutEffect, useRef, useState } from "react";
import { EdgeLine, NodeMark } from "./marks";
import { type Layout, NODE_HEIGHT, NODE_WIDTH, type Point } from "./layout";
import type { Graph, GraphNode, NodeId } from "./model";
import { domId, neighbourOf, type Way, whichWay } from "./moves";
import { usePanning } from "./panning";
import { firstView, fitted, kept, revealing, type Size, type Viewport, zoomed } from "./viewport";

interface CanvasProps {
  readonly graph: Graph;
  readonly layout: Layout;
  readonly label: string;
  readonly starts: ReadonlySet<NodeId>;
  /** Whether where it starts is to be seen; a run starts everywhere. */
  readonly marksStarts: boolean;
  readonly selected: NodeId;
  readonly matches: ReadonlySet<NodeId>;
  readonly frontier: ReadonlySet<NodeId>;
  /** Whether the wheel alone zooms; else it scrolls the page. */
  readonly takesWheel: boolean;
  readonly onSelect: (id: NodeId) => void;
  readonly onUnfold: (node: GraphNode) => void;
}

const ZOOM_STEP = 1.3;
const NOWHERE: Size = { width: 0, height: 0 };

interface Held {
  readonly layout: Layout;
  readonly view: Viewport | null;
  readonly seen: Size;
  readonly selected: NodeId;
}

export function Canvas(props: CanvasProps) {
  const { graph, layout, starts, selected, takesWheel, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Held>({ layout, view: null, seen: NOWHERE, selected });
  const start = [...starts].map((id) => layout.places.get(id)).find(Boolean);
  if (held.layout !== layout || held.selected !== selected) setHeld(movedOn(held, layout, selected, starts));
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = (): void => setHeld((now) => resized(now, { width: element.clientWidth, height: element.clientHeight }, start));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
    // Only its size is watched; where it starts matters once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const change = (how: (view: Viewport, seen: Size) => Viewport): void => setHeld((now) => (now.view ? { ...now, view: how(now.view, now.seen) } : now));
  const isPanning = usePanning(box, change, takesWheel);
  const view = held.view ?? { x: 0, y: 0, scale: 1 };
  const zoom = (factor: number): void => change((now, seen) => zoomed(now, factor, { x: seen.width / 2, y: seen.height / 2 }));
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") zoom(ZOOM_STEP);
    else if (event.key === "-") zoom(1 / ZOOM_STEP);
    else if (event.key === "0") change((_, seen) => fitted(layout, seen));
  };
  return (
    <div className="graph-box">
      <div ref={box} className={isPanning ? "graph panning" : "graph"} role="group" aria-label={props.label} onKeyDown={onKey}>
        <svg width="100%" height="100%">
          <defs>
            <marker id="edge-end" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path className="edge-end" d="M0 0L8 4L0 8z" /></marker>
            <clipPath id="node-clip"><rect width={NODE_WIDTH - 8} height={NODE_HEIGHT} /></clipPath>
          </defs>
          <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}>
            <Drawing {...props} onReveal={(place) => change((now, seen) => revealing(now, place, seen))} />
          </g>
        </svg>
      </div>
      <div className="graph-buttons">
        <button type="button" className="square" aria-label="Nearer" onClick={() => zoom(ZOOM_STEP)}>+</button>
        <button type="button" className="square" aria-label="Further" onClick={() => zoom(1 / ZOOM_STEP)}>−</button>
        <button type="button" className="small" onClick={() => change((_, seen) => fitted(layout, seen))}>Fit</button>
        {selected && graph.nodes.some((node) => node.id === selected) && <button type="button" className="small" onClick={() => onSelect("")}>Unselect</button>}
      </div>
    </div>
  );
}

function resized(held: Held, seen: Size, start: Point | undefined): Held {
  if (!seen.width || !seen.height) return held;
  const place = held.layout.places.get(held.selected);
  const view = held.view ?? firstView(held.layout, start, seen);
  return { ...held, seen, view: place ? revealing(view, place, seen) : view };
}

/** What stays of what is seen when the drawing or what is selected in it is another. */
function movedOn(held: Held, layout: Layout, selected: NodeId, starts: ReadonlySet<NodeId>): Held {
  const anchor = [held.selected, selected, ...starts].find((id) => held.layout.places.has(id) && layout.places.has(id));
  let view = held.view;
  if (view && held.layout !== layout) view = anchor === undefined ? fitted(layout, held.seen) : kept(view, held.layout.places.get(anchor), layout.places.get(anchor));
  const place = layout.places.get(selected);
  if (view && place && held.selected !== selected) view = revealing(view, place, held.seen);
  return { ...held, layout, view, selected };
}

interface DrawingProps extends CanvasProps {
  readonly onReveal: (place: Point) => void;
}

/** All of it, drawn anew only when it changes: moving it about changes none of it. */
const Drawing = memo(function Drawing({ graph, layout, starts, marksStarts, selected, matches, frontier, onSelect, onUnfold, onReveal }: DrawingProps) {
  const focusable = layout.places.has(selected) ? selected : ([...starts].find((id) => layout.places.has(id)) ?? graph.nodes[0]?.id);
  const move = (node: GraphNode, way: Way): void => {
    const next = neighbourOf(node.id, way, graph, layout);
    const place = next && layout.places.get(next);
    if (!place) return;
    onReveal(place);
    document.getElementById(domId(next))?.focus({ preventScroll: true });
  };
  const onKey = (event: KeyboardEvent, node: GraphNode): void => {
    const way = whichWay(event.key);
    if (way) {
      event.preventDefault();
      move(node, way);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onSelect(node.id);
    }
  };
  return (
    <>
      {graph.edges.map((edge, index) => <EdgeLine key={`${edge.from} ${edge.to}`} edge={edge} layout={layout} index={index} isLit={edge.from === selected || edge.to === selected} />)}
      {graph.nodes.map((node) => {
        const place = layout.places.get(node.id);
        return place && <NodeMark key={node.id} node={node} place={place} isStart={marksStarts && starts.has(node.id)} isSelected={node.id === selected} isMatch={matches.has(node.id)} hasMore={node.isFolded || frontier.has(node.id)} isFocusable={node.id === focusable} onKey={onKey} onSelect={onSelect} onUnfold={onUnfold} />;
      })}
    </>
  );
}, (before, after) => before.graph === after.graph && before.layout === after.layout && before.selected === after.selected && before.matches === after.matches && before.frontier === after.frontier);
