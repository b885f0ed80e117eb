import { FREE_ROWS } from "./freeRows";
import type { OverlayCanvas } from "./OverlayCanvas";

/** The brightness that is left behind the text. */
const PLATE = 0.3;
const MARGIN = 6;
const BASELINE = 14;
const FONT = "13px sans-serif";

/** Draw text on the top rows of the picture. */
export function drawHud({ context, width }: OverlayCanvas, text: string): void {
  context.font = FONT;
  const room = width - 2 * MARGIN;
  const wide = Math.min(room, context.measureText(text).width);
  context.fillStyle = `rgb(0 0 0 / ${1 - PLATE})`;
  context.fillRect(0, 0, wide + 2 * MARGIN, FREE_ROWS);
  context.fillStyle = "#fff";
  context.fillText(text, MARGIN, BASELINE, room);
}
