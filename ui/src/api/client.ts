// The one function that asks the server, and nothing but the public REST API.

import { ApiError, Unreachable, errorOf, isAborted } from "./errors";
import { parseJson } from "./json";
import { askForKey, currentKey } from "./key";

const ROOT = "/apis/v2beta1";

export type QueryValue = string | number | readonly string[] | null | undefined;

export interface Asked {
  readonly signal?: AbortSignal;
  readonly method?: "GET" | "PUT" | "PATCH" | "POST";
  /** Absent and empty values are left out, lists repeated. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** JSON text, as it goes out. */
  readonly body?: string;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  /** A key to try instead of the one that is kept. */
  readonly key?: string;
}

export interface Answer<T> {
  /** The message; null where `ifNoneMatch` says that it is known. */
  readonly message: T | null;
  readonly etag: string | null;
}

/** The query string of parameters, with its question mark; empty without any. */
export function queryString(query: Asked["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    const values = value === null || value === undefined ? [] : typeof value === "object" ? value : [String(value)];
    for (const each of values) if (each !== "") search.append(name, each);
  }
  const text = search.toString();
  return text && `?${text}`;
}

/** The path of an operation, each part percent-encoded. */
export function apiPath(...parts: readonly string[]): string {
  return [ROOT, ...parts.map(encodeURIComponent)].join("/");
}

function headersOf(asked: Asked): Headers {
  const headers = new Headers();
  const key = asked.key ?? currentKey();
  if (key) headers.set("Authorization", `Bearer ${key}`);
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  if (asked.ifMatch) headers.set("If-Match", asked.ifMatch);
  if (asked.ifNoneMatch) headers.set("If-None-Match", asked.ifNoneMatch);
  return headers;
}

async function send(path: string, asked: Asked): Promise<Response> {
  try {
    return await fetch(path + queryString(asked.query), {
      method: asked.method ?? "GET",
      headers: headersOf(asked),
      body: asked.body ?? null,
      signal: asked.signal ?? null,
      credentials: "same-origin",
      // A known entity tag is compared here; the browser must not answer in the server's place.
      cache: "no-store",
      redirect: "error",
    });
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
}

/** Asks the server.
 *
 * Raises ApiError (the server's own word), Unreachable, or AbortError where the signal ended it. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<Answer<T>> {
  const response = await send(path, asked);
  const etag = response.headers.get("ETag");
  if (response.status === 304) return { message: null, etag };
  const body = await response.text();
  if (response.ok) return { message: parseJson(body) as T, etag };
  const error = errorOf(response.status, body, response.headers.get("Retry-After"));
  if (error.status === 401 && asked.key === undefined) askForKey();
  throw error;
}

/** The message that a GET answers. */
export async function get<T>(path: string, query: NonNullable<Asked["query"]>, signal?: AbortSignal): Promise<T> {
  const { message } = await ask<T>(path, signal ? { query, signal } : { query });
  if (message === null) throw new ApiError(500, "the server says that this is known, but it was never asked for");
  return message;
}
