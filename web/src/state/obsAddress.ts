import type { DisplayOptions } from "./DisplayOptions";

/** The address of the room's avatar alone, as OBS shows it: docs/avatars.md. `page`: the address of this page. */
export function obsAddress(page: string, room: string, display: DisplayOptions): string {
  const query = new URLSearchParams({ room, framing: display.framing });
  // A picture is in this browser only; OBS has its own to put behind it.
  query.set("background", display.background === "colour" ? display.colour.slice(1) : "transparent");
  query.set("mirror", String(display.mirror));
  if (display.looksAtCamera) query.set("look", "true");
  return new URL(`avatar.html?${query}`, page).href;
}
