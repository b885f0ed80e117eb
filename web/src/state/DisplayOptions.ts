import type { LightPreset } from "../avatar/LightPreset";

/** How the avatar is shown on this page; the address for OBS has the same options. */
export interface DisplayOptions {
  readonly framing: "face" | "bust" | "full";
  readonly background: "transparent" | "colour" | "picture";
  /** As `#rrggbb`. */
  readonly colour: string;
  readonly mirror: boolean;
  /** Whether its eyes look at whoever watches, in place of where the person's look. */
  readonly looksAtCamera: boolean;
  readonly light: LightPreset;
  /** Whether the light has the colour of the camera's picture. */
  readonly matchesRoom: boolean;
  /** How strongly it blows: 0 (none) to 1. */
  readonly wind: number;
  /** Whose avatar is shown, where several people are tracked: 0 to 3; `null`: everybody's. */
  readonly person: number | null;
  /** Whether the camera's picture is shown small in a corner. */
  readonly inset: boolean;
}

/** Mirrored, as people who see themselves expect; the green is the usual one of chroma keys. */
export const defaultDisplayOptions: DisplayOptions = {
  framing: "bust",
  background: "transparent",
  colour: "#00b140",
  mirror: true,
  looksAtCamera: false,
  light: "soft",
  matchesRoom: false,
  wind: 0,
  person: null,
  inset: true,
};
