/** How many frames a loop drew in the last whole second. */
export class FrameRate {
  fps = 0;
  private counted = 0;
  private sinceMs = 0;

  count(nowMs: number): void {
    this.counted += 1;
    const elapsedMs = nowMs - this.sinceMs;
    if (elapsedMs < 1000) return;
    this.fps = (this.counted * 1000) / elapsedMs;
    this.counted = 0;
    this.sinceMs = nowMs;
  }
}
