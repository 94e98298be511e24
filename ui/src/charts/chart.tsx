// A chart with all that goes with one: its title, what it says in words, its data as a table, PNG and CSV.

import type { ECharts, EChartsCoreOption } from "echarts/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Failure } from "../parts/notices";
import { download, fileName } from "../parts/download";
import { VirtualList } from "../parts/virtual-list";
import { formatNumber } from "../format/numbers";
import { type Cell, csvOf } from "./csv";
import type { Colours } from "./theme";

export interface Data {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

interface FigureProps {
  readonly title: string;
  /** What it says, in words. */
  readonly told: readonly string[];
  /** What cannot be shown, and why. */
  readonly caveat?: string | undefined;
  readonly data: Data;
  readonly tools?: ReactNode;
  /** Gives the picture; null while there is none. */
  readonly png: () => Promise<Blob | null> | Blob | null;
  readonly children: ReactNode;
}

/** The frame of a chart or a matrix. */
export function Figure({ title, told, caveat, data, tools, png, children }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const savePng = async (): Promise<void> => {
    const picture = await png();
    if (picture) download(`${fileName(title)}.png`, picture, "image/png");
  };
  return (
    <figure className="card flush chart-card" aria-labelledby={id}>
      <figcaption className="card-head">
        <h3 id={id}>{title}</h3>
        <span className="grow" />
        {tools}
        <button type="button" className="small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>As a table</button>
        <button type="button" className="small" onClick={() => void savePng()}>PNG</button>
        <button type="button" className="small" onClick={() => download(`${fileName(title)}.csv`, csvOf(data.head, data.rows), "text/csv")}>CSV</button>
      </figcaption>
      {caveat && <p className="chart-caveat" role="note">{caveat}</p>}
      {/* What is drawn stays where it is, so that its picture can be had. */}
      <div className={asTable ? "unseen" : undefined}>{children}</div>
      {asTable && <DataTable data={data} label={title} />}
      <ul className="chart-told">{told.map((line) => <li key={line}>{line}</li>)}</ul>
    </figure>
  );
}

const ROW = 28;

function DataTable({ data, label }: { readonly data: Data; readonly label: string }) {
  const shown = (cell: Cell | undefined): string => (typeof cell === "number" ? formatNumber(cell) : (cell ?? ""));
  return (
    <div className="chart-table" role="table" aria-label={label} aria-rowcount={data.rows.length + 1}>
      <div role="row" className="chart-row chart-head">{data.head.map((title) => <span key={title} role="columnheader">{title}</span>)}</div>
      <VirtualList count={data.rows.length} rowHeight={ROW} height={ROW * 10} row={(index) => (
        <div key={index} role="row" className="chart-row" aria-rowindex={index + 2}>{data.head.map((title, column) => <span key={title} role="cell">{shown(data.rows[index]?.[column])}</span>)}</div>
      )} />
    </div>
  );
}

interface ChartProps extends Omit<FigureProps, "png" | "children"> {
  /** What ECharts draws. */
  readonly option: EChartsCoreOption;
  readonly colours: Colours;
  readonly height?: number;
  /** A click on a point: its series and its place in it. */
  readonly onPoint?: (series: number, index: number) => void;
}

const PIXELS = 2;

/** A chart that ECharts draws. */
export function Chart({ option, colours, height = 300, onPoint, ...figure }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const latest = useRef({ option, onPoint });
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    latest.current = { option, onPoint };
    chart.current?.setOption(option, { notMerge: true });
  }, [option, onPoint]);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    let isGone = false;
    const observer = new ResizeObserver(() => chart.current?.resize());
    import("./echarts").then(({ init }) => {
      if (isGone) return;
      const made = init(element, null, { renderer: "canvas" });
      chart.current = made;
      made.setOption(latest.current.option, { notMerge: true });
      made.on("click", ({ seriesIndex, dataIndex }) => latest.current.onPoint?.(seriesIndex ?? 0, dataIndex));
      observer.observe(element);
    }).catch(setError);
    return () => {
      isGone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);
  const png = (): Blob | null => {
    const url = chart.current?.getDataURL({ type: "png", pixelRatio: PIXELS, backgroundColor: colours.ground });
    return url ? blobOf(url) : null;
  };
  return (
    <Figure {...figure} png={png}>
      {error !== null && <Failure error={error} compact />}
      <div ref={box} className="chart" style={{ height }} role="img" aria-label={`${figure.title}: ${figure.told.join("; ")}`} />
    </Figure>
  );
}

/** The bytes of a data URL; the policy lets nobody fetch one. */
function blobOf(url: string): Blob {
  const [head = "", body = ""] = url.split(",", 2);
  return new Blob([Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0))], { type: /^data:([^;]+)/.exec(head)?.[1] ?? "image/png" });
}
