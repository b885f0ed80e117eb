import type { OverlayCanvas } from "./OverlayCanvas";

/** Widths are given in reference pixels, those of a picture whose shorter side has this many. */
const REFERENCE_SIDE = 480;

/** The pixels for a reference pixel on this canvas, times `line_width`. */
export function widthScale({ width, height, settings }: OverlayCanvas): number {
  return (settings.line_width * Math.min(width, height)) / REFERENCE_SIDE;
}
