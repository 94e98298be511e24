// The table of runs by metrics: best values marked, names picked to be drawn, runs ticked to be compared.

import { formatNumber } from "../../format/numbers";
import { plainText } from "../../format/texts";
import { bestOf, type Better } from "../../charts/direction";
import { runName } from "../../parts/artifact-lines";
import { Link } from "../../parts/link";
import { State } from "../../parts/state";
import { Time } from "../../parts/time";
import { plotPath, runPath } from "../../state/routes";
import { bests, type Cell, type Pivot } from "./pivot";

interface TableState {
  readonly names: readonly string[];
  readonly turned: readonly string[];
  readonly picked: readonly string[];
  readonly ticked: readonly string[];
}

interface PivotTableProps {
  readonly pivot: Pivot;
  readonly names: readonly string[];
  readonly better: (name: string) => Better;
  readonly state: TableState;
  readonly onChange: (change: Partial<TableState>) => void;
}

const toggled = (all: readonly string[], one: string, most: number): readonly string[] => (all.includes(one) ? all.filter((each) => each !== one) : [...all, one].slice(-most));
const PICKED_MAX = 10;

export function PivotTable({ pivot, names, better, state, onChange }: PivotTableProps) {
  const best = bests(pivot, names, better);
  return (
    <>
      <NamesMenu all={pivot.names} shown={names} onChange={(shown) => onChange({ names: shown })} />
      <div className="table-box" tabIndex={0} role="group" aria-label="Runs by their metrics, as a table">
        <table className="pivot">
          <thead>
            <tr>
              <th scope="col"><span className="unseen">Ticked</span></th>
              <th scope="col">Run</th>
              <th scope="col" className="less">State</th>
              <th scope="col" className="less">Begun</th>
              {names.map((name) => (
                <th key={name} scope="col" className="numeric">
                  <button type="button" className="quiet small" aria-pressed={state.picked.includes(name)} onClick={() => onChange({ picked: toggled(state.picked, name, PICKED_MAX) })}>{plainText(name)}</button>
                  <button type="button" className="quiet small" aria-label={`${plainText(name)}: ${better(name)} is better; turn that`} title={`${better(name)} is better`} onClick={() => onChange({ turned: toggled(state.turned, name, 50) })}>{better(name) === "higher" ? "↑" : "↓"}</button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pivot.rows.map(({ run, cells }) => (
              <tr key={run.run_id}>
                <td className="tick"><input type="checkbox" aria-label={`Tick ${runName(run)}`} checked={state.ticked.includes(run.run_id)} onChange={() => onChange({ ticked: toggled(state.ticked, run.run_id, 10) })} /></td>
                <th scope="row"><Link to={runPath(run.run_id)} className="name-cell one-line">{runName(run)}</Link></th>
                <td className="less"><State state={run.state} /></td>
                <td className="less"><Time at={run.created_at} /></td>
                {names.map((name) => <ValueCell key={name} cell={cells.get(name)} isBest={isBestCell(cells.get(name), best.get(name))} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const isBestCell = (cell: Cell | undefined, best: number | undefined): boolean => cell !== undefined && best !== undefined && bestOf([cell.value], "higher") === best;

function ValueCell({ cell, isBest }: { readonly cell: Cell | undefined; readonly isBest: boolean }) {
  if (!cell) return <td className="numeric faint">–</td>;
  return (
    <td className={isBest ? "numeric best" : "numeric"}>
      <Link to={plotPath(cell.refs)}>{formatNumber(cell.value)}</Link>
      {cell.refs.length > 1 && <span className="faint" title={`the best of ${cell.refs.length} tasks`}> of {cell.refs.length}</span>}
      {isBest && <span className="best-mark"> best</span>}
    </td>
  );
}

function NamesMenu({ all, shown, onChange }: { readonly all: readonly string[]; readonly shown: readonly string[]; readonly onChange: (shown: readonly string[]) => void }) {
  const toggle = (name: string): void => {
    const next = all.filter((each) => (each === name ? !shown.includes(each) : shown.includes(each)));
    if (next.length) onChange(next);
  };
  return (
    <div className="filters pivot-names">
      <span className="grow" />
      <details className="menu">
        <summary>Metrics ({shown.length} of {all.length})</summary>
        <fieldset tabIndex={-1} className="scrolls">
          <legend className="unseen">Metrics to show</legend>
          {all.slice(0, 200).map((name) => <label key={name}><input type="checkbox" checked={shown.includes(name)} onChange={() => toggle(name)} /> {plainText(name)}</label>)}
        </fieldset>
      </details>
    </div>
  );
}
