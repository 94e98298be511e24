// An empty store: the six lines that fill it.

import { Code } from "../../parts/copy";
import { Tabs } from "../../parts/tabs";
import { useState } from "react";
import { firstCli, firstPython } from "./first-lines";

type Way = "python" | "cli";

export function FirstSteps() {
  const [way, setWay] = useState<Way>("python");
  const server = window.location.origin;
  const tabs = [
    { name: "python", title: "Python", panel: () => <Code text={firstPython(server)} label="the Python lines" /> },
    { name: "cli", title: "Command line", panel: () => <Code text={firstCli(server)} label="the shell lines" /> },
  ] as const;
  return (
    <section className="card" aria-labelledby="first">
      <header className="card-head"><h2 id="first">Nothing is recorded here yet. Six lines change that:</h2></header>
      <div className="card-body rows">
        <Tabs<Way> label="How to record it" tabs={tabs} chosen={way} onChoose={setWay} />
        <p className="faint">This page shows it as soon as it is there. The whole API is at <a href="/docs">/docs</a>.</p>
      </div>
    </section>
  );
}
