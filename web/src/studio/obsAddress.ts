import type { AvatarLook } from "./AvatarLook";

/** The address of the room's avatar alone, as OBS shows it: docs/avatars.md. */
export function obsAddress(origin: string, room: string, look: AvatarLook): string {
  const query = new URLSearchParams({ room, framing: look.framing });
  // A picture is in this browser only; OBS has its own to put behind it.
  query.set("background", look.background === "colour" ? look.colour.slice(1) : "transparent");
  query.set("mirror", String(look.mirror));
  return `${origin}/avatar.html?${query}`;
}
