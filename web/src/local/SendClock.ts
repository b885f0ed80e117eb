import type { SentFrame } from "./SentFrame";

/** As many of each as are compared. */
const SENT = 32;
const CAPTURED = 128;
/** After so many sent pictures there is an answer; until `SENT` it is looked at again with each. */
const FIRST_ANSWER = 4;
/** Browsers cut RTP timestamps to whole milliseconds of the camera's; those of real cameras move a little besides. */
const TOLERANCE_MS = 2;
/** How far a picture's times may be apart for it to be the one: below half the interval of 60 fps. */
const NEAR_MS = 7;
/** The longest that encoding may take, and how much later than encoded a picture may come to the page. */
const [LONGEST_MS, EARLIEST_MS] = [400, -4];
/** Shares of matches that differ by less are the same. */
const SAME_FIT = 0.15;

interface Captured {
  /** The camera's, in milliseconds. */
  readonly timeMs: number;
  readonly atMs: number;
}

/**
 * Finds which RTP timestamp each of the camera's pictures is sent under, which browsers do not tell.
 *
 * The two times differ by a number that stays the same for as long as the camera does. It is the one with which most of the
 * pictures that were sent have been captured; where several do that, as of a camera whose pictures come evenly, the one
 * with which they were captured shortest before they were encoded.
 */
export class SendClock {
  private readonly captured: Captured[] = [];
  private readonly sent: Captured[] = [];
  private lastRtp: number | null = null;
  /** RTP timestamp less the camera's time, in milliseconds; `null` while unknown. */
  private offsetMs: number | null = null;
  private untilNext = FIRST_ANSWER;

  /** A picture has come from the camera. `timestamp`: its own, in microseconds; `atMs`: since 1970. */
  addCaptured(timestamp: number, atMs: number): void {
    this.captured.push({ timeMs: timestamp / 1000, atMs });
    if (this.captured.length > CAPTURED) this.captured.shift();
  }

  addSent({ rtpTimestamp, atMs }: SentFrame): void {
    this.lastRtp = this.unwrapped(rtpTimestamp);
    this.sent.push({ timeMs: this.lastRtp / 90, atMs });
    if (this.sent.length > SENT) this.sent.shift();
    this.untilNext -= 1;
    if (this.untilNext > 0) return;
    this.untilNext = this.sent.length < SENT ? 1 : SENT;
    this.offsetMs = this.bestOffset() ?? this.offsetMs;
  }

  /** The camera's timestamp, in microseconds, of the picture that was sent under an RTP timestamp; `null`: unknown. */
  find(rtpTimestamp: number): number | null {
    if (this.offsetMs === null) return null;
    const timeMs = this.unwrapped(rtpTimestamp) / 90 - this.offsetMs;
    const nearest = this.nearest(timeMs);
    return nearest && Math.abs(nearest.timeMs - timeMs) < NEAR_MS ? Math.round(nearest.timeMs * 1000) : null;
  }

  /** When the picture that was sent under an RTP timestamp came to the page, since 1970; `null`: unknown. */
  capturedAtMs(rtpTimestamp: number): number | null {
    const timestamp = this.find(rtpTimestamp);
    return timestamp === null ? null : (this.nearest(timestamp / 1000)?.atMs ?? null);
  }

  clear(): void {
    this.captured.length = 0;
    this.clearSent();
  }

  /** Forget what was sent: another connection has other RTP timestamps. */
  clearSent(): void {
    this.sent.length = 0;
    this.lastRtp = null;
    this.offsetMs = null;
    this.untilNext = FIRST_ANSWER;
  }

  private bestOffset(): number | null {
    const found = this.sent
      .slice(-FIRST_ANSWER)
      .flatMap((sent) =>
        this.captured.filter(({ atMs }) => mayBe(sent.atMs - atMs)).map(({ timeMs }) => sent.timeMs - timeMs),
      )
      .map((offsetMs) => this.matched(offsetMs))
      .filter(({ delayMs }) => mayBe(delayMs));
    const most = Math.max(...found.map(({ fit }) => fit));
    const [best] = found
      .filter(({ fit }) => fit >= most - SAME_FIT)
      .sort((one, other) => one.delayMs - other.delayMs);
    return best && best.fit > 0.5 ? best.offsetMs : null;
  }

  /** How many of those that were sent have been captured with this offset, and how long before they were encoded. */
  private matched(offsetMs: number): { fit: number; delayMs: number; offsetMs: number } {
    const delays: number[] = [];
    const offsets: number[] = [];
    for (const sent of this.sent) {
      const captured = this.nearest(sent.timeMs - offsetMs);
      if (!captured || Math.abs(sent.timeMs - offsetMs - captured.timeMs) > TOLERANCE_MS) continue;
      delays.push(sent.atMs - captured.atMs);
      offsets.push(sent.timeMs - captured.timeMs);
    }
    return { fit: delays.length / this.sent.length, delayMs: median(delays), offsetMs: median(offsets) };
  }

  private nearest(timeMs: number): Captured | null {
    let best: Captured | null = null;
    for (const captured of this.captured)
      if (!best || Math.abs(captured.timeMs - timeMs) < Math.abs(best.timeMs - timeMs)) best = captured;
    return best;
  }

  /** The timestamp beyond its 32 bits, next to the last that was sent. */
  private unwrapped(rtpTimestamp: number): number {
    return this.lastRtp === null ? rtpTimestamp : this.lastRtp + ((rtpTimestamp - this.lastRtp) | 0);
  }
}

/** Whether a picture may have come so long before it was encoded. */
function mayBe(delayMs: number): boolean {
  return delayMs > EARLIEST_MS && delayMs < LONGEST_MS;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
