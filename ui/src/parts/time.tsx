// A moment: how long ago, with the exact time for who points at it or listens.

import { absoluteTime, relativeTime } from "../format/times";
import { useNow } from "../state/clock";

export function Time({ at, absolute = false }: { readonly at: string | undefined; readonly absolute?: boolean }) {
  const now = useNow();
  if (!at) return <span className="faint">–</span>;
  const exact = absoluteTime(at);
  return (
    <time dateTime={at} title={absolute ? relativeTime(at, now) : exact} className="nowrap">
      {absolute ? exact : relativeTime(at, now)}
    </time>
  );
}
