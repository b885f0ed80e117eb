import type { Vector3 } from "three";

/** What arms keep out of: a capsule; a ball where its ends are one point. */
export interface CapsuleShape {
  /** 0..5: hips, spine, chest, upper chest, neck or head, whose joint the ends are relative to. */
  readonly at: number;
  readonly start: Vector3;
  readonly end: Vector3;
  readonly radius: number;
}

/** How long an avatar's bones are, and how large its head, chest and hips; metres, in the rig's space at rest. */
export interface Proportions {
  /** 55: each joint relative to its parent's; the hips' from the origin on the floor. The order is `rigNames.bones`. */
  readonly offsets: readonly Vector3[];
  /** The middles of head, chest and hips, relative to the joints of head, upper chest and hips (docs/wire-format.md)... */
  readonly middles: readonly Vector3[];
  /** ...and half their width, height and depth. */
  readonly sizes: readonly Vector3[];
  /** The length of a hand, from the wrist to the root of the middle finger. */
  readonly handLength: number;
  readonly capsules: readonly CapsuleShape[];
}
