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
/** The longest and the shortest that the quickest of recent pictures may take from the camera to its being encoded. */
const [LONGEST_MS, SHORTEST_MS] = [400, -4];
/** Pictures of so long ago say nothing any more: the camera's clock may run a little faster than the page's. */
const RECENT_MS = 15_000;
/** Shares of matches that differ by less are the same. */
const SAME_FIT = 0.15;

/** `timeMs` is the camera's; of a picture that was sent, its RTP timestamp. `atMs`: since 1970. */
interface Timed {
  readonly timeMs: number;
  readonly atMs: number;
}

/** The least of how late pictures come, against their own times: of the last 15 to 30 s. */
class LeastLateness {
  private leastMs = Number.POSITIVE_INFINITY;
  private leastBeforeMs = Number.POSITIVE_INFINITY;
  private sinceMs = Number.NEGATIVE_INFINITY;

  get ms(): number {
    return Math.min(this.leastMs, this.leastBeforeMs);
  }

  add({ timeMs, atMs }: Timed): void {
    if (atMs - this.sinceMs > RECENT_MS) {
      this.sinceMs = atMs;
      this.leastBeforeMs = this.leastMs;
      this.leastMs = Number.POSITIVE_INFINITY;
    }
    this.leastMs = Math.min(this.leastMs, atMs - timeMs);
  }
}

/**
 * Finds which RTP timestamp each of the camera's pictures is sent under, which browsers do not tell.
 *
 * The two times differ by a number that stays the same for as long as the camera does. It is the one with which most of the
 * pictures that were sent have been captured; where several do that, as of a camera whose pictures come evenly, the one
 * with which the quickest of them took the shortest time. Single pictures say little: a busy page sees them late, and a
 * busy encoder, too.
 */
export class SendClock {
  private readonly captured: Timed[] = [];
  private readonly sent: Timed[] = [];
  private capturedLateness = new LeastLateness();
  private sentLateness = new LeastLateness();
  private lastRtp: number | null = null;
  /** RTP timestamp less the camera's time, in milliseconds; `null` while unknown. */
  private offsetMs: number | null = null;
  private untilNext = FIRST_ANSWER;

  /** A picture has come from the camera. `timestamp`: its own, in microseconds; `atMs`: since 1970. */
  addCaptured(timestamp: number, atMs: number): void {
    const picture = { timeMs: timestamp / 1000, atMs };
    this.capturedLateness.add(picture);
    this.captured.push(picture);
    if (this.captured.length > CAPTURED) this.captured.shift();
  }

  addSent({ rtpTimestamp, atMs }: SentFrame): void {
    this.lastRtp = this.unwrapped(rtpTimestamp);
    const picture = { timeMs: this.lastRtp / 90, atMs };
    this.sentLateness.add(picture);
    this.sent.push(picture);
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
    this.capturedLateness = new LeastLateness();
    this.clearSent();
  }

  /** Forget what was sent: another connection has other RTP timestamps. */
  clearSent(): void {
    this.sent.length = 0;
    this.sentLateness = new LeastLateness();
    this.lastRtp = null;
    this.offsetMs = null;
    this.untilNext = FIRST_ANSWER;
  }

  private bestOffset(): number | null {
    const found = this.sent
      .slice(-FIRST_ANSWER)
      .flatMap((sent) => this.captured.map(({ timeMs }) => sent.timeMs - timeMs))
      .filter((offsetMs) => this.mayBe(offsetMs))
      .map((offsetMs) => this.matched(offsetMs));
    const most = Math.max(...found.map(({ fit }) => fit));
    const best = found.filter(({ fit }) => fit >= most - SAME_FIT).map(({ offsetMs }) => offsetMs);
    return most > 0.5 ? Math.min(...best) : null;
  }

  /** Whether the quickest of recent pictures can have taken as long as this offset says. */
  private mayBe(offsetMs: number): boolean {
    const quickestMs = this.sentLateness.ms + offsetMs - this.capturedLateness.ms;
    return quickestMs > SHORTEST_MS && quickestMs < LONGEST_MS;
  }

  /** How many of those that were sent have been captured with this offset, and the offset of the middle one of them. */
  private matched(offsetMs: number): { fit: number; offsetMs: number } {
    const offsets: number[] = [];
    for (const sent of this.sent) {
      const captured = this.nearest(sent.timeMs - offsetMs);
      if (!captured || Math.abs(sent.timeMs - offsetMs - captured.timeMs) > TOLERANCE_MS) continue;
      offsets.push(sent.timeMs - captured.timeMs);
    }
    return { fit: offsets.length / this.sent.length, offsetMs: median(offsets) };
  }

  private nearest(timeMs: number): Timed | null {
    let best: Timed | null = null;
    for (const captured of this.captured)
      if (!best || Math.abs(captured.timeMs - timeMs) < Math.abs(best.timeMs - timeMs)) best = captured;
    return best;
  }

  /** The timestamp beyond its 32 bits, next to the last that was sent. */
  private unwrapped(rtpTimestamp: number): number {
    return this.lastRtp === null ? rtpTimestamp : this.lastRtp + ((rtpTimestamp - this.lastRtp) | 0);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
