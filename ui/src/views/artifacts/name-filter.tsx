// Narrows a list to names that hold a text, a moment after it was typed.

import { useEffect, useId, useRef, useState } from "react";

const WAIT_MS = 300;

export function NameFilter({ name, onChange }: { readonly name: string; readonly onChange: (name: string) => void }) {
  const id = useId();
  const [typed, setTyped] = useState(name);
  const [known, setKnown] = useState(name);
  const tell = useRef(onChange);
  if (known !== name) {
    // The address says another name: somebody went back, or cleared it.
    setKnown(name);
    setTyped(name);
  }
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    if (typed === name) return;
    const timer = window.setTimeout(() => tell.current(typed), WAIT_MS);
    return () => window.clearTimeout(timer);
  }, [typed, name]);
  return (
    <span className="field">
      <label htmlFor={id} className="unseen">Name holds</label>
      <input id={id} value={typed} placeholder="Name holds…" onChange={(event) => setTyped(event.target.value)} />
    </span>
  );
}
