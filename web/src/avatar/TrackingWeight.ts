/** Hands and faces are lost for a frame or two now and then; the weight does not fall for that. */
const HOLD_MS = 250;
const FADE_IN_MS = 300;
const FADE_OUT_MS = 900;

import { smoothstep } from "./smoothstep";

/** How much a part of the avatar follows the tracking, 0..1: fades in when it is found, out when it is lost for a while. */
export class TrackingWeight {
  private progress = 0;
  private foundAtMs = Number.NEGATIVE_INFINITY;

  /** Eased at both ends (smoothstep), so that nothing starts or stops with a jerk. */
  get weight(): number {
    return smoothstep(this.progress);
  }

  advance(isFound: boolean, nowMs: number, elapsedMs: number): void {
    if (isFound) this.foundAtMs = nowMs;
    const isHeld = nowMs - this.foundAtMs <= HOLD_MS;
    const step = isHeld ? elapsedMs / FADE_IN_MS : -elapsedMs / FADE_OUT_MS;
    this.progress = Math.min(1, Math.max(0, this.progress + step));
  }
}
