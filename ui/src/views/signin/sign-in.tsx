// Asks for an API key and tries it; it is kept in this tab alone.

import { type SubmitEvent, useId, useState } from "react";
import { adviceOf } from "../../api/errors";
import { signIn } from "../../api/key";
import { tryKey } from "../../api/operations";
import { Heading } from "../../parts/heading";

export function SignIn({ wasRefused }: { readonly wasRefused: boolean }) {
  const id = useId();
  const [key, setKey] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(wasRefused ? "The key is not good any more: it was revoked, or its time is over." : "");
  const enter = async (): Promise<void> => {
    setBusy(true);
    try {
      await tryKey(key.trim());
      signIn(key);
    } catch (error) {
      const { what, next } = adviceOf(error);
      setWrong(`${what}. ${next}`);
      setBusy(false);
    }
  };
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (key.trim()) void enter();
  };
  return (
    <div className="sign-in">
      <Heading title="Sign in" />
      <form className="card" onSubmit={onSubmit}>
        <div className="card-body stack">
          <p>This server wants to know who asks. Whoever runs it makes keys with <code>artifactd key create</code>.</p>
          <label htmlFor={id}>API key or token</label>
          <input id={id} className="mono" type="password" autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} aria-invalid={wrong !== ""} aria-describedby={wrong ? `${id}-wrong` : undefined} autoFocus />
          {wrong && <p id={`${id}-wrong`} className="wrong" role="alert">{wrong}</p>}
          <p><button type="submit" className="primary" disabled={isBusy || !key.trim()}>{isBusy ? "Trying…" : "Sign in"}</button></p>
          <p className="faint">The key stays in this tab and goes when you close it or sign out.</p>
        </div>
      </form>
    </div>
  );
}
