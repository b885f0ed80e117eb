import type { Sheet } from "./Sheet";

/** Widths are given in reference pixels, those of a picture whose shorter side has this many. */
const REFERENCE_SIDE = 480;

/** The pixels for a reference pixel on this sheet, times `line_width`. */
export function widthScale({ width, height, settings }: Sheet): number {
  return (settings.line_width * Math.min(width, height)) / REFERENCE_SIDE;
}
