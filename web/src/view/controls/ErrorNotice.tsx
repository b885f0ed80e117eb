import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";

interface Props {
  readonly title: string;
  readonly text: string;
  /** Buttons and links. */
  readonly children: ComponentChildren;
}

/** An error message over what it concerns, with buttons for what can be done. */
export function ErrorNotice({ title, text, children }: Props) {
  return (
    <div class="card notice" role="alert">
      <Icon name="warning" />
      <h2>{title}</h2>
      <p>{text}</p>
      <div class="row">{children}</div>
    </div>
  );
}
