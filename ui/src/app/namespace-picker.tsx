// Which namespace the page looks at.

import { listNamespaces } from "../api/operations";
import { useLoaded } from "../api/loading";
import { Picker } from "../parts/picker";
import { useNamespace } from "../state/namespace";
import { navigate } from "../state/router";

const REFRESH = { everyMs: 60_000 };

/** The address of the same view in another namespace: from its first page, since a page's token belongs to one list. */
function moved(namespace: string): string {
  const search = new URLSearchParams(window.location.search);
  search.delete("page");
  if (namespace) search.set("namespace", namespace);
  else search.delete("namespace");
  const written = search.toString();
  return window.location.pathname + (written && `?${written}`);
}

export function NamespacePicker() {
  const namespace = useNamespace();
  const { data } = useLoaded("namespaces", listNamespaces, REFRESH);
  const names = (data?.namespaces ?? []).map((each) => each.namespace).filter(Boolean);
  if (!names.length && !namespace) return null;
  return <Picker label="Namespace" value={namespace} none="All namespaces" options={names} onPick={(picked) => navigate(moved(picked))} />;
}
