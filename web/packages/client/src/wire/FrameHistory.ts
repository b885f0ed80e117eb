import type { TrackedFrame } from "./TrackedFrame";

/** Two seconds of 60 fps: a picture is never shown that late. */
const LIMIT = 120;

/** The last frames by RTP timestamp, to find the landmarks of the picture that is on the screen. The oldest goes first. */
export class FrameHistory {
  private readonly byPts = new Map<number, TrackedFrame>();
  private newest: TrackedFrame | null = null;

  get latest(): TrackedFrame | null {
    return this.newest;
  }

  /** What is kept, oldest first. */
  get frames(): readonly TrackedFrame[] {
    return [...this.byPts.values()];
  }

  add(frame: TrackedFrame): void {
    this.newest = frame;
    this.byPts.set(frame.pts, frame);
    if (this.byPts.size <= LIMIT) return;
    const oldest = this.byPts.keys().next();
    if (!oldest.done) this.byPts.delete(oldest.value);
  }

  /** The frame of this RTP timestamp, modulo 2³². */
  find(rtpTimestamp: number): TrackedFrame | null {
    return this.byPts.get(rtpTimestamp >>> 0) ?? null;
  }

  clear(): void {
    this.byPts.clear();
    this.newest = null;
  }
}
