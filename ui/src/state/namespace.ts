// The namespace that is looked at: in every address as `namespace`, and carried along by the links between views.

import { usePlace } from "./router";

/** The namespace that an address names; empty for all. */
export function namespaceOf(search: string): string {
  return new URLSearchParams(search).get("namespace") ?? "";
}

export function useNamespace(): string {
  return namespaceOf(usePlace().search);
}

/** An address with the namespace that is looked at. */
export function inNamespace(to: string, namespace: string): string {
  if (!namespace) return to;
  const url = new URL(to, "http://page");
  url.searchParams.set("namespace", namespace);
  return url.pathname + url.search;
}
