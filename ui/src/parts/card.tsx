// A titled part of a view, and a list of facts.

import { type ReactNode, useId } from "react";

interface CardProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly flush?: boolean;
}

/** `flush` lets what is inside reach the edges. */
export function Card({ title, note, actions, children, flush = false }: CardProps) {
  const id = useId();
  return (
    <section className={flush ? "card flush" : "card"} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <span className="faint">{note}</span>}
        <span className="grow" />
        {actions}
      </header>
      <div className="card-body">{children}</div>
    </section>
  );
}

/** Facts by name; those that are unset are left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  const told = facts.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return (
    <dl className="facts">
      {told.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
