// What can go wrong in a call, in words that say what to do.

interface Violation {
  readonly field: string;
  readonly description: string;
}

/** An answer of the API that is no success: a google.rpc.Status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly violations: readonly Violation[] = [],
    readonly retryAfterS: number | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The server could not be reached, or answered what is none of its answers. */
export class Unreachable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Unreachable";
  }
}

/** Whether a call ended because its view did, which nobody need be told. */
export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** The error that an answer holds. */
export function errorOf(status: number, body: string, retryAfter: string | null): ApiError {
  const parsed = statusOf(body);
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds : null;
  return new ApiError(status, parsed.message ?? `the server answered ${status}`, violationsOf(parsed), wait);
}

interface RpcStatus {
  readonly message?: string;
  readonly details?: readonly { readonly field_violations?: readonly Violation[] }[];
}

function statusOf(body: string): RpcStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function violationsOf(status: RpcStatus): readonly Violation[] {
  return (status.details ?? []).flatMap((detail) => detail.field_violations ?? []);
}

export interface Advice {
  readonly title: string;
  readonly what: string;
  readonly next: string;
}

/** What to tell a person of an error: what happened, and what to do. */
export function adviceOf(error: unknown): Advice {
  if (error instanceof ApiError) return adviceOfStatus(error);
  if (error instanceof Unreachable) {
    return {
      title: "The server does not answer",
      what: error.message,
      next: "Check that artifactd runs and that you are connected, then try again.",
    };
  }
  const what = error instanceof Error ? error.message : String(error);
  return { title: "Something in this page went wrong", what, next: "Reload the page; if it stays, report what you did." };
}

function adviceOfStatus(error: ApiError): Advice {
  const what = error.message;
  switch (error.status) {
    case 400:
      return { title: "The server cannot use this request", what, next: "Correct what it names and try again." };
    case 401:
      return { title: "A key is needed", what, next: "Sign in with a key that is good." };
    case 403:
      return { title: "You may not see or do this", what, next: "Ask who runs this server for the right, or choose another namespace." };
    case 404:
      return { title: "There is no such thing", what, next: "It may never have been, or be in a namespace that you cannot read." };
    case 409:
      return { title: "Somebody else changed this meanwhile", what, next: "Load it again and look at what has changed." };
    case 429:
      return { title: "Too many requests", what, next: `Wait ${error.retryAfterS ?? 1} s and try again.` };
    case 503:
      return { title: "The store is too busy or away", what, next: "Try again in a moment; a narrower filter takes less time." };
    default:
      return { title: "The server failed", what, next: "Try again; the server's log tells more." };
  }
}
