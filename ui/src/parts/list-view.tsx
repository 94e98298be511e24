// A list as a view shows it: conditions, columns, the table, its pages, and what comes in meanwhile.

import type { ReactNode } from "react";
import type { Loaded } from "../api/loading";
import { keyOf, type ListState, onItsPage } from "../state/list-state";
import { Announce } from "./announce";
import { ColumnsMenu } from "./columns";
import { Conditions } from "./conditions";
import { useFresh } from "./fresh";
import { Empty, Shown } from "./notices";
import { Pager } from "./pager";
import { parseSort, writeSort } from "./sorting";
import { type Column, Table } from "./table";

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly next: string;
}

interface ListViewProps<Row> {
  readonly noun: string;
  readonly list: Loaded<ListPage<Row>>;
  readonly columns: readonly Column<Row>[];
  readonly state: ListState;
  readonly onChange: (change: Partial<ListState>) => void;
  readonly idOf: (row: Row) => string;
  readonly nameOf: (row: Row) => string;
  readonly pathOf?: (row: Row) => string;
  readonly ticked?: ReadonlySet<string>;
  readonly onTick?: (id: string) => void;
  /** More fields to narrow the list by, before the conditions. */
  readonly filters?: ReactNode;
  /** Whether those fields narrow it now. */
  readonly isNarrowed?: boolean;
  readonly example?: string;
  readonly foot?: ReactNode;
}

export function ListView<Row>(props: ListViewProps<Row>) {
  const { noun, list, columns, state, idOf, nameOf, pathOf, ticked, onTick } = props;
  const change = (changed: Partial<ListState>): void => props.onChange(onItsPage(changed));
  const fresh = useFresh(keyOf(noun, state), list.data?.rows.map(idOf));
  const narrowed = state.where.length > 0 || (props.isNarrowed ?? false);
  return (
    <>
      <div className="filters">
        {props.filters}
        <Conditions conditions={state.where} onChange={(where) => change({ where })} {...(props.example && { example: props.example })} />
        <span className="grow" />
        <ColumnsMenu all={columns} shown={state.columns} onChange={(chosen) => change({ columns: chosen })} />
      </div>
      <Shown of={list} what={`${noun}s`} rows={12}>
        {(page) => (
          <section className="card flush" aria-label={`${noun}s`}>
            {page.rows.length === 0 ? <Nothing noun={noun} narrowed={narrowed} /> : (
              <Table
                label={`${noun}s`} rows={page.rows} idOf={idOf} nameOf={nameOf} fresh={fresh.ids} isStale={list.isLoading}
                columns={columns.filter((column) => state.columns.includes(column.id))}
                sort={parseSort(state.sort)} onSort={(sort) => change({ sort: writeSort(sort) })}
                {...(pathOf && { pathOf })} {...(ticked && { ticked })} {...(onTick && { onTick })}
              />
            )}
            <Announce arrived={fresh.arrived} noun={noun} />
            {props.foot}
            <Pager state={state} total={page.total} shown={page.rows.length} next={page.next} noun={noun} onChange={change} />
          </section>
        )}
      </Shown>
    </>
  );
}

function Nothing({ noun, narrowed }: { readonly noun: string; readonly narrowed: boolean }) {
  return (
    <Empty title={narrowed ? `No ${noun} meets all of this` : `There is no ${noun} yet`}>
      {narrowed ? "Take a condition away, or look in another namespace." : "The first page says how to record one."}
    </Empty>
  );
}
