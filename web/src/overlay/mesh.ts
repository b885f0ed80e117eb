import { overlayColours, type TrackedFrame } from "mocast-client";
import faceMesh from "../figure/faceMesh.json";
import { drawIrises } from "./drawIrises";
import type { OverlayCanvas } from "./OverlayCanvas";
import { Pen } from "./Pen";
import { touchedSize } from "./touchedSize";

/** The opacity rises from faint to strong between these two sizes of the face, in pixels. */
const [SMALL_PX, LARGE_PX] = [100, 250];
const [FAINT, STRONG] = [0.4, 0.65];
const WIDTH = 0.5;

const EDGES = edges(faceMesh.triangles);

/** The whole mesh of the face, each edge once, thin and half transparent, and irises. */
export function mesh(canvas: OverlayCanvas, { face }: TrackedFrame): void {
  if (!face) return;
  const { context, settings } = canvas;
  const pen = new Pen(canvas);
  const joints = pen.place(face.image);
  const share = (touchedSize(face.image, canvas) - SMALL_PX) / (LARGE_PX - SMALL_PX);
  const strength = FAINT + Math.min(1, Math.max(0, share)) * (STRONG - FAINT);
  const alpha = context.globalAlpha;
  // On black there is no face to show through.
  context.globalAlpha = alpha * (settings.background === "black" ? STRONG : strength);
  pen.lines(joints, EDGES, overlayColours.mesh, WIDTH);
  context.globalAlpha = alpha;
  drawIrises(pen, joints);
}

/** The sides of triangles, each once, as flat pairs. */
function edges(triangles: readonly number[]): number[] {
  const seen = new Map<number, readonly [number, number]>();
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = triangles.slice(i, i + 3);
    for (const side of [
      [a, b],
      [b, c],
      [a, c],
    ] as const) {
      const [from, to] = side[0] < side[1] ? side : [side[1], side[0]];
      seen.set(from * 1024 + to, [from, to]);
    }
  }
  return [...seen.values()].flat();
}
