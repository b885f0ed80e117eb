import type { FigurePoints } from "./FigurePoints";

/** Time constant: about a second until the view has settled, so that it does not shake with the figure. */
const EASE_MS = 350;

/** The figure's centre and size, smoothed over time, for a camera that keeps it in view. Metres. */
export class FigureBounds {
  x = 0;
  y = 0;
  z = 0;
  radius = 0.8;
  /** Where the ground is drawn. */
  floor = -0.3;
  private followedAtMs = Number.NEGATIVE_INFINITY;
  private readonly low = new Float32Array(3);
  private readonly high = new Float32Array(3);

  /** Pose landmarks below `confidence` do not count. The first figure is in view at once. */
  follow(points: FigurePoints, visibility: Float32Array | null, confidence: number, nowMs: number): void {
    this.low.fill(Number.POSITIVE_INFINITY);
    this.high.fill(Number.NEGATIVE_INFINITY);
    this.include(points.pose, visibility, confidence);
    this.include(points.face, null, 0);
    this.include(points.leftHand, null, 0);
    this.include(points.rightHand, null, 0);
    const { low, high } = this;
    if (low[0] > high[0]) return;
    const [x, y, z] = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
    const isOutOfView = Math.hypot(x - this.x, y - this.y, z - this.z) > this.radius;
    const step = isOutOfView ? 1 : 1 - Math.exp((this.followedAtMs - nowMs) / EASE_MS);
    this.followedAtMs = nowMs;
    const radius = Math.max(0.18, Math.hypot(high[0] - low[0], high[1] - low[1], 0.2) * 0.56);
    this.x += (x - this.x) * step;
    this.y += (y - this.y) * step;
    this.z += (z - this.z) * step;
    this.radius += (radius - this.radius) * step;
    this.floor += (low[1] - 0.04 - this.floor) * step;
  }

  private include(points: Float32Array, visibility: Float32Array | null, confidence: number): void {
    for (let at = 0; at < points.length; at += 1) {
      if (visibility && visibility[(at / 3) | 0] < confidence) continue;
      const axis = at % 3;
      // Comparisons with NaN are false: what is not there changes nothing.
      if (points[at] < this.low[axis]) this.low[axis] = points[at];
      if (points[at] > this.high[axis]) this.high[axis] = points[at];
    }
  }
}
