// A dialog over the page; the browser keeps the focus inside and closes it by Escape.

import { type ReactNode, useEffect, useId, useRef } from "react";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (!dialog?.open) dialog?.showModal();
  }, []);
  return (
    <dialog ref={box} aria-labelledby={id} onClose={onClose}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        <span className="grow" />
        <button type="button" className="quiet" aria-label="Close" onClick={() => box.current?.close()}>✕</button>
      </header>
      {children}
    </dialog>
  );
}
