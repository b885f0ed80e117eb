/** The tracker loses hands and faces for a frame or two now and then; nothing is let go for that. */
const PATIENCE_MS = 250;
const COME_MS = 300;
const GO_MS = 900;

/** How much a part follows the subject, 0..1: it eases in when the part is found and out when it is lost for a while. */
export class TrackingWeight {
  private share = 0;
  private foundAtMs = Number.NEGATIVE_INFINITY;

  /** Smooth at both ends, so that nothing starts or stops with a jerk. */
  get weight(): number {
    return this.share * this.share * (3 - 2 * this.share);
  }

  advance(isFound: boolean, nowMs: number, elapsedMs: number): void {
    if (isFound) this.foundAtMs = nowMs;
    const isHere = nowMs - this.foundAtMs <= PATIENCE_MS;
    const step = isHere ? elapsedMs / COME_MS : -elapsedMs / GO_MS;
    this.share = Math.min(1, Math.max(0, this.share + step));
  }
}
