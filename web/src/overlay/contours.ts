import { overlayColours, type TrackedFrame } from "mocast-client";
import faceMesh from "../figure/faceMesh.json";
import { drawIrises } from "./drawIrises";
import type { OverlayCanvas } from "./OverlayCanvas";
import { Pen } from "./Pen";

const { lines } = faceMesh;
const PARTS: readonly (readonly [readonly number[], number])[] = [
  [[...lines.face_oval, ...lines.nose], overlayColours.faceLine],
  [lines.lips, overlayColours.lips],
  [[...lines.left_eye, ...lines.left_eyebrow], overlayColours.leftArm],
  [[...lines.right_eye, ...lines.right_eyebrow], overlayColours.rightArm],
];
const WIDTH = 1;

/** The face's oval, brows, eyes, nose and lips, the subject's left eye warm and right eye cold, and irises. */
export function contours(canvas: OverlayCanvas, { face }: TrackedFrame): void {
  if (!face) return;
  const pen = new Pen(canvas);
  const joints = pen.place(face.image);
  for (const [bones, colour] of PARTS) pen.lines(joints, bones, colour, WIDTH);
  drawIrises(pen, joints);
}
