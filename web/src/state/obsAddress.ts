import type { DisplayOptions } from "./DisplayOptions";

/** The address of the room's avatar alone, as OBS shows it: docs/avatars.md. `page`: the address of this page; `tint`: the light's colour. */
export function obsAddress(page: string, room: string, display: DisplayOptions, tint = "#ffffff"): string {
  const query = new URLSearchParams({ room, framing: display.framing });
  // A picture is in this browser only; OBS has its own to put behind it.
  query.set("background", display.background === "colour" ? display.colour.slice(1) : "transparent");
  query.set("mirror", String(display.mirror));
  if (display.looksAtCamera) query.set("look", "true");
  if (display.light !== "soft") query.set("light", display.light);
  if (tint !== "#ffffff") query.set("tint", tint.slice(1));
  if (display.wind > 0) query.set("wind", String(display.wind));
  return new URL(`avatar.html?${query}`, page).href;
}
