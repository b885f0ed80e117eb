import type { Background } from "./Background";

/** Paints what is behind the avatar as the canvas's own style: it costs the render loop nothing. */
export class Backdrop {
  constructor(private readonly element: HTMLElement) {}

  set(background: Background): void {
    const { style } = this.element;
    style.backgroundColor = background.kind === "colour" ? background.colour : "transparent";
    style.backgroundImage = background.kind === "picture" ? `url(${JSON.stringify(background.url)})` : "none";
    style.backgroundSize = "cover";
    style.backgroundPosition = "center";
  }
}
