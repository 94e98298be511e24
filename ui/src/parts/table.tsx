// A table of a page of rows: sorted by its heads, moved through by the keyboard, ticked where wanted.

import { type KeyboardEvent, type MouseEvent, type ReactNode, useRef, useState } from "react";
import { inNamespace, useNamespace } from "../state/namespace";
import { navigate } from "../state/router";
import { type Sort, turned } from "./sorting";

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** The field that the server sorts by. */
  readonly sort?: string;
  readonly numeric?: boolean;
  /** How soon it goes where the page is narrow: 1 never, 3 first. */
  readonly priority?: 1 | 2 | 3;
}

interface TableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly idOf: (row: Row) => string;
  /** What a row's tick is called. */
  readonly nameOf: (row: Row) => string;
  /** Where a row leads. */
  readonly pathOf?: (row: Row) => string;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  readonly ticked?: ReadonlySet<string>;
  readonly onTick?: (id: string) => void;
  readonly fresh?: ReadonlySet<string>;
  readonly isStale?: boolean;
}

export function Table<Row>(props: TableProps<Row>) {
  const { label, rows, columns, idOf, pathOf, ticked, onTick } = props;
  const [active, setActive] = useState(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const namespace = useNamespace();
  const current = Math.min(active, rows.length - 1);
  const open = (row: Row): void => {
    if (pathOf) navigate(inNamespace(pathOf(row), namespace));
  };
  const move = (to: number): void => {
    setActive(to);
    body.current?.rows[to]?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    const row = rows[current];
    if (row === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    const to = placeOf(event.key, current, rows.length);
    const onRow = event.target instanceof HTMLTableRowElement;
    if (to !== null) move(to);
    else if (event.key === "Enter" && onRow) open(row);
    else if (event.key === "x" && onTick) onTick(idOf(row));
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent, index: number, row: Row): void => {
    setActive(index);
    const own = event.target instanceof Element && event.target.closest("a, button, input, label");
    if (!own && !window.getSelection()?.toString()) open(row);
  };
  return (
    <div className={props.isStale ? "table-box stale" : "table-box"}>
      <table role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-multiselectable={ticked ? true : undefined}>
        <Head {...props} />
        <tbody ref={body} onKeyDown={onKey}>
          {rows.map((row, index) => {
            const id = idOf(row);
            const isTicked = ticked?.has(id) ?? false;
            return (
              <tr key={id} tabIndex={index === current ? 0 : -1} aria-selected={ticked ? isTicked : undefined} className={classOf(isTicked, props.fresh?.has(id), pathOf)} onFocus={() => setActive(index)} onClick={(event) => onClick(event, index, row)}>
                {onTick && <td className="tick"><label><input type="checkbox" tabIndex={-1} checked={isTicked} onChange={() => onTick(id)} aria-label={`Tick ${props.nameOf(row)}`} /></label></td>}
                {columns.map((column) => <td key={column.id} className={cellClass(column)}>{column.cell(row)}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Head<Row>({ columns, sort, onSort, onTick }: TableProps<Row>) {
  return (
    <thead>
      <tr>
        {onTick && <th className="tick" scope="col"><span className="unseen">Ticked</span></th>}
        {columns.map((column) => {
          const field = column.sort;
          const isSorted = field !== undefined && sort?.field === field;
          const direction = sort?.descending ? "descending" : "ascending";
          return (
            <th key={column.id} scope="col" className={cellClass(column)} aria-sort={isSorted ? direction : undefined}>
              {field && onSort ? (
                <button type="button" className="sorter" onClick={() => onSort(turned(sort, field))}>
                  {column.title}
                  <span aria-hidden="true" className="sort-mark">{isSorted ? (sort.descending ? "↓" : "↑") : ""}</span>
                </button>
              ) : column.title}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** Where a key leads from a row; null where it does not move. */
export function placeOf(key: string, from: number, count: number): number | null {
  switch (key) {
    case "j": case "ArrowDown": return Math.min(count - 1, from + 1);
    case "k": case "ArrowUp": return Math.max(0, from - 1);
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}

function cellClass<Row>(column: Column<Row>): string {
  return `${column.numeric ? "numeric " : ""}p${column.priority ?? 1}`;
}

function classOf(isTicked: boolean, isFresh: boolean | undefined, pathOf: unknown): string {
  return [isTicked && "ticked", isFresh && "fresh", pathOf !== undefined && "leads"].filter(Boolean).join(" ");
}
