import type { RigFrame } from "../wire/RigFrame";
import { AvatarPose } from "./AvatarPose";
import { PlayoutClock } from "./PlayoutClock";

/** A quarter of a second at 30 fps: more than the clock ever waits. The oldest goes. */
const CAPACITY = 8;
/** Timestamps this far apart are not of one stream: the publisher or the server began anew. */
const BREAK_MS = 2000;
/** So many messages in a row that come too late mean a stream that began anew close to where the last one was. */
const LATE_LIMIT = 6;
/** For as long as one lost frame the motion goes on as it was; a guess of more than that is seen. */
const EXTRAPOLATE_MS = 40;
/** Frames further apart than this say nothing about the speed between them. */
const SPEED_GAP_MS = 100;
/** Time constants of what fades when the truth arrives: the error of a guess, and the way to another stream's pose. */
const GUESS_FADE_MS = 50;
const BREAK_FADE_MS = 120;
/** After so many time constants nothing is left to be seen. */
const FADED = 6;

interface Kept {
  timeMs: number;
  readonly pose: AvatarPose;
}

/**
 * Turns rigs that come 15 to 60 times a second, late, in bursts, out of order or not at all, into a pose for every frame
 * of the display: what lies between the two rigs around the moment that its clock shows.
 */
export class RigPlayer {
  private readonly clock = new PlayoutClock();
  /** Oldest first, the first `count` of them; the others are free. Reused, never replaced. */
  private readonly kept: Kept[] = Array.from({ length: CAPACITY }, () => ({
    timeMs: 0,
    pose: new AvatarPose(),
  }));
  private count = 0;
  private lastPts = 0;
  private lastMs = 0;
  private lateInARow = 0;
  private readonly target = new AvatarPose();
  private readonly shown = new AvatarPose();
  private hasShown = false;
  private isBroken = false;
  /** The two rigs whose motion is guessed on from; `null` while nothing has to be guessed. */
  private guess: readonly [Kept, Kept] | null = null;
  private readonly guessed: [Kept, Kept] = [this.kept[0], this.kept[1]];
  /** By how much what was shown differs from the truth that came later; it fades. */
  private readonly residue = new AvatarPose();
  private residueSinceMs = Number.NEGATIVE_INFINITY;
  private residueFadeMs = GUESS_FADE_MS;

  /** Show the newest rig at once instead: the least delay, and every step of the tracking is seen. */
  isImmediate = false;

  /** How far behind the newest message the motion is shown, besides the network. */
  get delayMs(): number {
    return this.isImmediate ? 0 : this.clock.delayMs;
  }

  push(rig: RigFrame, nowMs: number): void {
    const timeMs = this.timeOf(rig.pts);
    const isNewer = this.count === 0 || timeMs > this.kept[this.count - 1].timeMs;
    this.lateInARow = isNewer ? 0 : this.lateInARow + 1;
    if (this.lateInARow >= LATE_LIMIT) {
      this.restart();
      this.push(rig, nowMs);
      return;
    }
    this.clock.hear(timeMs, nowMs);
    this.keep(rig, timeMs);
  }

  /** Forget the stream; what is shown stays until another one begins, and joins that smoothly. */
  restart(): void {
    this.clock.reset();
    this.count = 0;
    this.lateInARow = 0;
    this.isBroken = true;
    this.guess = null;
  }

  /** The pose to show now; its owner reads it until the next call. `null` before the first rig. */
  play(nowMs: number): AvatarPose | null {
    const momentMs = this.clock.read(nowMs);
    if (this.count === 0) return this.hasShown ? this.shown : null;
    const guess = this.guess;
    this.aim(momentMs);
    if (this.isBroken && this.hasShown) this.fadeFrom(this.shown, nowMs, BREAK_FADE_MS);
    else if (guess && !this.guess) this.fadeFromGuess(guess, momentMs, nowMs);
    this.isBroken = false;
    const left = this.residueShare(nowMs);
    if (left > 0) this.shown.add(this.target, this.residue, left);
    else this.shown.copy(this.target);
    this.hasShown = true;
    return this.shown;
  }

  /** Go on from what would be shown now had nothing come. */
  private fadeFromGuess([before, last]: readonly [Kept, Kept], momentMs: number, nowMs: number): void {
    this.extrapolate(this.shown, before, last, momentMs);
    const left = this.residueShare(nowMs);
    if (left > 0) this.shown.add(this.shown, this.residue, left);
    this.fadeFrom(this.shown, nowMs, GUESS_FADE_MS);
  }

  private fadeFrom(pose: AvatarPose, nowMs: number, fadeMs: number): void {
    this.residue.subtract(pose, this.target);
    this.residueSinceMs = nowMs;
    this.residueFadeMs = fadeMs;
  }

  private residueShare(nowMs: number): number {
    const age = (nowMs - this.residueSinceMs) / this.residueFadeMs;
    return age < FADED ? Math.exp(-age) : 0;
  }

  /** Milliseconds on the stream's own time, which goes on where the 32 bits of a timestamp wrap. */
  private timeOf(pts: number): number {
    const aheadMs = ((pts - this.lastPts) | 0) / 90;
    if (this.count > 0 && Math.abs(aheadMs) > BREAK_MS) this.restart();
    const timeMs = this.lastMs + aheadMs;
    if (this.count === 0 || aheadMs > 0) {
      this.lastPts = pts;
      this.lastMs = timeMs;
    }
    return timeMs;
  }

  /** Put a copy of the rig where its time is among the others. */
  private keep(rig: RigFrame, timeMs: number): void {
    const { kept } = this;
    let at = this.count;
    while (at > 0 && kept[at - 1].timeMs > timeMs) at -= 1;
    if (at > 0 && kept[at - 1].timeMs === timeMs) return;
    if (this.count === CAPACITY) {
      // Older than all that are kept: it will never be shown.
      if (at === 0) return;
      this.dropFirst();
      at -= 1;
    }
    const free = kept[this.count];
    for (let i = this.count; i > at; i -= 1) kept[i] = kept[i - 1];
    kept[at] = free;
    free.timeMs = timeMs;
    free.pose.copy(rig);
    this.count += 1;
  }

  private dropFirst(): void {
    const { kept } = this;
    const [first] = kept;
    for (let i = 1; i < this.count; i += 1) kept[i - 1] = kept[i];
    this.count -= 1;
    kept[this.count] = first;
  }

  /** Set `target` to the stream's pose at this moment. */
  private aim(momentMs: number): void {
    const { kept } = this;
    this.guess = null;
    if (this.isImmediate) {
      this.target.copy(kept[this.count - 1].pose);
      return;
    }
    // One before the present pair stays: it tells the speed when the next one is missing.
    while (this.count > 2 && kept[2].timeMs <= momentMs) this.dropFirst();
    let next = 0;
    while (next < this.count && kept[next].timeMs <= momentMs) next += 1;
    if (next === 0) this.target.copy(kept[0].pose);
    else if (next < this.count) between(this.target, kept[next - 1], kept[next], momentMs);
    else this.goOn(momentMs);
  }

  /** The newest rig is past: guess. */
  private goOn(momentMs: number): void {
    const last = this.kept[this.count - 1];
    this.guessed[0] = this.count > 1 ? this.kept[this.count - 2] : last;
    this.guessed[1] = last;
    this.guess = this.guessed;
    this.extrapolate(this.target, this.guessed[0], last, momentMs);
  }

  private extrapolate(into: AvatarPose, before: Kept, last: Kept, momentMs: number): void {
    const gapMs = last.timeMs - before.timeMs;
    if (gapMs > 0 && gapMs <= SPEED_GAP_MS)
      between(into, before, last, Math.min(momentMs, last.timeMs + EXTRAPOLATE_MS));
    else into.copy(last.pose);
  }
}

function between(into: AvatarPose, from: Kept, to: Kept, momentMs: number): void {
  into.blend(from.pose, to.pose, (momentMs - from.timeMs) / (to.timeMs - from.timeMs));
}
