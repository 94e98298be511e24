// Loads what a view shows, ends the request when the view goes, and looks again while the tab is seen.

import { useCallback, useEffect, useRef, useState } from "react";
import { isAborted } from "./errors";
import { currentKey } from "./key";

export interface Loaded<T> {
  /** What was loaded last; kept while the same thing is loaded again. */
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

export interface Polling {
  /** The shortest time between two looks, in ms; null for none. */
  readonly everyMs: number | null;
}

interface Held<T> {
  readonly key: string;
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
}

const NEVER: Polling = { everyMs: null };
const POLL_MAX_MS = 60_000;
/** A look may cost the server at most this share of the time. */
const SHARE = 20;

/** How long to wait for the next look: longer where the last took long, twice as long after each failure. */
export function pollDelayMs(everyMs: number, tookMs: number, failures: number): number {
  return Math.min(POLL_MAX_MS, Math.max(everyMs, tookMs * SHARE) * 2 ** failures);
}

/** Loads something, again whenever `key` changes, and then and when for as long as the tab is seen.
 *
 * `key` says what is loaded: the same key is the same thing. `load` ends with its signal. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal, last?: T) => Promise<T>, polling = NEVER): Loaded<T> {
  const whole = `${currentKey() ?? ""}\n${key}`;
  const [held, setHeld] = useState<Held<T>>({ key: whole, data: undefined, error: null, isLoading: true });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  const { everyMs } = polling;
  useEffect(() => watch({ load: (signal, last) => latest.current(signal, last as T | undefined), key: whole, everyMs, setHeld }), [whole, turn, everyMs]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  if (held.key !== whole) return { data: undefined, error: null, isLoading: true, reload };
  return { data: held.data, error: held.error, isLoading: held.isLoading, reload };
}

interface Watch<T> {
  readonly load: (signal: AbortSignal, last?: unknown) => Promise<T>;
  readonly key: string;
  readonly everyMs: number | null;
  readonly setHeld: (change: (held: Held<T>) => Held<T>) => void;
}

/** Loads at once, then polls; returns what ends both. */
function watch<T>({ load, key, everyMs, setHeld }: Watch<T>): () => void {
  const controller = new AbortController();
  let timer = 0;
  let failures = 0;
  let last: T | undefined;
  setHeld((held) => (held.key === key ? { ...held, isLoading: true } : { key, data: undefined, error: null, isLoading: true }));

  const look = async (): Promise<void> => {
    const began = performance.now();
    try {
      last = await load(controller.signal, last);
      const data = last;
      failures = 0;
      setHeld((held) => (held.key === key && held.data === data && !held.error && !held.isLoading ? held : { key, data, error: null, isLoading: false }));
    } catch (error) {
      if (controller.signal.aborted || isAborted(error)) return;
      failures += 1;
      // What was shown stays; only a first load that fails leaves nothing to show.
      setHeld((held) => ({ key, data: held.key === key ? held.data : undefined, error, isLoading: false }));
    }
    if (everyMs !== null && !controller.signal.aborted) {
      timer = window.setTimeout(wake, pollDelayMs(everyMs, performance.now() - began, failures));
    }
  };
  const wake = (): void => {
    if (!document.hidden) return void look();
    document.addEventListener("visibilitychange", wake, { once: true });
  };
  void look();
  return () => {
    controller.abort();
    window.clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
  };
}
