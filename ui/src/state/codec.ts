// A view's state in the URL: typed parameters, read and written in one place. What has its default is left out.

export interface Param<T> {
  readonly read: (values: readonly string[]) => T;
  readonly write: (value: T) => readonly string[];
}

/** Any text. */
export const text = (fallback = ""): Param<string> => ({
  read: ([value]) => value ?? fallback,
  write: (value) => (value === fallback ? [] : [value]),
});

/** One of several words; another one in the URL counts as the first. */
export function choice<const T extends string>(words: readonly [T, ...T[]]): Param<T> {
  const [fallback] = words;
  return {
    read: ([value]) => words.find((word) => word === value) ?? fallback,
    write: (value) => (value === fallback ? [] : [value]),
  };
}

/** A whole number within bounds. */
export const integer = (fallback: number, least: number, most: number): Param<number> => ({
  read: ([value]) => {
    const number = Number(value ?? "");
    return value && Number.isInteger(number) ? Math.min(most, Math.max(least, number)) : fallback;
  },
  write: (value) => (value === fallback ? [] : [String(value)]),
});

export const flag: Param<boolean> = {
  read: ([value]) => value === "1",
  write: (value) => (value ? ["1"] : []),
};

/** A repeated parameter, each value once. */
export const list = (most = 100): Param<readonly string[]> => ({
  read: (values) => [...new Set(values)].slice(0, most),
  write: (value) => value,
});

export interface Codec<T> {
  readonly read: (search: string) => T;
  /** The query string of a state, with its question mark; empty where all is default. */
  readonly write: (state: T) => string;
}

type Params<T> = { readonly [Name in keyof T]: Param<T[Name]> };

/** The codec of parameters, each by the name that it has in the URL. */
export function codec<T extends object>(params: Params<T>): Codec<T> {
  const names = Object.keys(params) as (keyof T & string)[];
  return {
    read: (search) => {
      const given = new URLSearchParams(search);
      return Object.fromEntries(names.map((name) => [name, params[name].read(given.getAll(name))])) as T;
    },
    write: (state) => {
      const made = new URLSearchParams();
      for (const name of names) for (const value of params[name].write(state[name])) made.append(name, value);
      const written = made.toString();
      return written && `?${written}`;
    },
  };
}

/** Words in one parameter, joined by commas; the fallback where there are none. */
export const words = (fallback: readonly string[]): Param<readonly string[]> => ({
  read: ([value]) => (value ? value.split(",") : fallback),
  write: (value) => (value.join() === fallback.join() || !value.length ? [] : [value.join()]),
});
