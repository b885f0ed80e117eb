import { overlayColours, type TrackedFrame, topology } from "mocast-client";
import { drawnHands } from "./drawnHands";
import type { Joints } from "./Joints";
import type { OverlayCanvas } from "./OverlayCanvas";
import { Pen } from "./Pen";

const { head, leftArm, leftLeg, rightArm, rightLeg, shade, torso } = overlayColours;
const { poseBones } = topology;
const BONES: readonly (readonly [readonly number[], number])[] = [
  [poseBones.torso, torso],
  [poseBones.leftLeg, leftLeg],
  [poseBones.rightLeg, rightLeg],
  [[...poseBones.leftArm, ...poseBones.leftPalm], leftArm],
  [[...poseBones.rightArm, ...poseBones.rightPalm], rightArm],
];
const ALL_BONES = BONES.flatMap(([bones]) => bones);
/** Each side's joints are every second landmark, of the arms from the shoulders on, of the legs from the hips. */
const JOINTS: readonly (readonly [readonly number[], number])[] = [
  [everySecond(topology.LEFT_HIP, topology.POSE_COUNT), leftLeg],
  [everySecond(topology.RIGHT_HIP, topology.POSE_COUNT), rightLeg],
  [everySecond(topology.LEFT_SHOULDER, topology.LEFT_HIP), leftArm],
  [everySecond(topology.RIGHT_SHOULDER, topology.RIGHT_HIP), rightArm],
];
const ALL_JOINTS = JOINTS.flatMap(([joints]) => joints);
const HEAD_JOINTS = [...Array(topology.LEFT_SHOULDER).keys()];
/** Factor of the line width at the head, whose eleven joints are closer together than those of the body. */
const HEAD_FINENESS = 0.6;
const WIDTH = 3;
const DIAMETER = 7;

/** The pose in colours by part of the body; head and fingers only where no other overlay draws them in detail. */
export function limbs(canvas: OverlayCanvas, frame: TrackedFrame): void {
  const { pose } = frame;
  if (!pose) return;
  const pen = new Pen(canvas);
  const isHidden = hidden(canvas, frame);
  const { confidence } = canvas.settings;
  const joints = pen.place(
    pose.image,
    (landmark) => pose.visibility[landmark] >= confidence && !isHidden(landmark),
  );
  pen.lines(joints, ALL_BONES, shade, WIDTH, 1);
  for (const [bones, colour] of BONES) pen.lines(joints, bones, colour, WIDTH);
  pen.dots(joints, ALL_JOINTS, shade, DIAMETER, 1);
  for (const [indices, colour] of JOINTS) pen.dots(joints, indices, colour, DIAMETER);
  drawHead(new Pen(canvas, HEAD_FINENESS), joints);
}

function drawHead(pen: Pen, joints: Joints): void {
  pen.lines(joints, poseBones.head, shade, WIDTH, 1);
  pen.lines(joints, poseBones.head, head, WIDTH);
  pen.dots(joints, HEAD_JOINTS, shade, DIAMETER, 1);
  pen.dots(joints, HEAD_JOINTS, head, DIAMETER);
}

/** Which landmarks another overlay draws in detail. */
function hidden(canvas: OverlayCanvas, frame: TrackedFrame): (landmark: number) => boolean {
  const { overlay } = canvas.settings;
  const hasFace = frame.face !== null && (overlay.includes("mesh") || overlay.includes("contours"));
  const hasHands = overlay.includes("rainbow") || overlay.includes("classic");
  const rough = hasHands ? drawnHands.roughFingers(canvas, frame) : [];
  return (landmark) => (hasFace && landmark < topology.LEFT_SHOULDER) || rough.includes(landmark);
}

function everySecond(first: number, end: number): number[] {
  return Array.from({ length: Math.ceil((end - first) / 2) }, (_, at) => first + 2 * at);
}
