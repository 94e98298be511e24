// Copies a text, and says so.

import { useEffect, useState } from "react";

const SAID_MS = 1_600;

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page is not served safely there is no clipboard: the text can be marked by hand.
    return false;
  }
}

export function CopyButton({ text, label, children }: { readonly text: string; readonly label: string; readonly children?: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = window.setTimeout(() => setSaid(""), SAID_MS);
    return () => window.clearTimeout(timer);
  }, [said]);
  const copy = (): void => void write(text).then((done) => setSaid(done ? "Copied" : "Mark the text and copy it by hand"));
  return (
    <button type="button" className="quiet small copy" onClick={copy} aria-label={said || label} title={label}>
      <span aria-live="polite">{said || (children ?? "Copy")}</span>
    </button>
  );
}

/** Lines of code that can be copied whole. */
export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="code">
      <pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
      <CopyButton text={text} label={`Copy ${label}`} />
    </div>
  );
}

/** An id in whole or in short, which can be copied. */
export function Id({ id, what }: { readonly id: string; readonly what: string }) {
  return (
    <span className="id">
      <span className="mono wraps">{id}</span> <CopyButton text={id} label={`Copy the ${what}'s id`} />
    </span>
  );
}
