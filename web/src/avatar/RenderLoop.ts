import { FrameRate } from "./FrameRate";

/** After a longer pause a spring bone would swing through the body. */
const LONGEST_STEP_S = 1 / 15;

/** Draws in each frame of the display, until it is stopped. */
export class RenderLoop {
  readonly frameRate = new FrameRate();
  /** Whether it draws nothing, at no cost: for while nobody sees it. */
  isPaused = false;
  /** When the newest frame was drawn, as `performance.now()` counts. */
  drawnAtMs = 0;
  private request = requestAnimationFrame(() => this.next());

  constructor(private readonly draw: (nowMs: number, elapsedS: number) => void) {}

  stop(): void {
    cancelAnimationFrame(this.request);
  }

  private next(): void {
    this.request = requestAnimationFrame(() => this.next());
    if (this.isPaused) return;
    const nowMs = performance.now();
    const elapsedS = Math.min((nowMs - this.drawnAtMs) / 1000, LONGEST_STEP_S);
    this.drawnAtMs = nowMs;
    this.frameRate.count(nowMs);
    this.draw(nowMs, elapsedS);
  }
}
