import { overlayColours, type TrackedFrame, topology } from "mocast-client";
import { drawnHands } from "./drawnHands";
import type { OverlayCanvas } from "./OverlayCanvas";
import { Pen } from "./Pen";

const { white, shade, red } = overlayColours;
const POSE_LINES = Object.values(topology.poseBones).flat();
const POSE_JOINTS = [...Array(topology.POSE_COUNT).keys()];
const HAND_LINES = Object.values(topology.handBones).flat();
const HAND_JOINTS = [...Array(topology.HAND_COUNT).keys()];

/** Red joints and white bones, of the pose and of both hands. A hand takes the place of the pose's rough fingers. */
export function classic(canvas: OverlayCanvas, frame: TrackedFrame): void {
  const { pose } = frame;
  if (pose) {
    const pen = new Pen(canvas);
    const rough = drawnHands.roughFingers(canvas, frame);
    const { confidence } = canvas.settings;
    const joints = pen.place(
      pose.image,
      (landmark) => pose.visibility[landmark] >= confidence && !rough.includes(landmark),
    );
    pen.lines(joints, POSE_LINES, shade, 2, 1);
    pen.lines(joints, POSE_LINES, white, 2);
    pen.dots(joints, POSE_JOINTS, white, 7, 1);
    pen.dots(joints, POSE_JOINTS, red, 7);
  }
  for (const { pen, joints } of drawnHands.placed(canvas, frame)) {
    pen.lines(joints, HAND_LINES, white, 2);
    pen.dots(joints, HAND_JOINTS, red, 5);
  }
}
