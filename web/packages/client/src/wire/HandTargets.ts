/**
 * Where both hands are relative to head, chest, hips and the other hand, in units of the person's own size of each, so that
 * they can be put at the same place of a figure of other proportions (docs/wire-format.md). The left hand comes first.
 */
export interface HandTargets {
  /** 2 × 4 × x, y, z: from the middle of each anchor to the hand's touching point, in the axes of the anchor's bone. */
  readonly offsets: Float32Array;
  /** 2 × 4 × 0..1: 1 where the hand touches the anchor, 0 where it is far and the rotations alone count. */
  readonly nearness: Float32Array;
  /** 2 × 5 × 0..1: the weights of wrist, knuckle, and the tips of thumb, index and middle finger in the touching point. */
  readonly touching: Float32Array;
}
