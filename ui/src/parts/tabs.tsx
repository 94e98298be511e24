// Tabs: one of several panels, moved through by the arrow keys.

import { type KeyboardEvent, type ReactNode, useId } from "react";

export interface Tab<Name extends string> {
  readonly name: Name;
  readonly title: string;
  readonly panel: () => ReactNode;
}

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Name>[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) {
  const id = useId();
  const current = tabs.find((tab) => tab.name === chosen) ?? tabs[0];
  const onKey = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = STEPS[event.key];
    if (step === undefined || !current) return;
    const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onChoose(next.name);
    document.getElementById(`${id}-${next.name}`)?.focus();
  };
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button key={tab.name} id={`${id}-${tab.name}`} type="button" role="tab" aria-selected={tab === current} aria-controls={`${id}-panel`} tabIndex={tab === current ? 0 : -1} onClick={() => onChoose(tab.name)}>
            {tab.title}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={current && `${id}-${current.name}`}>
        {current?.panel()}
      </div>
    </>
  );
}
