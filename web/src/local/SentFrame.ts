/** A picture that was encoded and is being sent. */
export interface SentFrame {
  /** Of its packets, 32 bits, 90 kHz. */
  readonly rtpTimestamp: number;
  /** When it was encoded, in milliseconds since 1970 as `performance` counts them. */
  readonly atMs: number;
}
