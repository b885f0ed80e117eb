import { overlayColours, topology } from "mocast-client";
import type { Joints } from "./Joints";
import type { Pen } from "./Pen";

const CORNERS = 16;

/** Draw an ellipse through the four outer points of each iris; nothing for a face without irises. */
export function drawIrises(pen: Pen, { points, drawn }: Joints): void {
  if (drawn.length < topology.FACE_COUNT) return;
  for (const ring of [topology.irises.right, topology.irises.left]) {
    if (!ring.every((landmark) => drawn[landmark])) continue;
    const [centre, ...ends] = ring.map((landmark) => [points[2 * landmark], points[2 * landmark + 1]]);
    const half = [0, 1].map((axis) => [0, 1].map((end) => (ends[end][axis] - ends[end + 2][axis]) / 2));
    const outline: number[] = [];
    for (let corner = 0; corner < CORNERS; corner += 1) {
      const angle = (corner * 2 * Math.PI) / CORNERS;
      for (const axis of [0, 1])
        outline.push(centre[axis] + Math.cos(angle) * half[axis][0] + Math.sin(angle) * half[axis][1]);
    }
    pen.loop(outline, overlayColours.iris, 1);
  }
}
