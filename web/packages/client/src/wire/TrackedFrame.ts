/**
 * What the server found in one frame, as far as its messages arrived.
 *
 * Landmarks are flat arrays of x, y, z; one whose message was lost is NaN. A part is `null` when it was not found, or
 * when nothing of it arrived. *Image* space: x right, y down, 0..1 of the picture's width and height, z on x's scale
 * and negative toward the camera. *World* space: metres, the same directions; its origin is the middle of the hips for
 * the pose and the hand's centre for a hand. Left and right are the subject's, and nothing here is ever mirrored.
 */
export interface TrackedFrame {
  /** Counts the frames that the server received, modulo 2³²; gaps are frames that were dropped. */
  readonly frame: number;
  /** The RTP timestamp of the returned picture: `requestVideoFrameCallback`'s `rtpTimestamp`. */
  readonly pts: number;
  /** Who it is, 0..15; the first person that is tracked is 0. */
  readonly person: number;
  /** Size of the tracked picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether the returned picture is flipped left to right; the landmarks are not. */
  readonly mirrored: boolean;
  /** Time in the tracker. */
  readonly trackingMs: number;
  /** From decoded to tracked. */
  readonly delayMs: number;
  /** Whether all of the frame's messages arrived. */
  readonly isComplete: boolean;
  readonly pose: Pose | null;
  readonly face: Face | null;
  readonly leftHand: Hand | null;
  readonly rightHand: Hand | null;
}

export interface Pose {
  /** 33 × x, y, z in image space. */
  readonly image: Float32Array;
  /** 33 × x, y, z in metres. */
  readonly world: Float32Array;
  /** 33 × 0..1: how likely each landmark is in the picture and not hidden. */
  readonly visibility: Float32Array;
}

export interface Face {
  /** 478 × x, y, z in image space. */
  readonly image: Float32Array;
}

export interface Hand {
  /** 21 × x, y, z in image space. */
  readonly image: Float32Array;
  /** 21 × x, y, z in metres. */
  readonly world: Float32Array;
  /** How sure the network is, 0..1; NaN in the binary format, which does not carry it. */
  readonly score: number;
  /** Whether that is enough for the publisher's `confidence`, so that overlays draw it; true in JSON, which has the score. */
  readonly isSure: boolean;
}
