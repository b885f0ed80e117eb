/** A pose that a person kept, to be held by a key. */
export interface KeptPose {
  readonly name: string;
  /** What of it is held: arms, hands and fingers, or all but neck, head and eyes. */
  readonly part: "arms" | "body";
  /** 55 quaternions, in the rig's space and order. */
  readonly rotations: readonly number[];
}
