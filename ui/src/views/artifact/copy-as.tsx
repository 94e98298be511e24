// How to get the same artifact from elsewhere.

import { useState } from "react";
import type { Artifact } from "../../api/types";
import { Code } from "../../parts/copy";
import { Dialog } from "../../parts/dialog";
import { Tabs } from "../../parts/tabs";
import { asCli, asCurl, asPython } from "./snippets";

type Way = "curl" | "python" | "cli";

export function CopyAs({ artifact, onClose }: { readonly artifact: Artifact; readonly onClose: () => void }) {
  const [way, setWay] = useState<Way>("curl");
  const server = window.location.origin;
  const id = artifact.artifact_id;
  const tabs = [
    { name: "curl", title: "curl", panel: () => <Code text={asCurl(server, id)} label="the curl command" /> },
    { name: "python", title: "Python", panel: () => <Code text={asPython(server, id)} label="the Python lines" /> },
    { name: "cli", title: "Command line", panel: () => <Code text={asCli(server, id)} label="the shell command" /> },
  ] as const;
  return (
    <Dialog title="Get this artifact from elsewhere" onClose={onClose}>
      <div className="card-body"><Tabs<Way> label="From where" tabs={tabs} chosen={way} onChoose={setWay} /></div>
    </Dialog>
  );
}
