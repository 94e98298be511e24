// The foot of a list: which page, how many in all, and how many at once.

import { count } from "../format/numbers";
import { follows, type ListState, pageBefore } from "../state/list-state";

interface PagerProps {
  readonly state: ListState;
  readonly total: number;
  readonly shown: number;
  readonly next: string;
  readonly noun: string;
  readonly onChange: (change: { page: string; at: number } | { size: number }) => void;
}

const PAGE_SIZES = [20, 50, 100, 200];

/** `21–40 of 1,204 artifacts`. */
export function told(state: Pick<ListState, "at" | "size">, shown: number, total: number, noun: string): string {
  if (total === 0) return `No ${noun}s`;
  if (shown >= total) return count(total, noun);
  const first = (state.at - 1) * state.size + 1;
  return `${first.toLocaleString("en-US")}–${(first + shown - 1).toLocaleString("en-US")} of ${count(total, noun)}`;
}

export function Pager({ state, total, shown, next, noun, onChange }: PagerProps) {
  const { page, at, size } = state;
  const previous = pageBefore(page);
  const goNext = (): void => {
    follows(next, page);
    onChange({ page: next, at: at + 1 });
  };
  return (
    <nav className="pager" aria-label="Pages">
      <span className="faint" role="status">{told(state, shown, total, noun)}</span>
      <span className="grow" />
      <label className="inline faint">
        a page
        <select value={size} onChange={(event) => onChange({ size: Number(event.target.value) })}>
          {PAGE_SIZES.includes(size) ? null : <option value={size}>{size}</option>}
          {PAGE_SIZES.map((each) => <option key={each} value={each}>{each}</option>)}
        </select>
      </label>
      <button type="button" disabled={!page} onClick={() => onChange({ page: "", at: 1 })}>First</button>
      <button type="button" disabled={previous === undefined} onClick={() => onChange({ page: previous ?? "", at: at - 1 })}>← Previous</button>
      <button type="button" disabled={!next} onClick={goNext}>Next →</button>
    </nav>
  );
}
