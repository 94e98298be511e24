// JSON as a tree to unfold, by mouse or keyboard. What it holds is hostile and is only ever text.

import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { type Json, writeJson } from "../api/json";
import { CopyButton } from "./copy";
import { Address } from "./link";
import { kindOf, openAtFirst, previewOf, rowsOf, type TreeRow } from "./tree-rows";
import { VirtualList } from "./virtual-list";
import { linkOf, plainText } from "../format/texts";

const ROW_PX = 28;
const ROWS_AT_FIRST = 60;

export function Tree({ value, label, height = 560 }: { readonly value: Json; readonly label: string; readonly height?: number }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(value, ROWS_AT_FIRST));
  const [active, setActive] = useState<string | null>(null);
  const id = useId();
  const rows = useMemo(() => rowsOf(value, open), [value, open]);
  const index = Math.max(0, rows.findIndex((row) => row.path === active));
  const toggle = (row: TreeRow): void => {
    const next = new Set(open);
    if (!next.delete(row.path)) next.add(row.path);
    setOpen(next);
  };
  const onKey = (event: KeyboardEvent): void => {
    const row = rows[index];
    const move = row && moveOf(event.key, rows, index, open);
    if (!row || !move) return;
    event.preventDefault();
    if (move === "toggle") toggle(row);
    else setActive(move.path);
  };
  return (
    <div className="tree" role="tree" aria-label={label} tabIndex={0} onKeyDown={onKey} aria-activedescendant={rows.length ? `${id}-${index}` : undefined}>
      <VirtualList count={rows.length} rowHeight={ROW_PX} height={height} active={active === null ? undefined : index} role="tree" row={(at) => {
        const row = rows[at];
        return row && <Row key={row.path} row={row} id={`${id}-${at}`} isOpen={open.has(row.path)} isActive={active === row.path} toggle={() => { setActive(row.path); toggle(row); }} />;
      }} />
    </div>
  );
}

/** Where a key leads: another row, or to unfold or fold this one. */
function moveOf(key: string, rows: readonly TreeRow[], index: number, open: ReadonlySet<string>): TreeRow | "toggle" | undefined {
  const row = rows[index];
  const isOpen = row !== undefined && open.has(row.path);
  switch (key) {
    case "ArrowDown": return rows[index + 1];
    case "ArrowUp": return rows[index - 1];
    case "Home": return rows[0];
    case "End": return rows.at(-1);
    case "ArrowRight": return row?.children ? (isOpen ? rows[index + 1] : "toggle") : undefined;
    case "ArrowLeft": return isOpen ? "toggle" : rows.find((other) => other.path === row?.parent);
    case "Enter": case " ": return row?.children ? "toggle" : undefined;
    default: return undefined;
  }
}

interface RowProps {
  readonly row: TreeRow;
  readonly id: string;
  readonly isOpen: boolean;
  readonly isActive: boolean;
  readonly toggle: () => void;
}

function Row({ row, id, isOpen, isActive, toggle }: RowProps) {
  const folds = row.children !== null && row.children > 0;
  return (
    <div id={id} role="treeitem" aria-level={row.depth + 1} aria-expanded={folds ? isOpen : undefined} aria-selected={isActive} aria-posinset={row.position} aria-setsize={row.siblings} className={isActive ? "tree-row active" : "tree-row"} style={{ height: ROW_PX, paddingLeft: 8 + Math.min(row.depth, 20) * 18 }} onClick={folds ? toggle : undefined}>
      <span className="tree-fold" aria-hidden="true">{folds ? (isOpen ? "▾" : "▸") : ""}</span>
      <span className="tree-name">{plainText(row.name)}</span>
      <Value value={row.value} />
      {!folds && <CopyButton text={typeof row.value === "string" ? row.value : writeJson(row.value)} label={`Copy ${plainText(row.name)}`} />}
    </div>
  );
}

function Value({ value }: { readonly value: Json }) {
  const kind = kindOf(value);
  if (typeof value === "string" && linkOf(value)) return <span className="tree-value one-line"><Address text={value} /></span>;
  return (
    <span className={`tree-value one-line is-${kind}`} title={typeof value === "string" ? plainText(value.slice(0, 2_000)) : undefined}>
      {previewOf(value)}
    </span>
  );
}
