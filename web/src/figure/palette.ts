import { overlayColours } from "mocast-client";

/** The colours of the figure: those of the server's overlays, so that it looks like the person in the picture. */
export const palette = { ...overlayColours, palm: overlayColours.white, face: 0xdfe6ee } as const;
