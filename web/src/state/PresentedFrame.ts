import type { TrackedFrame } from "mocast-client";

/** The picture on the screen, with the landmarks that belong to it. */
export interface PresentedFrame {
  /** Of the returned picture; `null` in browsers that do not tell. */
  readonly rtpTimestamp: number | null;
  /** Seconds on the video element's clock. */
  readonly mediaTime: number;
  /** The frame whose `pts` is the picture's; `null` where its landmarks did not arrive. */
  readonly frame: TrackedFrame | null;
}
