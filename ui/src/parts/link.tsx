// Links: within the page, and to what an artifact's URI says.

import type { MouseEvent, ReactNode } from "react";
import { linkOf, plainText } from "../format/texts";
import { inNamespace, useNamespace } from "../state/namespace";
import { navigate } from "../state/router";

interface LinkProps {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly current?: boolean;
  readonly label?: string;
}

/** A link within the page. It is a real one: it can be opened in a new tab and copied. */
export function Link({ to, children, className, current, label }: LinkProps) {
  const target = inNamespace(to, useNamespace());
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(target);
  };
  return (
    <a href={target} onClick={follow} className={className} aria-current={current ? "page" : undefined} aria-label={label}>
      {children}
    </a>
  );
}

/** A text that may be an address: a link where it is one that may be opened, else the text. */
export function Address({ text }: { readonly text: string }) {
  const target = linkOf(text);
  const shown = plainText(text);
  if (target === null) return <span className="mono wraps">{shown}</span>;
  return (
    <a className="mono wraps" href={target} rel="noopener noreferrer" target="_blank">
      {shown}
    </a>
  );
}
