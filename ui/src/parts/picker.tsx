// One of several: the browser's own list where they are few, a field that proposes where they are many.

import { useId, useState } from "react";

interface PickerProps {
  readonly label: string;
  readonly value: string;
  /** The word for none chosen. */
  readonly none: string;
  readonly options: readonly string[];
  readonly onPick: (value: string) => void;
  readonly showsLabel?: boolean;
}

const LISTED_MAX = 100;

export function Picker({ label, value, none, options, onPick, showsLabel = false }: PickerProps) {
  const id = useId();
  const all = value && !options.includes(value) ? [value, ...options] : options;
  return (
    <span className="field">
      <label htmlFor={id} className={showsLabel ? "faint" : "unseen"}>{label}</label>
      {all.length > LISTED_MAX ? <Proposing id={id} value={value} none={none} options={all} onPick={onPick} /> : (
        <select id={id} value={value} onChange={(event) => onPick(event.target.value)}>
          <option value="">{none}</option>
          {all.map((option) => <option key={option} value={option}>{option}</option>)}
        </select>
      )}
    </span>
  );
}

function Proposing({ id, value, none, options, onPick }: Pick<PickerProps, "value" | "none" | "options" | "onPick"> & { readonly id: string }) {
  const [typed, setTyped] = useState(value);
  return (
    <>
      <input id={id} list={`${id}-options`} value={typed} placeholder={none} onChange={(event) => {
        setTyped(event.target.value);
        if (!event.target.value || options.includes(event.target.value)) onPick(event.target.value);
      }} />
      <datalist id={`${id}-options`}>{options.map((option) => <option key={option} value={option} />)}</datalist>
    </>
  );
}
