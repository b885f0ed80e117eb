import type { HandTargets } from "./HandTargets";

/**
 * The rig of one tracked frame (docs/wire-format.md). The parsers overwrite one object with each message, so that nothing
 * is allocated; copy what is to be stored.
 *
 * Space: VRM 1.0's: right-handed, metres, Y up, the avatar faces +Z and its left is +X. Left and right are the
 * subject's; nothing here is ever mirrored.
 */
export interface RigFrame {
  /** Counts the frames that the server received, modulo 2³². */
  frame: number;
  /** The frame's RTP timestamp, 90 kHz, modulo 2³². */
  pts: number;
  /** Whose rig it is, 0..15; the first person that is tracked is 0. */
  person: number;
  /** From decoded to rigged. */
  delayMs: number;
  /** Which parts of the subject are followed at present. */
  readonly found: { body: boolean; face: boolean; leftHand: boolean; rightHand: boolean; halfBody: boolean };
  /** x, y, z in metres, of a skeleton whose hips rest at (0, 0.9, 0). */
  readonly hips: Float32Array;
  /** 55 × x, y, z, w relative to the parent bone, the identity in the T-pose; the order is `rigNames.bones`. */
  readonly rotations: Float32Array;
  /** 52 × 0..1; the order is `rigNames.shapes`. */
  readonly shapes: Float32Array;
  /** 12 × 0..1; the order is `rigNames.expressions`. */
  readonly expressions: Float32Array;
  /** Where the eyes look relative to the head, degrees: yaw, positive to the subject's left, and pitch, up. */
  readonly gazeDeg: Float32Array;
  /** Whether `head` holds a pose: it does while a face is seen. */
  hasHead: boolean;
  /** The head as the camera sees it: position in metres (x to the subject's left, y up, z the distance), x y z w. */
  readonly head: { readonly position: Float32Array; readonly rotation: Float32Array };
  /** Whether the feet stand on the floor, and so stay where they are. */
  readonly planted: { left: boolean; right: boolean };
  /** Where the hands are relative to the body, for figures of other proportions; nothing is near where a server tells none. */
  readonly handTargets: HandTargets;
}
