import { overlayColours, type TrackedFrame, topology } from "mocast-client";
import { drawnHands } from "./drawnHands";
import type { OverlayCanvas } from "./OverlayCanvas";

const { white, shade, thumb, index, middle, ring, little } = overlayColours;
const { handBones } = topology;
const BONES: readonly (readonly [readonly number[], number])[] = [
  [handBones.palm, white],
  [handBones.thumb, thumb],
  [handBones.index, index],
  [handBones.middle, middle],
  [handBones.ring, ring],
  [handBones.little, little],
];
const ALL_BONES = BONES.flatMap(([bones]) => bones);
const JOINTS = [...Array(topology.HAND_COUNT).keys()];
const WIDTH = 3;
const DIAMETER = 4;

/** Both hands with a colour for each finger, white joints and a white palm. */
export function rainbow(canvas: OverlayCanvas, frame: TrackedFrame): void {
  for (const { pen, joints } of drawnHands.placed(canvas, frame)) {
    pen.lines(joints, ALL_BONES, shade, WIDTH, 1);
    for (const [bones, colour] of BONES) pen.lines(joints, bones, colour, WIDTH);
    pen.dots(joints, JOINTS, white, DIAMETER);
  }
}
