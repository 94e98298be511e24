// Which columns a table shows; the choice is the URL's.

import { useRef } from "react";
import type { Column } from "./table";

interface ColumnsProps<Row> {
  readonly all: readonly Column<Row>[];
  readonly shown: readonly string[];
  readonly onChange: (shown: readonly string[]) => void;
}

export function ColumnsMenu<Row>({ all, shown, onChange }: ColumnsProps<Row>) {
  const box = useRef<HTMLDetailsElement>(null);
  const toggle = (id: string): void => {
    const next = all.map((column) => column.id).filter((each) => (each === id ? !shown.includes(each) : shown.includes(each)));
    if (next.length) onChange(next);
  };
  return (
    <details ref={box} className="menu" onKeyDown={(event) => { if (event.key === "Escape" && box.current) box.current.open = false; }} onBlur={(event) => { if (box.current && !box.current.contains(event.relatedTarget)) box.current.open = false; }}>
      <summary>Columns</summary>
      <fieldset tabIndex={-1}>
        <legend className="unseen">Columns to show</legend>
        {all.map((column) => (
          <label key={column.id}>
            <input type="checkbox" checked={shown.includes(column.id)} onChange={() => toggle(column.id)} /> {column.title}
          </label>
        ))}
      </fieldset>
    </details>
  );
}
