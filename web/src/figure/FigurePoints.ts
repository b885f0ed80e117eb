import { topology } from "mocast-client";

/** Points of a figure in the scene: metres, x right, y up, z toward the viewer; flat x, y, z. NaN: not there. */
export class FigurePoints {
  readonly pose = new Float32Array(topology.POSE_COUNT * 3);
  /** From between the shoulders to between the ears; the pose has no landmarks there. */
  readonly neck = new Float32Array(2 * 3);
  readonly face = new Float32Array(topology.FACE_COUNT * 3);
  readonly leftHand = new Float32Array(topology.HAND_COUNT * 3);
  readonly rightHand = new Float32Array(topology.HAND_COUNT * 3);
}
