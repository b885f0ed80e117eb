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
/** After a guess or a break the shown pose joins the true one within about three of these. */
const JOIN_MS = 30;

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
  private isGuess = false;
  private isBroken = false;
  private joinUntilMs = Number.NEGATIVE_INFINITY;
  private playedAtMs = 0;

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
  }

  /** The pose to show now; its owner reads it until the next call. `null` before the first rig. */
  play(nowMs: number): AvatarPose | null {
    const elapsedMs = Math.max(0, nowMs - this.playedAtMs);
    this.playedAtMs = nowMs;
    const momentMs = this.clock.read(nowMs);
    if (this.count === 0) return this.hasShown ? this.shown : null;
    const wasGuess = this.isGuess;
    this.aim(momentMs);
    if (this.isBroken || (wasGuess && !this.isGuess)) this.joinUntilMs = nowMs + JOIN_MS * 4;
    this.isBroken = false;
    const share = nowMs < this.joinUntilMs && this.hasShown ? 1 - Math.exp(-elapsedMs / JOIN_MS) : 1;
    if (share < 1) this.shown.blend(this.shown, this.target, share);
    else this.shown.copy(this.target);
    this.hasShown = true;
    return this.shown;
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
    if (this.isImmediate) {
      this.target.copy(kept[this.count - 1].pose);
      this.isGuess = false;
      return;
    }
    // One before the present pair stays: it tells the speed when the next one is missing.
    while (this.count > 2 && kept[1].timeMs <= momentMs && kept[2].timeMs <= momentMs) this.dropFirst();
    let next = 0;
    while (next < this.count && kept[next].timeMs <= momentMs) next += 1;
    if (next === 0) this.target.copy(kept[0].pose);
    else if (next < this.count) this.between(kept[next - 1], kept[next], momentMs);
    else this.beyond(momentMs);
    this.isGuess = next === this.count;
  }

  private between(from: Kept, to: Kept, momentMs: number): void {
    this.target.blend(from.pose, to.pose, (momentMs - from.timeMs) / (to.timeMs - from.timeMs));
  }

  private beyond(momentMs: number): void {
    const last = this.kept[this.count - 1];
    const before = this.count > 1 ? this.kept[this.count - 2] : null;
    if (!before || last.timeMs - before.timeMs > SPEED_GAP_MS) {
      this.target.copy(last.pose);
      return;
    }
    this.between(before, last, Math.min(momentMs, last.timeMs + EXTRAPOLATE_MS));
  }
}
