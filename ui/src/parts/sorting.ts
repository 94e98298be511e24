// An order as the API takes it: `created_at desc`.

export interface Sort {
  readonly field: string;
  readonly descending: boolean;
}

export function parseSort(text: string): Sort {
  const [field = "", direction] = text.split(" ");
  return { field, descending: direction === "desc" };
}

export function writeSort({ field, descending }: Sort): string {
  return descending ? `${field} desc` : field;
}

/** The order that a click on a head asks for: the other way round, or by another field; numbers and times begin at the top. */
export function turned(sort: Sort | undefined, field: string): Sort {
  if (sort?.field === field) return { field, descending: !sort.descending };
  return { field, descending: /_at$|_time$|value$/.test(field) };
}
