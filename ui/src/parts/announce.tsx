// Says to who listens to the page what has changed on it.

import { count } from "../format/numbers";

export function Announce({ arrived, noun }: { readonly arrived: number; readonly noun: string }) {
  return (
    <span className="unseen" role="status" aria-live="polite">
      {arrived ? `${count(arrived, `new ${noun}`)} shown` : ""}
    </span>
  );
}
