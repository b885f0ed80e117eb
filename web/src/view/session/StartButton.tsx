import type { ComponentChildren } from "preact";
import type { LiveController } from "../../state/LiveController";

interface Props {
  readonly live: LiveController;
  readonly isLarge?: boolean;
  readonly children: ComponentChildren;
}

/** Starts the session from over a stage, where it is gone once that is done: the toolbar's button has the focus then. */
export function StartButton({ live, isLarge, children }: Props) {
  const start = (button: Element) => {
    button.closest("[role=tabpanel]")?.querySelector<HTMLElement>(".toolbar button")?.focus();
    void live.start();
  };
  return (
    <button
      type="button"
      class={`button is-primary ${isLarge ? "is-large" : ""}`}
      onClick={({ currentTarget }) => start(currentTarget)}
    >
      {children}
    </button>
  );
}
