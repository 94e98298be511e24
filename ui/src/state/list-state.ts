// What the URL holds of every list: order, page, columns and conditions.

import { filterOf, parseCondition, type Predicate } from "../api/filters";
import type { ListQuery } from "../api/operations";
import { integer, list, text, words } from "./codec";

export interface ListState {
  readonly namespace: string;
  readonly sort: string;
  readonly size: number;
  /** The token of the page; empty on the first. */
  readonly page: string;
  /** The page's number, from 1, for people. */
  readonly at: number;
  readonly columns: readonly string[];
  readonly where: readonly string[];
}

/** The parameters of a list, with its own order and columns as the default. */
export const listParams = (sort: string, columns: readonly string[]) => ({
  namespace: text(),
  sort: text(sort),
  size: integer(20, 1, 200),
  page: text(),
  at: integer(1, 1, 1_000_000_000),
  columns: words(columns),
  where: list(20),
});

const SAME_PAGE = new Set(["page", "at", "columns"]);

/** A change to a list, back on its first page where another list comes of it: a token belongs to one. */
export function onItsPage<T extends ListState>(change: Partial<T>): Partial<T> {
  const stays = Object.keys(change).every((name) => SAME_PAGE.has(name));
  return stays ? change : { ...change, page: "", at: 1 };
}

/** What tells a list from another: all of the state but what only changes how it looks. */
export function keyOf(noun: string, state: ListState): string {
  return JSON.stringify([noun, ...Object.entries(state).filter(([name]) => name !== "columns" && name !== "ticked" && name !== "at")]);
}

/** The request for a list. Raises Error where a condition in the URL is none. */
export function queryOf(state: ListState, more: readonly Predicate[] = []): ListQuery {
  const filter = filterOf([...more, ...state.where.map(parseCondition)]);
  return {
    namespace: state.namespace,
    sort_by: state.sort,
    page_size: state.size,
    ...(filter && { filter }),
    ...(state.page && { page_token: state.page }),
  };
}

/** Which page came before which, as far as this visit went. */
const before = new Map<string, string>();

/** Remembers that a page follows another. */
export function follows(next: string, previous: string): void {
  before.set(next, previous);
}

/** The token of the page before; undefined where this visit did not come from there. */
export function pageBefore(page: string): string | undefined {
  return before.get(page);
}
