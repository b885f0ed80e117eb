/** How the avatar is shown on this page; the address for OBS carries the same. */
export interface AvatarLook {
  readonly framing: "face" | "bust" | "full";
  readonly background: "transparent" | "colour" | "picture";
  /** As `#rrggbb`. */
  readonly colour: string;
  readonly mirror: boolean;
  /** Whether one's own picture is shown small in a corner. */
  readonly inset: boolean;
}

/** Mirrored, as who sees themselves expects; the green is what keyers expect. */
export const defaultLook: AvatarLook = {
  framing: "bust",
  background: "transparent",
  colour: "#00b140",
  mirror: true,
  inset: true,
};
