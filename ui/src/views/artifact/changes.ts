// What an edit changes, and what somebody else changed meanwhile.

import { type Json, writeJson } from "../../api/json";
import type { Artifact } from "../../api/types";

export interface Draft {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly uri: string;
  /** JSON text. */
  readonly metadata: string;
}

export type FieldName = keyof Draft;

export const FIELDS: readonly FieldName[] = ["name", "type", "description", "uri", "metadata"];

/** An artifact's fields as they can be edited. */
export function draftOf(artifact: Artifact): Draft {
  return {
    name: artifact.name,
    type: artifact.type,
    description: artifact.description ?? "",
    uri: artifact.uri ?? "",
    metadata: writeJson(artifact.metadata ?? {}),
  };
}

/** The fields in which two drafts differ. */
export function differing(one: Draft, other: Draft): readonly FieldName[] {
  return FIELDS.filter((field) => one[field] !== other[field]);
}

/** The body of an update: the changed fields alone, metadata as it was written. */
export function bodyOf(base: Draft, draft: Draft): string {
  const parts = differing(base, draft).map((field) => {
    const value = field === "metadata" ? draft.metadata.trim() || "{}" : JSON.stringify(draft[field]);
    return `${JSON.stringify(field)}: ${value}`;
  });
  return `{${parts.join(", ")}}`;
}

/** What is wrong with a text that should be an object of JSON; empty where nothing is. */
export function wrongWith(metadata: string): string {
  try {
    const value = JSON.parse(metadata.trim() || "{}") as Json;
    return value !== null && typeof value === "object" && !Array.isArray(value) ? "" : "Metadata is an object: {…}";
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
