// What a node is called, in the graph, in its list, and to who hears it.

import { count } from "../format/numbers";
import { taskName } from "../parts/artifact-lines";
import { plainText, shortId, stateName } from "../format/texts";
import type { GraphNode } from "./model";

/** The first line of a node. */
export function nodeName(node: GraphNode): string {
  switch (node.kind) {
    case "artifact": return plainText(node.artifact.name) || shortId(node.artifact.artifact_id);
    case "task": return taskName(node.task);
    case "bundle": return count(node.count, node.what === "tasks" ? "task" : "artifact");
  }
}

/** The second line of a node. */
export function nodeKind(node: GraphNode): string {
  switch (node.kind) {
    case "artifact": return plainText(node.artifact.type);
    case "task": return `Task · ${stateName(node.task.state)}`;
    case "bundle": return "open to show some";
  }
}

/** A node to who hears it. */
export function nodeLabel(node: GraphNode): string {
  const said = node.kind === "bundle" ? `${nodeName(node)}, in a bundle` : `${nodeName(node)}, ${nodeKind(node)}`;
  return node.kind !== "bundle" && node.isFolded ? `${said}, folded` : said;
}
