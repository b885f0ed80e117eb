/** A picture of the camera that was sent: under which RTP timestamp, and when it came. */
export interface SentPicture {
  /** Of its packets, 32 bits, 90 kHz. */
  readonly rtpTimestamp: number;
  /** The camera's, in microseconds: `VideoFrame.timestamp`, which each reader of a track gets rounded by itself. */
  readonly timestamp: number;
  /** When the camera's picture came, in milliseconds since 1970 as `performance` counts them. */
  readonly capturedAtMs: number;
}
