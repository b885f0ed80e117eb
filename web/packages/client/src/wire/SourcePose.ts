/** As which source of a room's mixer a client feeds it. */
export type PoseSource = "vmc" | "phone" | "microphone";

/** What one source of a mixer says at one moment: only what it knows. Names, units and spaces are those of a rig. */
export interface SourcePose {
  /** x, y, z, w by the bone's name. */
  readonly rotations?: Readonly<Record<string, readonly number[]>>;
  readonly hips?: readonly number[];
  /** 0..1 by ARKit's names. */
  readonly shapes?: Readonly<Record<string, number>>;
  /** 0..1 by VRM's names. */
  readonly expressions?: Readonly<Record<string, number>>;
  readonly gaze?: { readonly yaw_deg: number; readonly pitch_deg: number };
  /** Before the source's own camera. */
  readonly head?: { readonly position: readonly number[]; readonly rotation: readonly number[] };
}
