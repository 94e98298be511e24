// Whatever was measured, drawn: histories in one chart, curves over each other, matrices side by side, slices one by one.

import { useMemo, useState } from "react";
import type { Json } from "../api/json";
import { useLoaded } from "../api/loading";
import type { Metric } from "../api/types";
import { classificationOf, type Slice, slicesOf } from "../charts/classification";
import { ConfusionMatrix } from "../charts/confusion-matrix";
import { type Labelled, PrecisionChart, RocChart } from "../charts/curve-charts";
import { LineChart, type LineLook } from "../charts/line-chart";
import { plainText } from "../format/texts";
import { grouped } from "../graph/model";
import { Picker } from "../parts/picker";
import { Shown } from "../parts/notices";
import { historyOf, POINTS_MAX, samplesOf } from "./history";
import "../styles/charts.css";

export interface Measure {
  readonly label: string;
  readonly value: Json | undefined;
}

/** The curves and matrices of classification metrics, of ones by slice for the slice that is picked. */
export function Classifications({ measures }: { readonly measures: readonly Measure[] }) {
  const whole = useMemo(() => measures.flatMap(({ label, value }) => {
    const found = classificationOf(value);
    return found ? [{ label, ...found }] : [];
  }), [measures]);
  const sliced = useMemo(() => measures.map(({ label, value }) => ({ label, slices: slicesOf(value) })).filter((each) => each.slices.length), [measures]);
  return (
    <>
      <Curves all={paired(whole)} matrices={whole} />
      {sliced.length > 0 && <Sliced sliced={sliced} />}
    </>
  );
}

/** A curve without a matrix takes the one that stands for the same thing, if there is just one. */
function paired(all: readonly Labelled[]): readonly Labelled[] {
  return all.map((each) => {
    const others = all.filter((other) => other.matrix && groupOf(other.label) === groupOf(each.label));
    return each.curve && !each.matrix && others.length === 1 ? { ...each, matrix: others[0]?.matrix ?? null } : each;
  });
}

const groupOf = (label: string): string => label.slice(0, label.lastIndexOf(" · ") + 1);

function Curves({ all, matrices, within = "" }: { readonly all: readonly Labelled[]; readonly matrices: readonly Labelled[]; readonly within?: string }) {
  return (
    <>
      <div className="chart-pair">
        <RocChart all={all} title={`ROC curve${within}`} />
        <PrecisionChart all={all} title={`Precision and recall${within}`} />
      </div>
      <div className="chart-pair">
        {matrices.map(({ label, matrix }) => matrix && <ConfusionMatrix key={label} title={`Confusion matrix of ${label}${within}`} matrix={matrix} />)}
      </div>
    </>
  );
}

function Sliced({ sliced }: { readonly sliced: readonly { readonly label: string; readonly slices: readonly Slice[] }[] }) {
  const names = [...new Set(sliced.flatMap((each) => each.slices.map((slice) => slice.name)))];
  const [picked, setPicked] = useState("");
  const shown = picked && names.includes(picked) ? [picked] : names;
  const all = sliced.flatMap(({ label, slices }) => slices.filter((slice) => shown.includes(slice.name)).map(({ name, ...rest }) => ({ label: sliced.length > 1 ? `${label} · ${plainText(name)}` : plainText(name), ...rest })));
  return (
    <section aria-label="By slice" className="rows">
      <p className="actions"><Picker label="Slice" value={picked} none="All, over each other" options={names} onPick={setPicked} showsLabel /></p>
      <Curves all={all} matrices={all} within=" by slice" />
    </section>
  );
}

export interface Drawn {
  readonly label: string;
  readonly metric: Metric;
}

/** The histories of scalar metrics in one chart, and whatever else the metrics are. */
export function Measured({ drawn, look, everyMs }: { readonly drawn: readonly Drawn[]; readonly look: LineLook; readonly everyMs: number }) {
  // What ends alike, such as train/loss and val/loss, has one scale.
  const scalars = grouped(drawn.filter(({ metric }) => metric.schema === "Metric"), ({ metric }) => metric.name.slice(metric.name.lastIndexOf("/") + 1));
  const rest = useMemo(() => drawn.filter(({ metric }) => metric.schema !== "Metric").map(({ label, metric }) => ({ label, value: metric.value })), [drawn]);
  return (
    <div className="rows">
      {[...scalars].map(([name, same]) => <Histories key={name} drawn={same} look={look} everyMs={everyMs} />)}
      {rest.length > 0 && <Classifications measures={rest} />}
    </div>
  );
}

function Histories({ drawn, look, everyMs }: { readonly drawn: readonly Drawn[]; readonly look: LineLook; readonly everyMs: number }) {
  const key = drawn.map(({ metric }) => `${metric.task_id}/${metric.name}`).join("\n");
  const loaded = useLoaded(`histories\n${key}`, async (signal, last?: { text: string; series: readonly { label: string; samples: ReturnType<typeof samplesOf> }[]; isCut: boolean }) => {
    const histories = await Promise.all(drawn.map(({ metric }) => historyOf(metric.task_id, metric.name, signal)));
    const text = histories.map(({ points }) => `${points.length} ${points.at(-1)?.created_at ?? ""}`).join("\n");
    if (last?.text === text) return last;
    return { text, isCut: histories.some((each) => each.isCut), series: histories.map(({ points }, index) => ({ label: drawn[index]?.label ?? "", samples: samplesOf(points) })) };
  }, { everyMs });
  const names = [...new Set(drawn.map(({ metric }) => plainText(metric.name)))];
  return (
    <Shown of={loaded} what="the history">
      {({ series, isCut }) => <LineChart title={names.length > 3 ? `${names.length} metrics` : names.join(", ")} series={series} look={look} caveat={isCut ? `The first ${POINTS_MAX.toLocaleString("en-US")} points of each are drawn.` : undefined} />}
    </Shown>
  );
}
