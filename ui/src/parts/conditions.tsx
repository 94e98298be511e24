// Conditions that a list must meet, as chips, and a field to add one.

import { type SubmitEvent, useId, useState } from "react";
import { EXAMPLE, parseCondition } from "../api/filters";
import { plainText } from "../format/texts";

interface ConditionsProps {
  readonly conditions: readonly string[];
  readonly onChange: (conditions: readonly string[]) => void;
  readonly example?: string;
}

export function Conditions({ conditions, onChange, example = EXAMPLE }: ConditionsProps) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const id = useId();
  const add = (event: SubmitEvent): void => {
    event.preventDefault();
    const text = typed.trim();
    if (!text) return;
    try {
      parseCondition(text);
      if (!conditions.includes(text)) onChange([...conditions, text]);
      setTyped("");
      setWrong("");
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="conditions">
      {conditions.map((condition) => (
        <span key={condition} className="chip mono">
          {plainText(condition)}
          <button type="button" className="quiet" aria-label={`Remove the condition ${condition}`} onClick={() => onChange(conditions.filter((each) => each !== condition))}>✕</button>
        </span>
      ))}
      <form onSubmit={add}>
        <label htmlFor={id} className="unseen">Add a condition, such as {example}</label>
        <input id={id} className="mono" value={typed} placeholder={`+ ${example}`} onChange={(event) => setTyped(event.target.value)} aria-invalid={wrong !== ""} aria-describedby={wrong ? `${id}-wrong` : undefined} size={Math.max(20, example.length)} />
      </form>
      {wrong && <p id={`${id}-wrong`} className="wrong" role="alert">{wrong}</p>}
    </div>
  );
}
