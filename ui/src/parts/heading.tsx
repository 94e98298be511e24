// The head of a view: its title, which is also the tab's.

import { type ReactNode, useEffect } from "react";

interface HeadingProps {
  readonly title: string;
  readonly above?: ReactNode;
  readonly children?: ReactNode;
}

export function Heading({ title, above, children }: HeadingProps) {
  useEffect(() => {
    document.title = `${title} · artifactd`;
  }, [title]);
  return (
    <header className="heading">
      {above !== undefined && <div className="above faint">{above}</div>}
      <div className="heading-row">
        <h1 className="wraps">{title}</h1>
        {children}
      </div>
    </header>
  );
}
