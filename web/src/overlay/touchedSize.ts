import { FREE_ROWS } from "./freeRows";
import type { OverlayCanvas } from "./OverlayCanvas";
import { widthScale } from "./widthScale";

/** Largest line width in reference pixels, outline (casing) included. */
const WIDEST = 10;

/** The longer side, in pixels, of the box of the picture that drawing these landmarks may change; 0 for none. */
export function touchedSize(image: Float32Array, canvas: OverlayCanvas): number {
  const margin = 3 + WIDEST * widthScale(canvas);
  const [across, down] = [extent(image, 0, canvas.width), extent(image, 1, canvas.height)];
  const width = Math.min(across.most + margin, canvas.width) - Math.max(0, across.least - margin);
  const height = Math.min(down.most + margin, canvas.height) - Math.max(FREE_ROWS, down.least - margin);
  return width > 0 && height > 0 ? Math.max(Math.ceil(width), Math.ceil(height)) : 0;
}

function extent(image: Float32Array, axis: number, size: number): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = axis; i < image.length; i += 3) {
    if (!Number.isFinite(image[i])) continue;
    const pixel = Math.min(1, Math.max(0, image[i])) * size;
    least = Math.min(least, pixel);
    most = Math.max(most, pixel);
  }
  return { least, most };
}
