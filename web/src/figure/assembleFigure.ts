import { type Face, type Hand, type Pose, type TrackedFrame, topology } from "mocast-client";
import type { FigurePoints } from "./FigurePoints";

/** Between the outer corners of an adult's eyes; the face's own landmarks have no scale. */
const EYE_TO_EYE_M = 0.09;

/** The picture's height at arm's length of a camera on a desk. A hand's own size would tell it, but jumps with each frame. */
const PICTURE_HEIGHT_M = 0.8;

const POSE_ANCHORS = [
  topology.NOSE,
  topology.LEFT_EYE_OUTER,
  topology.RIGHT_EYE_OUTER,
  topology.MOUTH_LEFT,
  topology.MOUTH_RIGHT,
];
const FACE_ANCHORS = [
  topology.FACE_NOSE,
  topology.FACE_LEFT_EYE_OUTER,
  topology.FACE_RIGHT_EYE_OUTER,
  topology.FACE_MOUTH_LEFT,
  topology.FACE_MOUTH_RIGHT,
];

const offset = new Float32Array(3);
const anchor = new Float32Array(3);

/**
 * Assemble a frame's parts into one figure, in place: hands at the wrists, the face at the head.
 *
 * The parts come in spaces of their own: pose and hands in metres, each around its own centre, the face in the
 * picture's. Without a pose, hands and face go where the picture has them. A mirrored picture gets a mirrored figure.
 */
export function assembleFigure(frame: TrackedFrame, into: FigurePoints): void {
  const side = frame.mirrored ? -1 : 1;
  if (frame.pose) placePose(frame.pose, side, into.pose);
  else into.pose.fill(Number.NaN);
  placeNeck(into);
  placeFace(frame, frame.face, side, into);
  placeHand(frame, frame.leftHand, topology.LEFT_WRIST, side, into.pose, into.leftHand);
  placeHand(frame, frame.rightHand, topology.RIGHT_WRIST, side, into.pose, into.rightHand);
}

function placePose(pose: Pose, side: number, into: Float32Array): void {
  for (let at = 0; at < into.length; at += 3) {
    into[at] = pose.world[at] * side;
    into[at + 1] = -pose.world[at + 1];
    into[at + 2] = -pose.world[at + 2];
  }
}

function placeNeck({ pose, neck }: FigurePoints): void {
  for (let axis = 0; axis < 3; axis += 1) {
    neck[axis] = (pose[topology.LEFT_SHOULDER * 3 + axis] + pose[topology.RIGHT_SHOULDER * 3 + axis]) / 2;
    neck[axis + 3] = (pose[topology.LEFT_EAR * 3 + axis] + pose[topology.RIGHT_EAR * 3 + axis]) / 2;
  }
}

function placeFace(frame: TrackedFrame, face: Face | null, side: number, into: FigurePoints): void {
  if (!face) {
    into.face.fill(Number.NaN);
    return;
  }
  const metres = EYE_TO_EYE_M / imageDistance(frame, face.image, FACE_ANCHORS[1], FACE_ANCHORS[2]);
  fromImage(frame, face.image, metres, side, into.face);
  if (frame.pose) mean(into.pose, POSE_ANCHORS, anchor);
  else anchor.fill(0);
  mean(into.face, FACE_ANCHORS, offset);
  shift(into.face, anchor, offset);
}

function placeHand(
  frame: TrackedFrame,
  hand: Hand | null,
  wrist: number,
  side: number,
  pose: Float32Array,
  into: Float32Array,
): void {
  if (!hand) {
    into.fill(Number.NaN);
    return;
  }
  for (let at = 0; at < into.length; at += 3) {
    into[at] = hand.world[at] * side;
    into[at + 1] = -hand.world[at + 1];
    into[at + 2] = -hand.world[at + 2];
  }
  if (frame.pose) anchor.set(pose.subarray(wrist * 3, wrist * 3 + 3));
  else wristInPicture(frame, hand, side);
  offset.set(into.subarray(0, 3));
  shift(into, anchor, offset);
}

/** Where the picture has the wrist, into `anchor`. */
function wristInPicture(frame: TrackedFrame, hand: Hand, side: number): void {
  const metres = PICTURE_HEIGHT_M / frame.height;
  anchor[0] = (hand.image[0] - 0.5) * frame.width * metres * side;
  anchor[1] = (0.5 - hand.image[1]) * PICTURE_HEIGHT_M;
  anchor[2] = 0;
}

function fromImage(
  frame: TrackedFrame,
  image: Float32Array,
  metres: number,
  side: number,
  into: Float32Array,
): void {
  for (let at = 0; at < into.length; at += 3) {
    into[at] = (image[at] - 0.5) * frame.width * metres * side;
    into[at + 1] = (0.5 - image[at + 1]) * frame.height * metres;
    // On x's scale: see the image space.
    into[at + 2] = -image[at + 2] * frame.width * metres;
  }
}

/** In pixels, depth included. */
function imageDistance(frame: TrackedFrame, image: Float32Array, one: number, other: number): number {
  return Math.hypot(
    (image[one * 3] - image[other * 3]) * frame.width,
    (image[one * 3 + 1] - image[other * 3 + 1]) * frame.height,
    (image[one * 3 + 2] - image[other * 3 + 2]) * frame.width,
  );
}

function mean(points: Float32Array, of: readonly number[], into: Float32Array): void {
  into.fill(0);
  for (const point of of)
    for (let axis = 0; axis < 3; axis += 1) into[axis] += points[point * 3 + axis] / of.length;
}

function shift(points: Float32Array, to: Float32Array, from: Float32Array): void {
  for (let at = 0; at < points.length; at += 1) points[at] += to[at % 3] - from[at % 3];
}
