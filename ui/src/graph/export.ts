// A drawing as a file: SVG that stands alone, and JSON of what is in it.

import { plainText } from "../format/texts";
import { type Layout, NODE_HEIGHT, NODE_WIDTH } from "./layout";
import type { Graph, GraphNode } from "./model";
import { nodeKind, nodeName } from "./naming";
import { pathOf } from "./paths";

const MARGIN = 24;
const NAME_LENGTH = 24;
const COLOURS: Readonly<Record<GraphNode["kind"], readonly [string, string]>> = {
  artifact: ["#ffffff", "#6a3ea1"], task: ["#eff1f1", "#5d6b6e"], bundle: ["#dcefed", "#0b6965"],
};
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** A text as XML takes it, without the characters that XML has no way to write. */
export function escapedXml(text: string): string {
  return plainText(text).replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd").replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one);
}

export function shortened(text: string, length: number): string {
  const letters = Array.from(text);
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

/** The drawing as an SVG document. */
export function svgOf(graph: Graph, layout: Layout): string {
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const edges = graph.edges.map((edge, index) => `<path d="${pathOf(edge, layout, index)}"><title>${escapedXml(edge.keys.join(", "))}</title></path>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="system-ui, sans-serif">`,
    `<defs><marker id="end" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#8b979a"/></marker></defs>`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="#ffffff"/>`,
    `<g fill="none" stroke="#8b979a" stroke-width="1.4" marker-end="url(#end)">${edges.join("")}</g>`,
    ...graph.nodes.map((node) => svgNode(node, layout)),
    "</svg>",
  ].join("\n");
}

function svgNode(node: GraphNode, layout: Layout): string {
  const place = layout.places.get(node.id);
  if (!place) return "";
  const [fill, stroke] = COLOURS[node.kind];
  const [x, y] = [place.x - NODE_WIDTH / 2, place.y - NODE_HEIGHT / 2];
  const radius = node.kind === "task" ? NODE_HEIGHT / 2 : 8;
  return [
    `<g><title>${escapedXml(`${nodeName(node)} ${node.id}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${NODE_WIDTH}" height="${NODE_HEIGHT}" rx="${radius}" fill="${fill}" stroke="${stroke}"/>`,
    `<text x="${x + 18}" y="${place.y - 3}" font-size="13" font-weight="600" fill="#172022">${escapedXml(shortened(nodeName(node), NAME_LENGTH))}</text>`,
    `<text x="${x + 18}" y="${place.y + 14}" font-size="11" fill="#455356">${escapedXml(shortened(nodeKind(node), NAME_LENGTH + 4))}</text></g>`,
  ].join("");
}

/** What the drawing shows: whole artifacts and tasks, bundles with their counts, and the edges among them. */
export function jsonOf(graph: Graph): object {
  const nodes = graph.nodes.map((node) => {
    switch (node.kind) {
      case "artifact": return { id: node.id, kind: node.kind, artifact: node.artifact };
      case "task": return { id: node.id, kind: node.kind, task: node.task };
      case "bundle": return { id: node.id, kind: node.kind, of: node.of, side: node.side, what: node.what, count: node.count, members: node.members };
    }
  });
  return { nodes, edges: graph.edges };
}
