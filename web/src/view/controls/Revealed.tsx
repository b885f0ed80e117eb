import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** What is made and shown once its title is opened. */
export function Revealed({ title, children }: { title: string; children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="revealed" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{title}</summary>
      {isOpen && children}
    </details>
  );
}
