import { drawnWidth } from "./drawnWidth";
import type { Joints } from "./Joints";
import type { OverlayCanvas } from "./OverlayCanvas";
import { personColour } from "./personColour";
import { roundHalfEven } from "./roundHalfEven";
import { widthScale } from "./widthScale";

/** Pixels. Smaller discs have no pixel of their full colour. */
const SMALLEST_DOT = 3;
/** As the server's joints: in sixteenths of a pixel. */
const STEPS = 16;
/** Landmarks are clamped to this many picture sizes outside of the picture. */
const MAX_DRAWN_PICTURES = 2;

/**
 * Draws many lines or dots of one colour in one path, as the server's pen (`rendering/pen.py`) does in one call. Widths
 * are in reference pixels, those of a picture whose shorter side has 480; they scale with the picture's size, the
 * setting `line_width` and `fineness`.
 */
export class Pen {
  private readonly scale: number;

  constructor(
    private readonly canvas: OverlayCanvas,
    fineness = 1,
  ) {
    this.scale = fineness * widthScale(canvas);
  }

  /** Landmarks (x, y, z each, in image space) as joints; `isSure`: which may be drawn, by default all. */
  place(image: Float32Array, isSure: (landmark: number) => boolean = () => true): Joints {
    const count = image.length / 3;
    const points = new Float32Array(2 * count);
    const drawn: boolean[] = [];
    for (let i = 0; i < count; i += 1) {
      const [x, y] = [image[3 * i], image[3 * i + 1]];
      drawn.push(Number.isFinite(x) && Number.isFinite(y) && isSure(i));
      points[2 * i] = placed(x, this.canvas.width);
      points[2 * i + 1] = placed(y, this.canvas.height);
    }
    return { points, drawn, allDrawn: drawn.every(Boolean) };
  }

  /** Draw the bones, flat pairs, whose two joints are drawn, `width` + 2 · `casing` wide. */
  lines(joints: Joints, bones: readonly number[], colour: number, width: number, casing = 0): void {
    const { points, drawn } = joints;
    this.stroke(colour, this.thickness(width, casing), (context) => {
      let last = -1;
      for (let i = 0; i < bones.length; i += 2) {
        const [from, to] = [bones[i], bones[i + 1]];
        if (!drawn[from] || !drawn[to]) continue;
        if (from !== last) context.moveTo(points[2 * from], points[2 * from + 1]);
        context.lineTo(points[2 * to], points[2 * to + 1]);
        last = to;
      }
    });
  }

  /** Draw joints, but for those that are not drawn, as discs. */
  dots(joints: Joints, indices: readonly number[], colour: number, diameter: number, casing = 0): void {
    const { points, drawn } = joints;
    const radius = drawnWidth.disc(Math.max(SMALLEST_DOT, this.thickness(diameter, casing))) / 2;
    const { context } = this.canvas;
    context.beginPath();
    for (const index of indices) {
      if (!drawn[index]) continue;
      const [x, y] = [points[2 * index], points[2 * index + 1]];
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fillStyle = this.css(colour);
    context.fill();
  }

  /** Draw a closed line through points, x and y each. */
  loop(outline: ArrayLike<number>, colour: number, width: number): void {
    this.stroke(colour, this.thickness(width, 0), (context) => {
      context.moveTo(outline[0], outline[1]);
      for (let i = 2; i < outline.length; i += 2) context.lineTo(outline[i], outline[i + 1]);
      context.closePath();
    });
  }

  private stroke(
    colour: number,
    thickness: number,
    trace: (context: OverlayCanvas["context"]) => void,
  ): void {
    const { context } = this.canvas;
    context.beginPath();
    trace(context);
    context.strokeStyle = this.css(colour);
    context.lineWidth = drawnWidth.line(thickness);
    // A line of one pixel has no room for a cap, and the mesh of a face has 1,322 of them.
    context.lineCap = thickness > 1 ? "round" : "butt";
    context.lineJoin = "round";
    context.stroke();
  }

  private css(colour: number): string {
    return `#${personColour(colour, this.canvas.person ?? 0)
      .toString(16)
      .padStart(6, "0")}`;
  }

  private thickness(width: number, casing: number): number {
    const line = Math.max(1, roundHalfEven(width * this.scale));
    return casing ? line + 2 * Math.max(1, roundHalfEven(casing * this.scale)) : line;
  }
}

function placed(share: number, size: number): number {
  const clamped = Math.min(Math.max(share, -MAX_DRAWN_PICTURES), 1 + MAX_DRAWN_PICTURES);
  return Math.round(clamped * size * STEPS) / STEPS;
}
