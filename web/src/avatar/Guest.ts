import type { RigFrame } from "mocast-client";
import type { Avatar } from "./Avatar";
import { AvatarMotion } from "./AvatarMotion";

/** The server tells of somebody who was lost for two seconds; without a word for so long, they have left. */
const GONE_MS = 3000;

/** Somebody on the stage beside the first one: an avatar of their own, moved by rigs of their own. */
export class Guest {
  readonly motion = new AvatarMotion();
  /** `null` while it is loaded. */
  avatar: Avatar | null = null;
  private pushedAtMs = Number.NaN;

  /** `stays`: whether they are there, idle, also while no rig comes. */
  constructor(private readonly stays: boolean) {}

  push(rig: RigFrame, nowMs: number): void {
    this.pushedAtMs = nowMs;
    this.motion.push(rig, nowMs);
  }

  /** Whether they have left the stage. */
  isGone(nowMs: number): boolean {
    return !this.stays && nowMs - this.pushedAtMs > GONE_MS;
  }

  move(nowMs: number, elapsedS: number, isMirrored: boolean): void {
    const pose = this.motion.advance(nowMs, isMirrored);
    this.avatar?.apply(pose);
    this.avatar?.update(elapsedS);
  }
}
