// An artifact in the words of curl, Python and the command line. A key is named, never shown.

import { currentKey } from "../../api/key";

/** A word for a shell, whatever it holds. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

export function asCurl(server: string, id: string): string {
  const key = currentKey() ? ' -H "Authorization: Bearer $ARTIFACTD_API_KEY"' : "";
  return `curl -s${key} ${shellWord(`${server}/apis/v2beta1/artifacts/${encodeURIComponent(id)}`)}`;
}

export function asPython(server: string, id: string): string {
  const key = currentKey() ? ', api_key={"authorization": os.environ["ARTIFACTD_API_KEY"]}' : "";
  return [
    ...(key ? ["import os", ""] : []),
    "from artifactd_client import ApiClient, ArtifactServiceApi, Configuration",
    "",
    `with ApiClient(Configuration(host=${JSON.stringify(server)}${key})) as client:`,
    `    artifact = ArtifactServiceApi(client).get_artifact(${JSON.stringify(id)})`,
    "    print(artifact)",
  ].join("\n");
}

export function asCli(server: string, id: string): string {
  return `artifactd artifact get ${shellWord(id)} --server ${shellWord(server)}`;
}
