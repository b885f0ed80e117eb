import type { RigFrame } from "mocast-client";
import { AvatarPose } from "./AvatarPose";
import { PlayoutClock } from "./PlayoutClock";

/** Samples: a quarter of a second at 30 fps, more than the clock ever waits. The oldest is dropped. */
const CAPACITY = 8;
/** Timestamps this far apart are not of one stream: the publisher or the server restarted. */
const DISCONTINUITY_MS = 2000;
/** So many late messages in a row mean a restarted stream whose timestamps begin close to the last one's. */
const LATE_LIMIT = 6;
/** The length of one lost frame: extrapolating further is visible. */
const EXTRAPOLATE_MS = 40;
/** No speed is taken from frames further apart than this. */
const SPEED_GAP_MS = 100;
/** Time constants of the correction that fades out after an extrapolation, and after a change of stream. */
const EXTRAPOLATION_FADE_MS = 50;
const DISCONTINUITY_FADE_MS = 120;
/** After so many time constants the correction is invisible. */
const FADED = 6;

interface Sample {
  timeMs: number;
  readonly pose: AvatarPose;
}

/**
 * A jitter buffer for rigs that come 15 to 60 times a second, late, in bursts, out of order or not at all. For every frame
 * of the display it interpolates between the two rigs around the playout clock's time.
 */
export class RigPlayer {
  private readonly clock = new PlayoutClock();
  /** The first `count` are in use, oldest first; the others are free. Objects are reused, none is allocated. */
  private readonly samples: Sample[] = Array.from({ length: CAPACITY }, () => ({
    timeMs: 0,
    pose: new AvatarPose(),
  }));
  private count = 0;
  /** The time of the stream that was shown last. */
  private shownMs = Number.NaN;
  private lastPts = 0;
  private lastMs = 0;
  private lateInARow = 0;
  private readonly target = new AvatarPose();
  private readonly shown = new AvatarPose();
  private hasShown = false;
  private isDiscontinuous = false;
  /** The two rigs that are extrapolated from; `null` while there is a rig to interpolate to. */
  private extrapolated: readonly [Sample, Sample] | null = null;
  private readonly lastTwo: [Sample, Sample] = [this.samples[0], this.samples[1]];
  /** What was shown minus what it should have been; added to the pose while it fades out. */
  private readonly correction = new AvatarPose();
  private correctedAtMs = Number.NEGATIVE_INFINITY;
  private correctionFadeMs = EXTRAPOLATION_FADE_MS;

  /** Show the newest rig at once, without interpolation: the least delay, but every step of the tracking is visible. */
  isImmediate = false;

  /** The delay that the buffer adds. */
  get delayMs(): number {
    return this.isImmediate ? 0 : this.clock.delayMs;
  }

  /** How far what was shown last lies behind the newest rig, on the stream's own time; `null` before there is both. */
  get lagMs(): number | null {
    if (this.count === 0 || !Number.isFinite(this.shownMs)) return null;
    return this.samples[this.count - 1].timeMs - this.shownMs;
  }

  push(rig: RigFrame, nowMs: number): void {
    const timeMs = this.timeOf(rig.pts);
    const isNewer = this.count === 0 || timeMs > this.samples[this.count - 1].timeMs;
    this.lateInARow = isNewer ? 0 : this.lateInARow + 1;
    if (this.lateInARow >= LATE_LIMIT) {
      this.restart();
      this.push(rig, nowMs);
      return;
    }
    this.clock.onMessage(timeMs, nowMs);
    this.insert(rig, timeMs);
  }

  /** Drop the stream's samples; the pose that is shown fades into the next stream's first one. */
  restart(): void {
    this.clock.reset();
    this.shownMs = Number.NaN;
    this.count = 0;
    this.lateInARow = 0;
    this.isDiscontinuous = true;
    this.extrapolated = null;
  }

  /** The pose to show now; its owner reads it until the next call. `null` before the first rig. */
  play(nowMs: number): AvatarPose | null {
    const momentMs = this.clock.read(nowMs);
    if (this.count === 0) return this.hasShown ? this.shown : null;
    const before = this.extrapolated;
    this.shownMs = this.isImmediate ? this.samples[this.count - 1].timeMs : momentMs;
    this.sample(momentMs);
    if (this.isDiscontinuous && this.hasShown) this.fadeFrom(this.shown, nowMs, DISCONTINUITY_FADE_MS);
    else if (before && !this.extrapolated) this.fadeFromExtrapolation(before, momentMs, nowMs);
    this.isDiscontinuous = false;
    const share = this.correctionShare(nowMs);
    if (share > 0) this.shown.add(this.target, this.correction, share);
    else this.shown.copy(this.target);
    this.hasShown = true;
    return this.shown;
  }

  /** Fade from what would be shown now had no rig come. */
  private fadeFromExtrapolation(
    [before, last]: readonly [Sample, Sample],
    momentMs: number,
    nowMs: number,
  ): void {
    this.extrapolate(this.shown, before, last, momentMs);
    const share = this.correctionShare(nowMs);
    if (share > 0) this.shown.add(this.shown, this.correction, share);
    this.fadeFrom(this.shown, nowMs, EXTRAPOLATION_FADE_MS);
  }

  private fadeFrom(pose: AvatarPose, nowMs: number, fadeMs: number): void {
    this.correction.subtract(pose, this.target);
    this.correctedAtMs = nowMs;
    this.correctionFadeMs = fadeMs;
  }

  private correctionShare(nowMs: number): number {
    const age = (nowMs - this.correctedAtMs) / this.correctionFadeMs;
    return age < FADED ? Math.exp(-age) : 0;
  }

  /** The timestamp as milliseconds of the stream, unwrapped beyond its 32 bits. */
  private timeOf(pts: number): number {
    const aheadMs = ((pts - this.lastPts) | 0) / 90;
    if (this.count > 0 && Math.abs(aheadMs) > DISCONTINUITY_MS) this.restart();
    const timeMs = this.lastMs + aheadMs;
    if (this.count === 0 || aheadMs > 0) {
      this.lastPts = pts;
      this.lastMs = timeMs;
    }
    return timeMs;
  }

  /** Insert a copy of the rig by its time. */
  private insert(rig: RigFrame, timeMs: number): void {
    const { samples } = this;
    let at = this.count;
    while (at > 0 && samples[at - 1].timeMs > timeMs) at -= 1;
    if (at > 0 && samples[at - 1].timeMs === timeMs) return;
    if (this.count === CAPACITY) {
      // Older than all others: it will never be shown.
      if (at === 0) return;
      this.dropFirst();
      at -= 1;
    }
    const free = samples[this.count];
    for (let i = this.count; i > at; i -= 1) samples[i] = samples[i - 1];
    samples[at] = free;
    free.timeMs = timeMs;
    free.pose.copy(rig);
    this.count += 1;
  }

  private dropFirst(): void {
    const { samples } = this;
    const [first] = samples;
    for (let i = 1; i < this.count; i += 1) samples[i - 1] = samples[i];
    this.count -= 1;
    samples[this.count] = first;
  }

  /** Set `target` to the stream's pose at this moment. */
  private sample(momentMs: number): void {
    const { samples } = this;
    this.extrapolated = null;
    if (this.isImmediate) {
      this.target.copy(samples[this.count - 1].pose);
      return;
    }
    // One before the present pair stays: the speed is taken from it when the next one is missing.
    while (this.count > 2 && samples[2].timeMs <= momentMs) this.dropFirst();
    let next = 0;
    while (next < this.count && samples[next].timeMs <= momentMs) next += 1;
    if (next === 0) this.target.copy(samples[0].pose);
    else if (next < this.count) between(this.target, samples[next - 1], samples[next], momentMs);
    else this.extrapolateLast(momentMs);
  }

  /** Set `target` beyond the newest rig. */
  private extrapolateLast(momentMs: number): void {
    const last = this.samples[this.count - 1];
    this.lastTwo[0] = this.count > 1 ? this.samples[this.count - 2] : last;
    this.lastTwo[1] = last;
    this.extrapolated = this.lastTwo;
    this.extrapolate(this.target, this.lastTwo[0], last, momentMs);
  }

  private extrapolate(into: AvatarPose, before: Sample, last: Sample, momentMs: number): void {
    const gapMs = last.timeMs - before.timeMs;
    if (gapMs > 0 && gapMs <= SPEED_GAP_MS)
      between(into, before, last, Math.min(momentMs, last.timeMs + EXTRAPOLATE_MS));
    else into.copy(last.pose);
  }
}

function between(into: AvatarPose, from: Sample, to: Sample, momentMs: number): void {
  into.blend(from.pose, to.pose, (momentMs - from.timeMs) / (to.timeMs - from.timeMs));
}
