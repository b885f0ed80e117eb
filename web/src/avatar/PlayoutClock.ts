/** Between two frames until measured: 30 fps. */
const FIRST_INTERVAL_MS = 33;
const LONGEST_INTERVAL_MS = 120;
/** Jitter beyond this is a stall, for which no delay is added in advance. */
const LONGEST_JITTER_MS = 100;
/** Time constant with which measured jitter decays: a shorter delay is worth more than a rare hitch. */
const JITTER_FADE_MS = 2000;
/** How much faster or slower than real time the clock may run: invisible in a motion. */
const RATE_CHANGE = 0.12;
/** Above this error, of a stall or another source, the clock jumps. */
const JUMP_MS = 250;
/** The least transit time is taken over this window, so that it can grow when the path becomes longer. */
const WINDOW_MS = 4000;

/**
 * Maps the display's time to the capture time to show.
 *
 * It stays behind the newest message by one frame's interval, so that there are two frames to interpolate between, and by
 * the recent jitter of the messages. It never runs backward, and changes its rate only a little.
 */
export class PlayoutClock {
  private intervalMs = FIRST_INTERVAL_MS;
  private jitterMs = 0;
  /** The least transit time (arrival minus capture) of the present and of the previous half of the window. */
  private least = Number.POSITIVE_INFINITY;
  private leastBefore = Number.POSITIVE_INFINITY;
  private halfBeganAtMs = 0;
  private arrivedAtMs = 0;
  private newestMs = Number.NEGATIVE_INFINITY;
  private shownMs = Number.NaN;
  private readAtMs = 0;

  /** How far it aims to stay behind the earliest possible time. */
  get delayMs(): number {
    return this.intervalMs + this.jitterMs;
  }

  reset(): void {
    this.intervalMs = FIRST_INTERVAL_MS;
    this.jitterMs = 0;
    this.least = this.leastBefore = Number.POSITIVE_INFINITY;
    this.newestMs = Number.NEGATIVE_INFINITY;
    this.shownMs = Number.NaN;
  }

  /** A message about the capture time `captureMs` arrived at `nowMs`. */
  onMessage(captureMs: number, nowMs: number): void {
    const transitMs = nowMs - captureMs;
    if (this.least === Number.POSITIVE_INFINITY) this.halfBeganAtMs = this.arrivedAtMs = nowMs;
    if (nowMs - this.halfBeganAtMs > WINDOW_MS / 2) {
      this.leastBefore = this.least;
      this.least = transitMs;
      this.halfBeganAtMs = nowMs;
    }
    this.least = Math.min(this.least, transitMs);
    const lateMs = Math.min(transitMs - this.earliest, LONGEST_JITTER_MS);
    const faded = this.jitterMs * Math.exp((this.arrivedAtMs - nowMs) / JITTER_FADE_MS);
    this.jitterMs = Math.max(lateMs, faded);
    this.arrivedAtMs = nowMs;
    this.measureInterval(captureMs);
  }

  /** The capture time to show at `nowMs`; NaN before the first message. */
  read(nowMs: number): number {
    const aimMs = nowMs - this.earliest - this.delayMs;
    const elapsedMs = nowMs - this.readAtMs;
    this.readAtMs = nowMs;
    if (!Number.isFinite(aimMs)) return Number.NaN;
    const expectedMs = this.shownMs + elapsedMs;
    // NaN: the first reading.
    if (!(Math.abs(aimMs - expectedMs) <= JUMP_MS)) {
      this.shownMs = aimMs;
      return aimMs;
    }
    const most = elapsedMs * RATE_CHANGE;
    this.shownMs = expectedMs + Math.min(most, Math.max(-most, aimMs - expectedMs));
    return this.shownMs;
  }

  private get earliest(): number {
    return Math.min(this.least, this.leastBefore);
  }

  private measureInterval(captureMs: number): void {
    const gapMs = captureMs - this.newestMs;
    if (gapMs > 0 && gapMs <= LONGEST_INTERVAL_MS) this.intervalMs += (gapMs - this.intervalMs) * 0.1;
    this.newestMs = Math.max(this.newestMs, captureMs);
  }
}
