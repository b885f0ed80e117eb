const BITS_AT_640X480 = 2_000_000;
const PIXELS = 640 * 480;
/** A larger picture is not looked at more closely: what is tracked in it is scaled to the networks' own size. */
const MOST_BITS = 2_500_000;

/**
 * Bits a second that a picture of this size is sent with at most: with more, landmarks are hardly nearer to those of the
 * picture as it was taken (the server's docs/benchmarks.md, "What a camera needs", has the curve).
 */
export function cameraBitrate({ width = 640, height = 480 }: MediaTrackSettings): number {
  return Math.round(Math.min(MOST_BITS, (BITS_AT_640X480 * width * height) / PIXELS));
}
