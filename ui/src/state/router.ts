// Where the page is: the history API, and nothing else. Going back shows what was there, since the URL says all of it.

import { useCallback, useMemo, useSyncExternalStore } from "react";
import type { Codec } from "./codec";

export interface Place {
  readonly path: string;
  readonly search: string;
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

const address = (): string => window.location.pathname + window.location.search;

/** Goes to an address of this page. `replace` leaves no step back to where it was. */
export function navigate(to: string, { replace = false } = {}): void {
  if (to === address()) return;
  const moved = new URL(to, window.location.href).pathname !== window.location.pathname;
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  if (moved) window.scrollTo(0, 0);
  for (const listener of listeners) listener();
}

export function usePlace(): Place {
  const whole = useSyncExternalStore(subscribe, address);
  return useMemo(() => {
    const [path = "/", search = ""] = whole.split(/(?=\?)/, 2);
    return { path, search };
  }, [whole]);
}

/** A view's state as its URL says, and how to change it. Changes that are not worth a step back replace. */
export function useViewState<T extends object>(codec: Codec<T>): [T, (change: Partial<T>, replace?: boolean) => void] {
  const { search } = usePlace();
  const state = useMemo(() => codec.read(search), [codec, search]);
  const change = useCallback(
    (changed: Partial<T>, replace = false) => {
      const next = { ...codec.read(window.location.search), ...changed };
      navigate(window.location.pathname + codec.write(next), { replace });
    },
    [codec],
  );
  return [state, change];
}
