/** Between two frames until measured: 30 fps. */
const FIRST_INTERVAL_MS = 33;
const LONGEST_INTERVAL_MS = 120;
/** Later than this behind the earliest, a message is a stall, which no one wants to wait for in advance. */
const LONGEST_JITTER_MS = 100;
/** A burst of lateness is forgotten within seconds: a shorter delay is worth more than a rare hitch. */
const JITTER_FADE_MS = 2000;
/** How fast the clock may run to catch up, or slow down to wait: not seen in a motion. */
const RATE_CHANGE = 0.12;
/** An error above this is not made up for by running faster: a stall or another source. */
const JUMP_MS = 250;
/** The earliest arrival is looked for in this long a past, so that a path that became longer is believed. */
const WINDOW_MS = 4000;

/**
 * Says which moment of the capture is to be shown at which moment of the display.
 *
 * It stays behind the newest message by one frame's interval, so that there are two frames to show something between,
 * and by how much later than the earliest the messages have come of late. It only runs forward, and steadily.
 */
export class PlayoutClock {
  private intervalMs = FIRST_INTERVAL_MS;
  private jitterMs = 0;
  /** The least of arrival minus capture time, in the present and in the previous half of the window. */
  private least = Number.POSITIVE_INFINITY;
  private leastBefore = Number.POSITIVE_INFINITY;
  private halfBeganAtMs = 0;
  private heardAtMs = 0;
  private newestMs = Number.NEGATIVE_INFINITY;
  private shownMs = Number.NaN;
  private askedAtMs = 0;

  /** How far behind the earliest possible moment it means to stay. */
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

  /** A message of the capture's moment `captureMs` came at `nowMs`. */
  hear(captureMs: number, nowMs: number): void {
    const transitMs = nowMs - captureMs;
    if (this.least === Number.POSITIVE_INFINITY) this.halfBeganAtMs = this.heardAtMs = nowMs;
    if (nowMs - this.halfBeganAtMs > WINDOW_MS / 2) {
      this.leastBefore = this.least;
      this.least = transitMs;
      this.halfBeganAtMs = nowMs;
    }
    this.least = Math.min(this.least, transitMs);
    const lateMs = Math.min(transitMs - this.earliest, LONGEST_JITTER_MS);
    const faded = this.jitterMs * Math.exp((this.heardAtMs - nowMs) / JITTER_FADE_MS);
    this.jitterMs = Math.max(lateMs, faded);
    this.heardAtMs = nowMs;
    this.measureInterval(captureMs);
  }

  /** The capture's moment to show at `nowMs`; NaN before anything was heard. */
  read(nowMs: number): number {
    const aimMs = nowMs - this.earliest - this.delayMs;
    const elapsedMs = nowMs - this.askedAtMs;
    this.askedAtMs = nowMs;
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
