import type { Background } from "./Background";

/** Paint what is behind the avatar, as the style of its element. */
export function paintBackground({ style }: HTMLElement, background: Background): void {
  style.backgroundColor = background.kind === "colour" ? background.colour : "transparent";
  style.backgroundImage = background.kind === "picture" ? `url(${JSON.stringify(background.url)})` : "none";
  style.backgroundSize = "cover";
  style.backgroundPosition = "center";
}
