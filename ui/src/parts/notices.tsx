// What a view shows while there is nothing to show: that it loads, that there is none, or what went wrong.

import { type ReactNode, useEffect, useState } from "react";
import { adviceOf } from "../api/errors";

const LATE_MS = 150;

/** Said only where loading takes long enough to be noticed. */
export function Loading({ what, rows = 6 }: { readonly what: string; readonly rows?: number }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), LATE_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status" aria-label={`Loading ${what}`}>
      {isLate && Array.from({ length: rows }, (_, index) => <div key={index} className="bone" aria-hidden="true" />)}
    </div>
  );
}

export function Failure({ error, retry, compact = false }: { readonly error: unknown; readonly retry?: () => void; readonly compact?: boolean }) {
  const { title, what, next } = adviceOf(error);
  return (
    <div className={compact ? "notice bad compact" : "notice bad"} role="alert">
      <strong>{title}</strong>
      <p className="wraps">{what}</p>
      <p className="faint">{next}</p>
      {retry && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="notice empty">
      <strong>{title}</strong>
      {children && <div className="faint">{children}</div>}
    </div>
  );
}

interface Held<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

/** What was loaded, or why it is not there. What is shown stays where a later look fails, with a word on that. */
export function Shown<T>({ of, what, rows, children }: { readonly of: Held<T>; readonly what: string; readonly rows?: number; readonly children: (data: T) => ReactNode }) {
  if (of.data === undefined) {
    if (of.error !== null) return <Failure error={of.error} retry={of.reload} />;
    return <Loading what={what} {...(rows !== undefined && { rows })} />;
  }
  return (
    <>
      {of.error !== null && <Failure error={of.error} retry={of.reload} compact />}
      {children(of.data)}
    </>
  );
}
