// How histories are drawn, and the fields that change it.

import type { LineLook } from "../charts/line-chart";
import { choice, flag, integer } from "../state/codec";

export interface LookState {
  readonly along: LineLook["along"];
  readonly log: boolean;
  /** Smoothing in percent. */
  readonly smooth: number;
}

export const lookParams = { along: choice(["step", "time"]), log: flag, smooth: integer(0, 0, 99) };

export const lookOf = ({ along, log, smooth }: LookState): LineLook => ({ along, isLog: log, smoothing: smooth / 100 });

export function LookFields({ state, onChange }: { readonly state: LookState; readonly onChange: (change: Partial<LookState>, replace?: boolean) => void }) {
  return (
    <div className="look" role="group" aria-label="How it is drawn">
      <label className="inline">Along <select value={state.along} onChange={(event) => onChange({ along: event.target.value === "time" ? "time" : "step" })}><option value="step">steps</option><option value="time">time</option></select></label>
      <label className="inline"><input type="checkbox" checked={state.log} onChange={() => onChange({ log: !state.log })} /> Logarithmic</label>
      <label className="inline">Smoothing <input type="range" min={0} max={99} value={state.smooth} onChange={(event) => onChange({ smooth: Number(event.target.value) }, true)} aria-valuetext={`${state.smooth}%`} /></label>
    </div>
  );
}
