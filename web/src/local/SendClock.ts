import type { SentPicture } from "./SentPicture";

/** As many of each as are compared. */
const [SENT, CAPTURED] = [64, 128];
/** After so many sent pictures there is an answer, after twice as many it counts as proven. */
const FIRST_ANSWER = 8;
/** Until `SENT` it is looked at again with each picture, then after so many. */
const LOOK_EVERY = 32;
/** Pictures that most recently were sent, which offsets are tried from: of some, the camera's may have been missed. */
const TRIED = 16;
/** RTP timestamps of cameras are the camera's in whole milliseconds, and those are told to 0.1 ms. */
const TOLERANCE_MS = 1.5;
/** The longest that the quickest of recent pictures may take from the camera to its being encoded. */
const LONGEST_MS = 400;
/** Of a picture, the camera's comes first; clocks that are told to 0.1 ms, on threads that wait, may seem to differ. */
const SHORTEST_MS = -2;
/** Shares of matches that differ by less are the same. */
const SAME_FIT = 0.3;

/** `timeMs` is the camera's; of a picture that was sent, its RTP timestamp. `atMs`: when it was seen, since 1970. */
interface Timed {
  readonly timeMs: number;
  readonly atMs: number;
}

interface Sent extends Timed {
  readonly rtpTimestamp: number;
}

/** An offset that may be the one. */
interface Candidate {
  readonly offsetMs: number;
  /** Share of the sent pictures that have been captured, with this offset. */
  readonly fit: number;
  /** The shortest that any of them took from the camera to its being encoded. */
  readonly quickestMs: number;
  /** What they took on average. */
  readonly meanMs: number;
}

/** What a browser tells of a picture that it has encoded. */
export interface EncodedTimes {
  readonly rtpTimestamp: number;
  /** The camera's, in microseconds: of "WebRTC Encoded Transform" (W3C), in Chromium 156 only behind a flag. */
  readonly timestamp?: number;
}

/**
 * Finds which of the camera's pictures each RTP timestamp stands for. Where the browser tells, it is taken from there.
 *
 * Elsewhere the two times differ by a number that stays the same for as long as the camera and the connection do: the one
 * with which most of the pictures that were sent have been captured, each before it was sent. The irregular times of a
 * camera tell it from all others. Those of a camera whose pictures come evenly do not: of the offsets that are left, a
 * picture's time apart, it is then the one with which the pictures took the shortest time, and none, where that is known
 * to be shorter than their encoding alone.
 *
 * All that comes in must have been seen by one thread, so that the order in which it comes is the true one.
 */
export class SendClock {
  private readonly captured: Timed[] = [];
  private readonly sent: Sent[] = [];
  private lastRtp: number | null = null;
  /** RTP timestamp less the camera's time, in milliseconds; `null` while unknown. */
  private offsetMs: number | null = null;
  /** Once, no other could be it. */
  private isProven = false;
  private untilNext = FIRST_ANSWER;
  /** How long a picture's encoding takes on average, as the browser counts it; `null` while unknown. */
  encodeMs: number | null = null;

  /** A picture has come from the camera. `timestamp`: its own, in microseconds; `atMs`: since 1970. */
  addCaptured(timestamp: number, atMs: number): void {
    this.captured.push({ timeMs: timestamp / 1000, atMs });
    if (this.captured.length > CAPTURED) this.captured.shift();
  }

  /** A picture was encoded; returns those sent pictures, of this one and before, of which it is known only now. */
  addSent({ rtpTimestamp, timestamp }: EncodedTimes, atMs: number): SentPicture[] {
    if (timestamp !== undefined) return this.pairs([{ rtpTimestamp, timeMs: timestamp / 1000, atMs }], 0);
    this.lastRtp = this.unwrapped(rtpTimestamp);
    this.sent.push({ rtpTimestamp, timeMs: this.lastRtp / 90, atMs });
    if (this.sent.length > SENT) this.sent.shift();
    const before = this.offsetMs;
    this.untilNext -= 1;
    if (this.untilNext <= 0) {
      this.untilNext = this.sent.length < SENT ? 1 : LOOK_EVERY;
      this.look();
    }
    if (this.offsetMs === null) return [];
    return this.pairs(before === null ? this.sent : this.sent.slice(-1), this.offsetMs);
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
    this.isProven = false;
    this.untilNext = FIRST_ANSWER;
  }

  private look(): void {
    const all = this.offsets().map((offsetMs) => this.candidate(offsetMs));
    const possible = all.filter(({ quickestMs }) => quickestMs > SHORTEST_MS && quickestMs < LONGEST_MS);
    const most = Math.max(...possible.map(({ fit }) => fit));
    // Too few of what was captured was seen: this says nothing, neither for what is known nor against it.
    if (!(most > 0.5)) return;
    const likely = possible
      .filter(({ fit }) => fit >= most - SAME_FIT)
      .sort((one, other) => one.quickestMs - other.quickestMs);
    // What is known stays while it can be: that it takes no shorter time was seen before. Of canvases it moves a little.
    const known = this.offsetMs;
    const same = known === null ? undefined : likely.find(({ offsetMs }) => isNear(offsetMs, known));
    const best = same ?? likely[0];
    // With a greater offset it is an earlier picture of the camera's, and took longer.
    const rival = likely.find(({ offsetMs }) => offsetMs > best.offsetMs + 2 * TOLERANCE_MS);
    const isAlone = !rival || (this.encodeMs !== null && best.meanMs > this.encodeMs);
    this.isProven =
      (same !== undefined && this.isProven) || (isAlone && this.sent.length >= 2 * FIRST_ANSWER);
    this.offsetMs = this.isProven || isAlone || this.encodeMs === null ? best.offsetMs : null;
  }

  /** Those with which one of the last pictures that were sent has been captured shortly before. */
  private offsets(): number[] {
    const offsets = this.sent
      .slice(-TRIED)
      .flatMap((sent) =>
        this.captured
          .filter(({ atMs }) => atMs < sent.atMs - SHORTEST_MS && atMs > sent.atMs - LONGEST_MS)
          .map(({ timeMs }) => sent.timeMs - timeMs),
      );
    const sorted = offsets.sort((one, other) => one - other);
    return sorted.filter((offsetMs, at) => at === 0 || !isNear(offsetMs, sorted[at - 1]));
  }

  private candidate(offsetMs: number): Candidate {
    const matches = this.sent.flatMap((sent) => {
      const captured = this.nearest(sent.timeMs - offsetMs);
      return captured ? [{ offsetMs: sent.timeMs - captured.timeMs, tookMs: sent.atMs - captured.atMs }] : [];
    });
    return {
      offsetMs: median(matches.map((match) => match.offsetMs)),
      fit: matches.length / this.sent.length,
      quickestMs: Math.min(...matches.map(({ tookMs }) => tookMs)),
      meanMs: matches.reduce((sum, { tookMs }) => sum + tookMs, 0) / matches.length,
    };
  }

  private pairs(sent: readonly Sent[], offsetMs: number): SentPicture[] {
    return sent.flatMap(({ rtpTimestamp, timeMs }) => {
      const captured = this.nearest(timeMs - offsetMs);
      return captured
        ? [{ rtpTimestamp, timestamp: Math.round(captured.timeMs * 1000), capturedAtMs: captured.atMs }]
        : [];
    });
  }

  /** The captured picture of this time; `null` where it was not seen. */
  private nearest(timeMs: number): Timed | null {
    let [from, to] = [0, this.captured.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.captured[middle].timeMs < timeMs) from = middle + 1;
      else to = middle;
    }
    const [after, before] = [this.captured[from], this.captured[from - 1]];
    const best = before && timeMs - before.timeMs < after.timeMs - timeMs ? before : after;
    return best && isNear(best.timeMs, timeMs) ? best : null;
  }

  /** The timestamp beyond its 32 bits, next to the last that was sent. */
  private unwrapped(rtpTimestamp: number): number {
    return this.lastRtp === null ? rtpTimestamp : this.lastRtp + ((rtpTimestamp - this.lastRtp) | 0);
  }
}

function isNear(oneMs: number, otherMs: number): boolean {
  return Math.abs(oneMs - otherMs) <= TOLERANCE_MS;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
