// Metrics: of runs side by side, and every one there is.

import { Heading } from "../../parts/heading";
import { Tabs } from "../../parts/tabs";
import { choice, codec } from "../../state/codec";
import { useViewState } from "../../state/router";
import { navigate } from "../../state/router";
import { inNamespace, useNamespace } from "../../state/namespace";
import { METRICS_PATH } from "../../state/routes";
import { Every } from "./every";
import { OfRuns } from "./of-runs";

const TABS = ["runs", "every"] as const;
const STATE = codec<{ readonly tab: (typeof TABS)[number] }>({ tab: choice(TABS) });

export default function Metrics() {
  const [{ tab }] = useViewState(STATE);
  const namespace = useNamespace();
  const tabs = [
    { name: "runs", title: "By run", panel: () => <OfRuns /> },
    { name: "every", title: "Every metric", panel: () => <Every /> },
  ] as const;
  return (
    <>
      <Heading title="Metrics" />
      {/* Each tab has an address of its own, without what the other one had in its. */}
      <Tabs<(typeof TABS)[number]> label="Metrics" tabs={tabs} chosen={tab} onChoose={(name) => navigate(inNamespace(METRICS_PATH + STATE.write({ tab: name }), namespace))} />
    </>
  );
}
